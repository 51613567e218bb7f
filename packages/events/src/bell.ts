/** Wakes what waits for news. Who has counted the rings before it looked misses none that comes while it looks. */
export interface Bell {
  /** How often it has rung. */
  readonly rings: number;
  ring(): void;
  /** Resolves when it has rung more often than `rings`, after the time, or when the signal is aborted. */
  wait(rings: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  return {
    get rings() {
      return rings;
    },
    ring() {
      rings += 1;
      for (const wake of waiting) wake();
    },
    wait(seen, timeoutMs, signal) {
      if (rings > seen || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(wake, timeoutMs);
        function wake(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          waiting.delete(wake);
          resolve();
        }
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    },
  };
}
