/**
 * Times in buckets that are two per cent wide, so that percentiles of millions of calls are counts of a few hundred buckets. What comes out
 * differs from the real figure by one per cent at most.
 */

const WIDTH = Math.log(1.02);
/** Anything shorter falls into the lowest bucket. */
const SHORTEST_MS = 0.01;
const HALF = 0.5;

export function durationBucket(ms: number): number {
  return Math.floor(Math.log(Math.max(SHORTEST_MS, ms)) / WIDTH);
}

/** The middle of a bucket, to four digits. */
export function bucketMs(bucket: number): number {
  return Number(Math.exp((bucket + HALF) * WIDTH).toPrecision(4));
}

/** The nearest rank. Counts by bucket, the shortest first; undefined where there are none. */
export function percentileOf(
  buckets: readonly { readonly bucket: number; readonly count: number }[],
  share: number,
): number | undefined {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let left = Math.ceil(total * share);
  for (const { bucket, count } of buckets) {
    left -= count;
    if (left <= 0) return bucketMs(bucket);
  }
  return undefined;
}
