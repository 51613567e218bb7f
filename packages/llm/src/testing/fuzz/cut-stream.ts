/** Streams taken apart into events and put together again. */
import type { Framing } from "../../dialect.ts";
import { unitsOf } from "../recordings/raw-stream.ts";
import type { CutStream, StreamPiece } from "./fuzz-case.ts";

const ENCODER = new TextEncoder();

export function cutStream(bytes: Uint8Array, framing: Framing): CutStream {
  const text = new TextDecoder().decode(bytes);
  const actual = text.trimStart().startsWith("[") ? "json-array" : framing;
  return { framing: actual, units: unitsOf(text, actual).map(({ event, data, raw }) => ({ event, data, raw })) };
}

/** An event in the framing's own clothes. */
export function pieceOf(framing: Framing, event: string | undefined, data: string): StreamPiece {
  if (framing === "json-array") return { event, data, raw: data };
  if (framing === "ndjson") return { event, data, raw: `${data}\n` };
  const lines = data.split("\n").map((line) => `data: ${line}\n`);
  return { event, data, raw: `${event === undefined ? "" : `event: ${event}\n`}${lines.join("")}\n` };
}

export function joinStream(framing: Framing, units: readonly StreamPiece[]): Uint8Array {
  const raw = units.map((unit) => unit.raw);
  return ENCODER.encode(framing === "json-array" ? `[${raw.join(",\r\n")}]` : raw.join(""));
}
