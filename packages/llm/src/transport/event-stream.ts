/**
 * AWS's binary event stream: frames of a prelude (total length, header length, checksum), headers, a payload and a checksum
 * of the whole, all lengths and checksums 32 bits, big end first. Source: the event stream encoding of Smithy 2.0.
 * An event's name is its `:event-type`, an exception's its `:exception-type`, an error's its `:error-code`.
 */
import type { WireEvent } from "../dialect.ts";
import { DragomanError } from "../errors.ts";
import type { Decoder } from "./transport.ts";
import { EVENT_BYTES_MAX } from "./transport-limits.ts";

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;

/** Bytes of a header's value by its type; a byte array and a string bring their own length. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const BYTE_ARRAY = 6;
const STRING = 7;

const NAME_HEADERS = [":event-type", ":exception-type", ":error-code"] as const;

export function createEventStreamDecoder(frameBytesMax: number = EVENT_BYTES_MAX): Decoder {
  // Fetched when used: only this framing needs it.
  const { crc32 } = process.getBuiltinModule("node:zlib");
  let kept: Buffer = Buffer.alloc(0);

  return {
    push(bytes, out) {
      kept = kept.length === 0 ? Buffer.from(bytes) : Buffer.concat([kept, bytes]);
      while (kept.length >= PRELUDE_BYTES) {
        const length = frameLength(kept, frameBytesMax, crc32);
        if (kept.length < length) return;
        out.push(readFrame(kept.subarray(0, length), crc32));
        kept = kept.subarray(length);
      }
    },
    end() {
      if (kept.length > 0) throw new DragomanError({ code: "stream_truncated", detail: "the stream ended within a frame" });
    },
  };
}

type Checksum = (bytes: Buffer) => number;

function frameLength(bytes: Buffer, frameBytesMax: number, crc32: Checksum): number {
  const length = bytes.readUInt32BE(0);
  if (bytes.readUInt32BE(8) !== crc32(bytes.subarray(0, 8))) throw broken("its prelude has a wrong checksum");
  if (length < PRELUDE_BYTES + CHECKSUM_BYTES) throw broken(`it is ${length} bytes long, which is less than a frame has`);
  if (length > frameBytesMax) throw broken(`it is ${length} bytes long, over the limit of ${frameBytesMax}`);
  return length;
}

function readFrame(frame: Buffer, crc32: Checksum): WireEvent {
  const end = frame.length - CHECKSUM_BYTES;
  if (frame.readUInt32BE(end) !== crc32(frame.subarray(0, end))) throw broken("it has a wrong checksum");
  const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  if (headersEnd > end) throw broken("its headers are longer than it is");
  const headers = readHeaders(frame.subarray(PRELUDE_BYTES, headersEnd));
  const event = NAME_HEADERS.map((name) => headers.get(name)).find((name) => name !== undefined);
  const data = frame.toString("utf8", headersEnd, end);
  return event === undefined ? { data } : { event, data };
}

/** The headers that are strings; others are passed over. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > bytes.length) throw broken("a header ends early");
    at += count;
    return bytes.subarray(at - count, at);
  };
  while (at < bytes.length) {
    const name = take(take(1).readUInt8()).toString("utf8");
    const type = take(1).readUInt8();
    if (type === STRING || type === BYTE_ARRAY) {
      const value = take(take(2).readUInt16BE());
      if (type === STRING) headers.set(name, value.toString("utf8"));
    } else {
      const length = VALUE_BYTES[type];
      if (length === undefined) throw broken(`header ${name} has the unknown type ${type}`);
      take(length);
    }
  }
  return headers;
}

function broken(reason: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `a frame of the event stream cannot be read: ${reason}` });
}
