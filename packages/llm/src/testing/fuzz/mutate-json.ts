/**
 * JSON made wrong in places: other types, nulls, numbers out of range, names that JavaScript treats specially, halves of
 * characters, great length and great depth. Text in, text out, because some of it has no JavaScript value.
 */
import { isJsonObject } from "../../json.ts";
import type { FuzzRandom } from "./fuzz-random.ts";

/** What stands for text that `JSON.stringify` would not write. */
const RAW_START = "#raw<";
const RAW_END = ">raw#";

function raw(text: string): string {
  return RAW_START + text + RAW_END;
}

const RAW = new RegExp(`"${RAW_START}([^"]*?)${RAW_END}"`, "g");

const WRONG_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  -0.001,
  2 ** 53,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  raw("-0"),
  raw("1e999"),
  raw("-1e999"),
  raw("123456789012345678901234567890"),
  "",
  " ",
  "NaN",
  "Infinity",
  "-1",
  "0x10",
  "null",
  "__proto__",
  "constructor",
  "toString",
  "\u0000",
  "\ud800",
  "a\udc00b",
  "\ufeff",
  "\u2028",
  "[DONE]",
  "{",
  '{"a":',
  '{"a":1}',
  "data: {}\n\n",
  "data:image/png;base64,",
  "%",
  "../..",
  [],
  [null],
  [[]],
  [[[1]]],
  {},
  { type: null },
  { type: "unheard-of" },
  { type: "text" },
  { type: "text", text: 7 },
  [{ type: "unheard-of" }],
  { length: 3 },
  { toString: 1 },
  { toJSON: 1 },
];

const SPECIAL_NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "",
  "0",
  "length",
];

/** A text over 64 KiB, the size of many buffers. */
const LONG_LENGTH = 70_000;

/** The JSON text with one to three mistakes. Text that is not JSON, or is too deep to be written again, comes back as it is. */
export function mutateJson(text: string, random: FuzzRandom): string {
  try {
    let value: unknown = JSON.parse(text);
    for (let left = 1 + random.below(3); left > 0; left--) value = mutateOnce(value, random);
    return JSON.stringify(value).replace(RAW, "$1");
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return text;
    throw error;
  }
}

type Container = Record<string, unknown> | unknown[];

function mutateOnce(value: unknown, random: FuzzRandom): unknown {
  const containers = containersOf(value);
  if (containers.length === 0 || random.percent(2)) return wrongValue(random);
  const container = random.pick(containers);
  const keys = Object.keys(container);
  const key = keys.length === 0 ? undefined : random.pick(keys);
  switch (random.below(8)) {
    case 0:
      if (key !== undefined) remove(container, key);
      break;
    case 1:
      set(container, newKey(container, random), wrongValue(random));
      break;
    case 2:
      // Something of its own in the wrong place.
      if (key !== undefined) set(container, key, structuredClone(random.pick(containers)));
      break;
    case 3:
      if (Array.isArray(container)) rearrange(container, random);
      else if (key !== undefined) rename(container, key, random.pick(SPECIAL_NAMES));
      break;
    case 4:
      if (key !== undefined) set(container, key, nearMiss(Reflect.get(container, key), random));
      break;
    default:
      if (key !== undefined) set(container, key, wrongValue(random));
  }
  return value;
}

function containersOf(value: unknown): Container[] {
  const found: Container[] = [];
  const open: unknown[] = [value];
  while (open.length > 0 && found.length < 2000) {
    const next = open.pop();
    if (!Array.isArray(next) && !isJsonObject(next)) continue;
    found.push(next as Container);
    open.push(...Object.values(next));
  }
  return found;
}

function wrongValue(random: FuzzRandom): unknown {
  if (random.percent(1)) return "long ".repeat(LONG_LENGTH / 5);
  if (random.percent(1)) return deep(random);
  return structuredClone(random.pick(WRONG_VALUES));
}

/** As JSON, or as a text that a reader of arguments parses by itself. */
function deep(random: FuzzRandom): string {
  const depth = random.pick([40, 600, 12_000]);
  if (random.percent(20)) return "[".repeat(depth) + "]".repeat(depth);
  return random.percent(50) ? raw("[".repeat(depth) + "]".repeat(depth)) : raw(`${"[".repeat(depth)}1${"]".repeat(depth)}`);
}

/** A value of the right type that nobody expects. */
function nearMiss(value: unknown, random: FuzzRandom): unknown {
  if (typeof value === "number") return random.pick([-value, value + 0.5, value * 1e15, String(value), raw(`${value}e400`)]);
  if (typeof value === "boolean") return random.pick([!value, String(value), Number(value)]);
  if (typeof value === "string") return nearText(value, random);
  return random.pick([[value], { value }, JSON.stringify(value)]);
}

function nearText(text: string, random: FuzzRandom): unknown {
  const at = random.below(text.length + 1);
  const pieces = ["\ud83d", "\udc69", "\u0000", "\n", "\r\n", '"', "\\", "\u202e", " ", "​"];
  return random.pick([
    text.slice(0, at),
    text.slice(at),
    text.slice(0, at) + random.pick(pieces) + text.slice(at),
    text.toUpperCase(),
    text + text,
    [text],
    { text },
  ]);
}

function newKey(container: Container, random: FuzzRandom): string {
  if (Array.isArray(container)) return String(random.percent(80) ? container.length : random.below(container.length + 3));
  return random.pick([...SPECIAL_NAMES, "type", "error", "id", "index", "unheard_of"]);
}

/** An own property, also where the name is `__proto__`. */
function set(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else Reflect.deleteProperty(container, key);
}

function rename(container: Container, from: string, to: string): void {
  const value: unknown = Reflect.get(container, from);
  remove(container, from);
  set(container, to, value);
}

function rearrange(items: unknown[], random: FuzzRandom): void {
  if (items.length === 0) return;
  const from = random.below(items.length);
  if (random.percent(50)) items.push(structuredClone(items[from]));
  else items.unshift(...items.splice(from, 1));
}
