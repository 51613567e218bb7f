/**
 * Counts how many requests of one key are under way at once: from the moment that a place is taken until the answer is complete or the
 * client is gone.
 */
import type { Socket } from "node:net";

export interface CallsPerKey {
  /** Whether there was a place; it is given back when the response or its connection is closed. */
  take(key: string, callsMax: number, socket: Socket, response: Closing): boolean;
}

interface Closing {
  once(event: "close", listener: () => void): unknown;
}

export function createCallsPerKey(): CallsPerKey {
  const running = new Map<string, number>();
  const endings = createEndings();

  return {
    take(key, callsMax, socket, response) {
      const count = running.get(key) ?? 0;
      if (count >= callsMax) return false;
      running.set(key, count + 1);
      endings.once(socket, response, () => {
        const left = (running.get(key) ?? 1) - 1;
        if (left > 0) running.set(key, left);
        else running.delete(key);
      });
      return true;
    },
  };
}

/** A response that waits behind another on its connection is never told that the connection broke; so the connection is asked, too. */
function createEndings() {
  const bySocket = new WeakMap<Socket, Set<() => void>>();

  function endingsOf(socket: Socket): Set<() => void> {
    const known = bySocket.get(socket);
    if (known !== undefined) return known;
    const endings = new Set<() => void>();
    bySocket.set(socket, endings);
    socket.once("close", () => {
      for (const end of endings) end();
    });
    return endings;
  }

  return {
    once(socket: Socket, response: Closing, listener: () => void): void {
      const endings = endingsOf(socket);
      function end(): void {
        if (endings.delete(end)) listener();
      }
      endings.add(end);
      response.once("close", end);
    },
  };
}
