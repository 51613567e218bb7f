/** Deeper than any answer; what a stack holds of `JSON.stringify` is some thousands. */
const DEPTH_MAX = 500;

/** Whether a value that came from JSON nests beyond what is safe to write out again. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    level = level.flatMap(childrenOf);
    if (level.length === 0) return false;
  }
  return true;
}

function childrenOf(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value).filter(isContainer) : [];
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Text that short cannot nest that deep, so that the pieces of a stream need no look. */
export function mayBeTooDeep(json: string): boolean {
  return json.length > DEPTH_MAX;
}
