/**
 * One frame of AWS's binary event stream, towards a client: lengths and a checksum, headers, the payload, a checksum of the
 * whole. Source: the event stream encoding of Smithy 2.0. The reading side is `transport/event-stream.ts`.
 */
import { crc32 } from "node:zlib";
import type { JsonObject } from "../../json.ts";

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const STRING = 7;

export function renderEvent(name: string, payload: JsonObject): string {
  return frame([[":event-type", name], ...CONTENT, [":message-type", "event"]], payload);
}

export function renderExceptionFrame(name: string, payload: JsonObject): string {
  return frame([[":exception-type", name], ...CONTENT, [":message-type", "exception"]], payload);
}

type Header = readonly [name: string, value: string];

const CONTENT: readonly Header[] = [[":content-type", "application/json"]];

/** Each character is one byte. */
function frame(headers: readonly Header[], payload: JsonObject): string {
  const head = Buffer.concat(headers.map(headerBytes));
  const body = Buffer.from(JSON.stringify(payload), "utf8");
  const bytes = Buffer.alloc(PRELUDE_BYTES + head.length + body.length + CHECKSUM_BYTES);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(head.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  head.copy(bytes, PRELUDE_BYTES);
  body.copy(bytes, PRELUDE_BYTES + head.length);
  const end = bytes.length - CHECKSUM_BYTES;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes.toString("latin1");
}

function headerBytes([name, value]: Header): Buffer {
  const nameBytes = Buffer.from(name, "utf8");
  const valueBytes = Buffer.from(value, "utf8");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([STRING]), length, valueBytes]);
}
