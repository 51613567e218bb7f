/** One rate at which a server was asked, and how it answered. */
export interface Rung {
  readonly ratePerSecond: number;
  readonly p99Ms: number;
}

/** The greatest rate that was tried at which p99 kept the bound; undefined when none did. */
export function rateWithin(rungs: readonly Rung[], boundMs: number): number | undefined {
  const kept = rungs.filter(({ p99Ms }) => p99Ms <= boundMs).map(({ ratePerSecond }) => ratePerSecond);
  return kept.length === 0 ? undefined : Math.max(...kept);
}
