import type { Transform } from "node:stream";
import { DragomanError } from "../errors.ts";
import { bodyTooLong } from "./transport-failure.ts";

type Zlib = typeof import("node:zlib");

const DECODERS: ReadonlyMap<string, (zlib: Zlib) => Transform> = new Map([
  ["gzip", (zlib) => zlib.createGunzip()],
  ["x-gzip", (zlib) => zlib.createGunzip()],
  ["deflate", (zlib) => zlib.createInflate()],
  ["br", (zlib) => zlib.createBrotliDecompress()],
  ["zstd", (zlib) => zlib.createZstdDecompress()],
]);

/**
 * The body unpacked. Throws `invalid_response` for an encoding other than gzip, deflate, br and zstd, for a broken
 * body, and for one that unpacks to more than `bytesMax`. Errors of the body itself go through; leaving early leaves it.
 */
export async function* decompress(
  body: AsyncIterableIterator<Uint8Array> & { return(): Promise<unknown> },
  encoding: string,
  bytesMax: number,
  request: string,
): AsyncGenerator<Uint8Array, undefined> {
  const create = DECODERS.get(encoding);
  if (create === undefined) {
    await body.return();
    throw invalid(`the body's content-encoding ${encoding.slice(0, 40)} is not known`, request);
  }
  const [zlib, stream] = await Promise.all([import("node:zlib"), import("node:stream")]);
  const unpacked = stream.pipeline(body, create(zlib), ignore);
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw bodyTooLong(bytesMax, request);
      yield chunk;
    }
  } catch (thrown) {
    if (DragomanError.is(thrown)) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw invalid(`the body is not valid ${encoding}: ${reason}`, request, thrown);
  } finally {
    // The pipeline leaves its source only when the next piece comes; a silent connection has to be closed now.
    await body.return();
  }
}

/** The pipeline's errors are thrown by the loop that reads it. */
function ignore(): void {}

function invalid(detail: string, request: string, cause?: unknown): DragomanError {
  return new DragomanError({ code: "invalid_response", detail, request, cause });
}
