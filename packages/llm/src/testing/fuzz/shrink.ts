/**
 * Makes a failing case smaller while it still breaks the same law: first whole events and branches of JSON, then stretches
 * of bytes, then the cuts of the network. Bounded by the number of tries and by what they read.
 */
import type { Framing } from "../../dialect.ts";
import { isJsonObject } from "../../json.ts";
import { cutStream, joinStream, pieceOf } from "./cut-stream.ts";
import type { FuzzCase } from "./fuzz-case.ts";

const TRIES_MAX = 3000;

/** Characters and bytes in all tries together: a large case gets fewer of them. */
const VOLUME_MAX = 4_000_000;

/** `fails` says whether a case still breaks the same law. */
export function shrink(failing: FuzzCase, framing: Framing, fails: (smaller: FuzzCase) => boolean): FuzzCase {
  let tries = 0;
  let volume = 0;
  const stillFails = (smaller: FuzzCase): boolean => {
    volume += sizeOf(smaller);
    return tries++ < TRIES_MAX && volume < VOLUME_MAX && fails(smaller);
  };
  switch (failing.kind) {
    case "stream":
      return shrinkStream(failing, framing, stillFails);
    case "body":
      return { kind: "body", text: shrinkJson(failing.text, (text) => stillFails({ kind: "body", text })) };
    case "error": {
      const { response } = failing;
      const body = shrinkJson(response.body, (text) => stillFails({ kind: "error", response: { ...response, body: text } }));
      return { kind: "error", response: { ...response, body } };
    }
    case "request": {
      const { request } = failing;
      const bodyText = shrinkJson(request.bodyText, (text) =>
        stillFails({ kind: "request", request: { ...request, bodyText: text } }),
      );
      return { kind: "request", request: { ...request, bodyText } };
    }
  }
}

function sizeOf(tried: FuzzCase): number {
  switch (tried.kind) {
    case "stream":
      return tried.bytes.length;
    case "body":
      return tried.text.length;
    case "error":
      return tried.response.body.length;
    case "request":
      return tried.request.bodyText.length;
  }
}

type StreamCase = Extract<FuzzCase, { kind: "stream" }>;

function shrinkStream(failing: StreamCase, framing: Framing, fails: (smaller: FuzzCase) => boolean): FuzzCase {
  let best = failing;
  const keep = (candidate: StreamCase): boolean => {
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  if (best.pieces.length > 0) keep({ ...best, pieces: [] });
  // A beginning of a stream is told by the stream: nothing else may be taken off it.
  if (best.cutFrom !== undefined) return best;

  const cut = cutStream(best.bytes, framing);
  const whole = joinStream(cut.framing, cut.units);
  if (keep({ ...best, bytes: whole })) {
    let units = cut.units;
    const withUnits = (candidate: typeof units): boolean => keep({ ...best, bytes: joinStream(cut.framing, candidate) });
    units = shrinkList(units, withUnits);
    for (const [index, unit] of units.entries()) {
      const { data, event } = unit;
      if (data === undefined) continue;
      const smaller = shrinkJson(data, (text) => withUnits(units.with(index, pieceOf(cut.framing, event, text))));
      if (smaller !== data) units = units.with(index, pieceOf(cut.framing, event, smaller));
    }
  }
  const bytes = shrinkList([...best.bytes], (smaller) => keep({ ...best, bytes: Uint8Array.from(smaller) }));
  if (bytes.length < best.bytes.length) best = { ...best, bytes: Uint8Array.from(bytes) };
  if (best.pieces.length > 0) shrinkList(best.pieces, (pieces) => keep({ ...best, pieces }));
  return best;
}

/** Leaves out ever shorter stretches, as long as it still fails without them. */
function shrinkList<Item>(items: readonly Item[], fails: (smaller: readonly Item[]) => boolean): readonly Item[] {
  let best = items;
  for (let length = Math.ceil(best.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let from = 0; from < best.length; ) {
      const smaller = [...best.slice(0, from), ...best.slice(from + length)];
      if (fails(smaller)) best = smaller;
      else from += length;
    }
  }
  return best;
}

/** Takes branches off; text that is not JSON, or has no way back to JSON, is cut as text. */
function shrinkJson(text: string, fails: (smaller: string) => boolean): string {
  let best = text;
  try {
    const value: unknown = JSON.parse(text);
    if (!fails(JSON.stringify(value))) return text;
    const root = { value };
    shrinkChildren(root, () => {
      const candidate = JSON.stringify(root.value);
      if (candidate === undefined || !fails(candidate)) return false;
      best = candidate;
      return true;
    });
    return best;
  } catch {
    return shrinkList([...text], (smaller) => fails(smaller.join(""))).join("");
  }
}

function shrinkChildren(container: object, fails: () => boolean): void {
  for (const key of Object.keys(container).reverse()) {
    const value: unknown = Reflect.get(container, key);
    if (removed(container, key, value, fails)) continue;
    if (typeof value === "string" && value.length > 8 && replaced(container, key, value, value.slice(0, 4), fails)) continue;
    if (isJsonObject(value) || Array.isArray(value)) shrinkChildren(value, fails);
  }
}

function removed(container: object, key: string, value: unknown, fails: () => boolean): boolean {
  if (Array.isArray(container)) {
    container.splice(Number(key), 1);
    if (fails()) return true;
    container.splice(Number(key), 0, value);
    return false;
  }
  Reflect.deleteProperty(container, key);
  if (fails()) return true;
  define(container, key, value);
  return false;
}

function replaced(container: object, key: string, old: unknown, value: unknown, fails: () => boolean): boolean {
  define(container, key, value);
  if (fails()) return true;
  define(container, key, old);
  return false;
}

/** An own property, also where the name is `__proto__`. */
function define(container: object, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}
