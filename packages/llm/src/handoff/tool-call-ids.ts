import type { DialectConstraints } from "../dialect.ts";

/** Maps an id that the target refuses to one that it takes, the same for the call and its result. */
export function createIdMapping(rule: DialectConstraints["toolCallId"]): (id: string) => string {
  return (id) => (id.length > 0 && id.length <= rule.lengthMax && rule.pattern.test(id) ? id : mappedId(id, rule.lengthMax));
}

/** Two rounds of FNV-1a give 64 bits, written in letters and digits so that the narrowest rule (nine of them) is met. */
function mappedId(id: string, lengthMax: number): string {
  const digits = (fnv1a(id, 0x811c9dc5).toString(36) + fnv1a(id, 0x01000193).toString(36)).padStart(14, "0");
  return `c${digits}`.slice(0, Math.min(lengthMax, 15));
}

function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
