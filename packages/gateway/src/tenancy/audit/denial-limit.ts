/** How many refused accesses are recorded: enough to see an attack, not so many that the attack fills the disk. */
export interface DenialLimit {
  /** Whether this one is recorded; and how many were not since the last that was. */
  admit(): { readonly kept: boolean; readonly leftOut: number };
}

const WINDOW_MS = 60_000;
const KEPT_MAX = 60;

export function createDenialLimit(clock: () => number): DenialLimit {
  let windowFrom = Number.NEGATIVE_INFINITY;
  let kept = 0;
  let leftOut = 0;

  return {
    admit() {
      const now = clock();
      if (now - windowFrom >= WINDOW_MS) {
        windowFrom = now;
        kept = 0;
      }
      if (kept >= KEPT_MAX) {
        leftOut += 1;
        return { kept: false, leftOut };
      }
      kept += 1;
      const before = leftOut;
      leftOut = 0;
      return { kept: true, leftOut: before };
    },
  };
}
