/** JSON lines, written whole and read as a stream. */
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

export interface LineLimits {
  /** The longest line. Bytes of UTF-8. Default 64 MiB. */
  readonly lineBytesMax?: number;
  /** Most lines. Default 1 000 000. */
  readonly linesMax?: number;
}

const LINE_BYTES_MAX = 64 * 1024 * 1024;
const LINES_MAX = 1_000_000;
const LINE_FEED = 0x0a;

/** One object a line, with an end after each. Throws `request_too_large`. */
export function renderLines(objects: Iterable<JsonObject>, bytesMax: number): Uint8Array {
  const lines: Buffer[] = [];
  let bytes = 0;
  for (const object of objects) {
    const line = Buffer.from(`${JSON.stringify(object)}\n`);
    bytes += line.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    lines.push(line);
  }
  return Buffer.concat(lines);
}

function tooLarge(bytesMax: number): DragomanError {
  const detail = `the batch has more than ${bytesMax} bytes, which the vendor takes at most`;
  return new DragomanError({ code: "request_too_large", detail, advice: "submit it as several batches" });
}

/**
 * The objects of a body, as its pieces come. Blank lines are passed over; a last line counts without its end. Throws
 * `invalid_response`, with the line's number, for a line that is no JSON object or over the limits.
 */
export async function* parseLines(body: AsyncIterable<Uint8Array>, limits: LineLimits = {}): AsyncGenerator<JsonObject> {
  const { lineBytesMax = LINE_BYTES_MAX, linesMax = LINES_MAX } = limits;
  let number = 0;
  for await (const line of cutLines(body, lineBytesMax)) {
    number += 1;
    if (number > linesMax) throw wrongLine(number, `there are more than ${linesMax}`);
    const text = line.toString("utf8").trim();
    if (text !== "") yield parseLine(text, number);
  }
}

async function* cutLines(body: AsyncIterable<Uint8Array>, lineBytesMax: number): AsyncGenerator<Buffer> {
  let open: Uint8Array[] = [];
  let openBytes = 0;
  for await (const piece of body) {
    let start = 0;
    for (let end = piece.indexOf(LINE_FEED); end !== -1; end = piece.indexOf(LINE_FEED, start)) {
      if (openBytes + end - start > lineBytesMax) throw tooLong(lineBytesMax);
      yield Buffer.concat([...open, piece.subarray(start, end)]);
      open = [];
      openBytes = 0;
      start = end + 1;
    }
    if (start === piece.length) continue;
    openBytes += piece.length - start;
    if (openBytes > lineBytesMax) throw tooLong(lineBytesMax);
    open.push(piece.subarray(start));
  }
  if (openBytes > 0) yield Buffer.concat(open);
}

function parseLine(text: string, number: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the line.
    throw wrongLine(number, "it is not JSON");
  }
  if (!isJsonObject(value)) throw wrongLine(number, "it is not a JSON object");
  return value;
}

function tooLong(lineBytesMax: number): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `a line is longer than ${lineBytesMax} bytes` });
}

function wrongLine(number: number, why: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `line ${number}: ${why}` });
}
