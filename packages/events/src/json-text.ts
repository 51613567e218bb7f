/**
 * A value as JSON, after a look at every part of it: what `JSON.stringify` would drop or change without a word (undefined,
 * functions, NaN, dates, maps, half of a surrogate pair) is refused. Only -0 is let through, and comes back as 0.
 */
import { InvalidEvent } from "./errors.ts";

/** Deeper values are refused: they are most likely a circle, and what reads them may recurse. */
const DEPTH_MAX = 100;

/** `name` is what the error calls the value. Throws `InvalidEvent`. */
export function jsonText(value: unknown, name: string): string {
  checkJson(value, name, 0);
  return JSON.stringify(value);
}

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Throws `InvalidEvent` when a text has more bytes; most texts need not be encoded to know. */
export function checkBytes(text: string, bytesMax: number, name: string): void {
  if (text.length * 3 <= bytesMax) return;
  const bytes = utf8Bytes(text);
  if (bytes > bytesMax) throw new InvalidEvent(`${name} has ${bytes} bytes as JSON, and at most ${bytesMax} are taken`);
}

function checkJson(value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new InvalidEvent(`${path} has half of a surrogate pair, which UTF-8 cannot hold`);
      return;
    case "number":
      if (!Number.isFinite(value)) throw new InvalidEvent(`${path} is ${value}, which JSON cannot say`);
      return;
    case "boolean":
      return;
    case "object":
      if (value === null) return;
      if (depth >= DEPTH_MAX) throw new InvalidEvent(`${path} is nested deeper than ${DEPTH_MAX} levels, or a circle`);
      if (Array.isArray(value)) checkArray(value, path, depth);
      else checkObject(value, path, depth);
      return;
    default:
      throw new InvalidEvent(`${path} is ${value === undefined ? "undefined" : `a ${typeof value}`}, which JSON cannot say`);
  }
}

function checkArray(value: readonly unknown[], path: string, depth: number): void {
  // Neither for an array with holes, nor for one with properties of its own.
  if (Object.keys(value).length !== value.length) throw new InvalidEvent(`${path} is an array with holes or with names`);
  for (const [index, item] of value.entries()) checkJson(item, `${path}[${index}]`, depth + 1);
}

function checkObject(value: object, path: string, depth: number): void {
  if (!isPlain(value)) throw new InvalidEvent(`${path} is a ${value.constructor?.name ?? "class"}, not a plain object`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw new InvalidEvent(`${path} has a symbol as a name`);
  for (const [name, member] of Object.entries(value)) {
    if (!name.isWellFormed()) throw new InvalidEvent(`${path} has a name with half of a surrogate pair`);
    checkJson(member, `${path}.${name}`, depth + 1);
  }
}

/** Made by `{}`, by JSON, or without a prototype; in any realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}
