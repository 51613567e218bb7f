/** Places where whoever comes waits until a schedule lets one go on. */
export interface Gates {
  readonly waiting: number;
  /** Resolves with true when it is let through, with false when the signal ends the wait. */
  pass(signal: AbortSignal | undefined): Promise<boolean>;
  /** Lets one go on, chosen by a number of any size, of those who wait. */
  open(which: number): void;
}

export function createGates(): Gates {
  const waiting: (() => void)[] = [];
  return {
    get waiting() {
      return waiting.length;
    },
    pass(signal) {
      if (signal?.aborted === true) return Promise.resolve(false);
      return new Promise((resolve) => {
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(go), 1);
          resolve(false);
        };
        const go = (): void => {
          signal?.removeEventListener("abort", onAbort);
          resolve(true);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        waiting.push(go);
      });
    },
    open(which) {
      const [go] = waiting.splice(which % Math.max(1, waiting.length), 1);
      go?.();
    },
  };
}
