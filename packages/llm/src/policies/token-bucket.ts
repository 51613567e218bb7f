/**
 * So much per minute, with a minute's worth to begin with. What is taken comes back evenly. The level may fall below
 * nothing, when more was used than was reserved: then all wait until that is made good.
 */
export interface TokenBucket {
  /** How long until `amount` is there, after `ahead` that others have been promised. Milliseconds; 0 is now. */
  waitMs(amount: number, ahead?: number): number;
  take(amount: number): void;
  /** Puts back what was not used. */
  give(amount: number): void;
}

const MINUTE_MS = 60_000;
/** Less than this is a rounding error, not a wait. Milliseconds. */
const ROUNDING_MS = 1e-3;

/** `perMinute` of `Infinity` is no limit. An amount larger than a minute's worth is let through when the bucket is full. */
export function createTokenBucket(perMinute: number, now: () => number): TokenBucket {
  if (perMinute === Number.POSITIVE_INFINITY) return { waitMs: () => 0, take: () => undefined, give: () => undefined };
  const perMs = perMinute / MINUTE_MS;
  let level = perMinute;
  let filledAt = now();

  function fill(): void {
    const at = now();
    level = Math.min(perMinute, level + (at - filledAt) * perMs);
    filledAt = at;
  }

  return {
    waitMs(amount, ahead = 0) {
      fill();
      const waitMs = (ahead + Math.min(amount, perMinute) - level) / perMs;
      return waitMs <= ROUNDING_MS ? 0 : waitMs;
    },
    take(amount) {
      fill();
      level -= amount;
    },
    give(amount) {
      fill();
      level = Math.min(perMinute, level + amount);
    },
  };
}
