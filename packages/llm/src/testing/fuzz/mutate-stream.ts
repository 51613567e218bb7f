/** Streams made wrong: as events that come twice, too late or not at all, and as bytes. Each mutation is one function. */
import type { Framing } from "../../dialect.ts";
import { cutStream, joinStream, pieceOf } from "./cut-stream.ts";
import type { CutStream, StreamPiece } from "./fuzz-case.ts";
import type { FuzzRandom } from "./fuzz-random.ts";
import { mutateJson } from "./mutate-json.ts";

/** The streams that a mutation may take pieces from. */
export interface StreamPool {
  readonly own: readonly CutStream[];
  readonly foreign: readonly CutStream[];
}

type EventMutation = (units: StreamPiece[], framing: Framing, pool: StreamPool, random: FuzzRandom) => void;

const EVENT_MUTATIONS: readonly EventMutation[] = [
  drop,
  duplicate,
  swap,
  cutTail,
  splice,
  insertForeign,
  insertNoise,
  renameEvent,
  splitData,
  mutateEvent,
  mutateEvent,
  mutateEvent,
  mutateEvent,
  mutateEvent,
];

/** One stream of the pool with one to three mistakes among its events and, now and then, among its bytes. */
export function mutateStream(pool: StreamPool, random: FuzzRandom): Uint8Array {
  const { framing, units: good } = random.pick(pool.own);
  const units = [...good];
  const byBytes = random.percent(35);
  for (let left = byBytes ? random.below(2) : 1 + random.below(3); left > 0; left--) {
    random.pick(EVENT_MUTATIONS)(units, framing, pool, random);
  }
  let bytes = joinStream(framing, units);
  if (random.percent(10)) bytes = random.pick(TEXT_MUTATIONS)(bytes);
  if (byBytes) for (let left = 1 + random.below(4); left > 0; left--) bytes = random.pick(BYTE_MUTATIONS)(bytes, random);
  return bytes;
}

export function poolOf(own: readonly Uint8Array[], framing: Framing, foreign: readonly CutStream[]): StreamPool {
  return { own: own.map((bytes) => cutStream(bytes, framing)), foreign };
}

// Events

function drop(units: StreamPiece[], _framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  units.splice(random.below(units.length), 1 + (random.percent(25) ? random.below(3) : 0));
}

function duplicate(units: StreamPiece[], _framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  const unit = units[random.below(units.length)];
  if (unit !== undefined) units.splice(random.below(units.length + 1), 0, unit);
}

function swap(units: StreamPiece[], _framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  const [unit] = units.splice(random.below(units.length), 1);
  if (unit !== undefined) units.splice(random.below(units.length + 1), 0, unit);
}

function cutTail(units: StreamPiece[], _framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  units.length = random.below(units.length + 1);
}

/** The beginning of one stream, the end of another. */
function splice(units: StreamPiece[], framing: Framing, pool: StreamPool, random: FuzzRandom): void {
  const other = random.pick(pool.own);
  const tail = other.units.slice(random.below(other.units.length + 1));
  units.length = random.below(units.length + 1);
  units.push(...tail.map((unit) => clothed(unit, framing)));
}

function insertForeign(units: StreamPiece[], framing: Framing, pool: StreamPool, random: FuzzRandom): void {
  if (pool.foreign.length === 0) return;
  const other = random.pick(pool.foreign);
  const unit = other.units[random.below(other.units.length)];
  if (unit !== undefined) units.splice(random.below(units.length + 1), 0, clothed(unit, framing));
}

const NOISE = [
  "\n",
  "\r\n",
  "\r",
  ": comment\n\n",
  ":\n",
  "data\n\n",
  "data:\n\n",
  "event: unheard-of\n",
  "event: ping\ndata: {}\n\n",
  "event: error\ndata: {}\n\n",
  "id: 7\nretry: 1\n\n",
  "data: null\n\n",
  "data: [DONE]\n\n",
  "data: [DONE]",
  'data: {"error":{}}\n\n',
  'data: {"error":"no"}\n\n',
  "null\n",
  "[]\n",
  "7\n",
  "{}\n",
  '{"error":"no"}\n',
  "not json at all\n",
  "<html>\n",
  "\ufeff",
  "\u0000",
];

function insertNoise(units: StreamPiece[], _framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  units.splice(random.below(units.length + 1), 0, { event: undefined, data: undefined, raw: random.pick(NOISE) });
}

function renameEvent(units: StreamPiece[], framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  const at = random.below(units.length);
  const { data, event } = units[at] ?? {};
  if (data === undefined) return;
  const names = [
    undefined,
    "",
    "error",
    "ping",
    "message_stop",
    "response.completed",
    "__proto__",
    ...units.map((unit) => unit.event),
  ];
  units[at] = pieceOf(framing, random.pick(names.filter((name) => name !== event).map((name) => ({ name }))).name, data);
}

/** One event over several data lines: JSON bears a line break between its tokens, not within them. */
function splitData(units: StreamPiece[], framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  const at = random.below(units.length);
  const { data, event } = units[at] ?? {};
  if (data === undefined) return;
  const place = random.below(data.length + 1);
  units[at] = pieceOf(framing, event, `${data.slice(0, place)}\n${data.slice(place)}`);
}

function mutateEvent(units: StreamPiece[], framing: Framing, _pool: StreamPool, random: FuzzRandom): void {
  const at = random.below(units.length);
  const { data, event } = units[at] ?? {};
  if (data !== undefined) units[at] = pieceOf(framing, event, mutateJson(data, random));
}

function clothed(unit: StreamPiece, framing: Framing): StreamPiece {
  return unit.data === undefined ? unit : pieceOf(framing, unit.event, unit.data);
}

// The whole text

const TEXT_MUTATIONS: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
  (bytes) => rewrite(bytes, (text) => text.replaceAll("\n", "\r\n")),
  (bytes) => rewrite(bytes, (text) => text.replaceAll("\n", "\r")),
  (bytes) => rewrite(bytes, (text) => `\ufeff${text}`),
  (bytes) => rewrite(bytes, (text) => `\n\n${text}`),
  (bytes) => rewrite(bytes, (text) => text.trimEnd()),
  (bytes) => rewrite(bytes, (text) => text.replaceAll("data: ", "data:")),
];

function rewrite(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  return new TextEncoder().encode(change(new TextDecoder().decode(bytes)));
}

// Bytes

const INVALID_UTF8 = [
  [0x80],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x91],
  [0xf5, 0x80, 0x80, 0x80],
  [0xff, 0xfe],
];

/** What stands out in the framings and in JSON. */
const TELLING_BYTES = [...new TextEncoder().encode('\n\r:{}[]",\\ 0-e\u0000'), 0xef];

const BYTE_MUTATIONS: readonly ((bytes: Uint8Array, random: FuzzRandom) => Uint8Array)[] = [
  (bytes, random) => {
    const copy = bytes.slice();
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  (bytes, random) => inserted(bytes, [random.below(256)], random),
  (bytes, random) => inserted(bytes, [random.pick(TELLING_BYTES)], random),
  (bytes, random) => inserted(bytes, random.pick(INVALID_UTF8), random),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return concat(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return inserted(bytes, bytes.subarray(at, at + 1 + random.below(64)), random);
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
];

function inserted(bytes: Uint8Array, added: ArrayLike<number>, random: FuzzRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  return concat(bytes.subarray(0, at), added, bytes.subarray(at));
}

function concat(...pieces: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
