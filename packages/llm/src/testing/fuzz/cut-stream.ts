/** Streams taken apart into events and put together again. Of binary frames, each character of a piece is one byte. */
import { type Framing, wireBytes } from "../../dialect.ts";
import { eventFrame } from "../fake-vendors/wires/bedrock-frames.ts";
import { unitsOf } from "../recordings/raw-stream.ts";
import type { CutStream, StreamPiece } from "./fuzz-case.ts";

export function cutStream(bytes: Uint8Array, framing: Framing): CutStream {
  const isBinary = framing === "aws-event-stream";
  const text = isBinary ? Buffer.from(bytes).toString("latin1") : new TextDecoder().decode(bytes);
  const actual = !isBinary && text.trimStart().startsWith("[") ? "json-array" : framing;
  return { framing: actual, units: unitsOf(text, actual).map(({ event, data, raw }) => ({ event, data, raw })) };
}

/** An event in the framing's own clothes. */
export function pieceOf(framing: Framing, event: string | undefined, data: string): StreamPiece {
  if (framing === "aws-event-stream") return { event, data, raw: Buffer.from(eventFrame(event ?? "", data)).toString("latin1") };
  if (framing === "json-array") return { event, data, raw: data };
  if (framing === "ndjson") return { event, data, raw: `${data}\n` };
  const lines = data.split("\n").map((line) => `data: ${line}\n`);
  return { event, data, raw: `${event === undefined ? "" : `event: ${event}\n`}${lines.join("")}\n` };
}

export function joinStream(framing: Framing, units: readonly StreamPiece[]): Uint8Array {
  const raw = units.map((unit) => unit.raw);
  return wireBytes(framing, framing === "json-array" ? `[${raw.join(",\r\n")}]` : raw.join(""));
}
