/** Frames of AWS's binary event stream, as the service writes them: strings for headers, every frame with two checksums. */
import { crc32 } from "node:zlib";

/** A frame for an event. */
export function eventFrame(name: string, payload: string): Uint8Array {
  return frameOf(
    [
      [":event-type", name],
      [":content-type", "application/json"],
      [":message-type", "event"],
    ],
    payload,
  );
}

/** A frame for the vendor's way of failing inside a stream. */
export function exceptionFrame(name: string, payload: string): Uint8Array {
  return frameOf(
    [
      [":exception-type", name],
      [":content-type", "application/json"],
      [":message-type", "exception"],
    ],
    payload,
  );
}

/** The same frame with its last checksum wrong: no client can read it. */
export function brokenFrame(frame: Uint8Array): Uint8Array {
  const broken = Uint8Array.from(frame);
  const last = broken.length - 1;
  broken[last] = (broken[last] ?? 0) ^ 0xff;
  return broken;
}

function frameOf(headers: readonly (readonly [string, string])[], payload: string): Uint8Array {
  const head: number[] = [];
  for (const [name, value] of headers) {
    const bytes = [...Buffer.from(value)];
    head.push(name.length, ...Buffer.from(name), 7, bytes.length >> 8, bytes.length & 0xff, ...bytes);
  }
  const content = Buffer.from(payload);
  const total = 12 + head.length + content.length + 4;
  const view = new DataView(new ArrayBuffer(total));
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, total);
  view.setUint32(4, head.length);
  view.setUint32(8, crc32(bytes.subarray(0, 8)));
  bytes.set(head, 12);
  bytes.set(content, 12 + head.length);
  view.setUint32(total - 4, crc32(bytes.subarray(0, total - 4)));
  return bytes;
}
