/** Deeper than a server lets a client's body be; such a request never reaches a dialect. */
export const REQUEST_DEPTH_MAX = 128;

/** Whether arrays and objects stand within each other more than so many times. Bounded by the limit, not by the value. */
export function isDeeperThan(value: unknown, depthMax: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depthMax === 0) return true;
  return Object.values(value).some((item) => isDeeperThan(item, depthMax - 1));
}
