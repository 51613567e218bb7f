/** Several observers as one. One that throws, against its contract, is not asked again and harms neither the call nor the others. */
import type { GatewayObserver } from "./observer.ts";

export function combineObservers(observers: readonly GatewayObserver[]): Required<GatewayObserver> {
  const silenced = new Set<GatewayObserver>();

  /** Tells those that listen to one kind of event, found once. */
  function teller<Told extends unknown[]>(
    methodOf: (observer: GatewayObserver) => ((...told: Told) => void) | undefined,
  ): (...told: Told) => void {
    const listening = observers.filter((observer) => methodOf(observer) !== undefined);
    return (...told) => {
      for (const observer of listening) {
        if (silenced.has(observer)) continue;
        try {
          methodOf(observer)?.apply(observer, told);
        } catch {
          silenced.add(observer);
        }
      }
    };
  }

  return {
    callOpened: teller((observer) => observer.callOpened),
    attemptStarted: teller((observer) => observer.attemptStarted),
    attemptEnded: teller((observer) => observer.attemptEnded),
    callClosed: teller((observer) => observer.callClosed),
    requestFailed: teller((observer) => observer.requestFailed),
    noticed: teller((observer) => observer.noticed),
  };
}
