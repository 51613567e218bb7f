/** A file as read: plain values, and where each of them stands. */
import type { ConfigurationPath } from "./problem.ts";

/** Bytes of a file. What is larger is no configuration. */
export const SOURCE_BYTES_MAX = 1024 * 1024;
/** Values in a file, each use of an anchor counted anew. */
export const SOURCE_VALUES_MAX = 50_000;
/** How deep values may be nested; the schema needs 8. */
export const SOURCE_DEPTH_MAX = 40;

/** From 1, in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something that keeps a file from being read, or a value of it. */
export interface SourceProblem {
  readonly message: string;
  readonly advice?: string;
  readonly path: ConfigurationPath;
  readonly at?: Position;
}

export interface Source {
  /** Of plain objects, lists and scalars. Undefined where the file cannot be read at all. */
  readonly value: unknown;
  readonly problems: readonly SourceProblem[];
  /** Where a setting's key, or its value, stands. Undefined for what the file does not say. */
  readonly positionOf: (path: ConfigurationPath, part: "key" | "value") => Position | undefined;
}

/** Where things stand, by path. */
export interface Positions {
  set(path: ConfigurationPath, part: "key" | "value", at: Position): void;
  get(path: ConfigurationPath, part: "key" | "value"): Position | undefined;
}

export function createPositions(): Positions {
  const places = new Map<string, Position>();
  const nameOf = (path: ConfigurationPath, part: string): string => `${part}${JSON.stringify(path)}`;
  return {
    set: (path, part, at) => void places.set(nameOf(path, part), at),
    get: (path, part) => places.get(nameOf(path, part)),
  };
}

/** Turns an offset into a line and a column. */
export function createLineIndex(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Sets a key that may have any name, `__proto__` included, without touching the object's prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Keys that JavaScript objects have a meaning for already: as a name they would only make trouble. */
export function isReservedName(key: string): boolean {
  return key in Object.prototype;
}
