/** Several observers as one. One that throws, against its contract, is not asked again and harms neither the call nor the others. */
import type { GatewayObserver } from "./observer.ts";

export function combineObservers(observers: readonly GatewayObserver[]): Required<GatewayObserver> {
  const listening = new Set(observers);

  function tell(one: (observer: GatewayObserver) => void): void {
    for (const observer of listening) {
      try {
        one(observer);
      } catch {
        listening.delete(observer);
      }
    }
  }

  return {
    callOpened: (call) => tell((observer) => observer.callOpened?.(call)),
    attemptStarted: (call, attempt) => tell((observer) => observer.attemptStarted?.(call, attempt)),
    attemptEnded: (call, attempt) => tell((observer) => observer.attemptEnded?.(call, attempt)),
    callClosed: (record) => tell((observer) => observer.callClosed?.(record)),
    noticed: (notice) => tell((observer) => observer.noticed?.(notice)),
  };
}
