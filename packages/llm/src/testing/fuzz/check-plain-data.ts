/** Whether values are what they look like: plain objects that nobody gave another prototype, under an untouched `Object`. */
import { DragomanError } from "../../errors.ts";

const PROTOTYPES: readonly object[] = [Object.prototype, Array.prototype, String.prototype, Function.prototype];

/** Counted once, when this file is loaded. */
const KNOWN_NAMES = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length);

/** Says so when something was written onto a shared prototype. */
export function checkPrototypes(): string | undefined {
  const polluted = PROTOTYPES.findIndex((prototype, index) => Reflect.ownKeys(prototype).length !== KNOWN_NAMES[index]);
  return polluted < 0 ? undefined : `${PROTOTYPES[polluted]?.constructor.name}.prototype was changed`;
}

/** The place of an object within the value whose prototype came from the input. */
export function findForeignPrototype(value: unknown): string | undefined {
  const open: [unknown, string][] = [[value, "value"]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [item, path] = next;
    // A function is what a lookup by the name `constructor` finds.
    if (typeof item === "function") return path;
    if (typeof item !== "object" || item === null || DragomanError.is(item)) continue;
    const prototype: unknown = Object.getPrototypeOf(item);
    if (prototype !== null && !PROTOTYPES.some((known) => known === prototype)) return path;
    for (const key of Object.keys(item)) open.push([Reflect.get(item, key), open.length < 50 ? `${path}.${key}` : path]);
  }
  return undefined;
}
