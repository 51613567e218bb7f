/**
 * JSON lines: one JSON value a line. A line ends in LF, as a JSON text may hold no raw one; white space around a value is
 * JSON's own and stays, but for the CR of a CRLF. Blank lines are skipped. A last line counts without its end.
 */
import type { WireEvent } from "../dialect.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { Decoder } from "./transport.ts";
import { EVENT_BYTES_MAX } from "./transport-limits.ts";

export interface NdjsonDecoderOptions {
  /** The longest line. Bytes of UTF-8. Default 64 MiB. */
  readonly lineBytesMax?: number;
}

const CARRIAGE_RETURN = 0x0d;

export function createNdjsonDecoder(options: NdjsonDecoderOptions = {}): Decoder {
  const { lineBytesMax = EVENT_BYTES_MAX } = options;
  const lines = new LineSplitter({ lineBytesMax, carriageReturns: false }, readLine);
  return {
    push: (bytes, out) => lines.push(bytes, out),
    end: (out) => lines.end(out),
  };
}

function readLine(text: string, start: number, end: number, out: WireEvent[]): void {
  const data = text.slice(start, text.charCodeAt(end - 1) === CARRIAGE_RETURN ? Math.max(start, end - 1) : end);
  if (data.trim() !== "") out.push({ data });
}
