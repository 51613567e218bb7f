/**
 * Server-sent events, by the rules of the WHATWG HTML standard (9.2.6, interpreting an event stream): lines end in LF, CR
 * or CRLF, a blank line ends an event, a line that begins with a colon is a comment. `id` and `retry` serve reconnecting,
 * which no vendor offers, and are ignored. Unlike the standard, an event at the very end counts without its blank line.
 */
import type { WireEvent } from "../dialect.ts";
import { LineSplitter } from "./line-splitter.ts";
import { exceedsBytes, overLimit } from "./text-limit.ts";
import type { Decoder } from "./transport.ts";
import { EVENT_BYTES_MAX } from "./transport-limits.ts";

export interface SseDecoderOptions {
  /** The longest line. Bytes of UTF-8. Default 64 MiB. */
  readonly lineBytesMax?: number;
  /** The longest data of one event, over all its lines. Bytes of UTF-8. Default 64 MiB. */
  readonly eventBytesMax?: number;
}

const SPACE = 0x20;
const COLON = 0x3a;

export function createSseDecoder(options: SseDecoderOptions = {}): Decoder {
  const { lineBytesMax = EVENT_BYTES_MAX, eventBytesMax = EVENT_BYTES_MAX } = options;
  let data: string | undefined;
  let name = "";

  function readLine(text: string, start: number, end: number, out: WireEvent[]): void {
    if (start === end) dispatch(out);
    else if (text.startsWith("data:", start)) addData(fieldValue(text, start + 5, end));
    else if (text.startsWith("event:", start)) name = fieldValue(text, start + 6, end);
    else if (text.charCodeAt(start) !== COLON) readOtherField(text.slice(start, end));
  }

  function readOtherField(line: string): void {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : fieldValue(line, colon + 1, line.length);
    if (field === "event") name = value;
    else if (field === "data") addData(value);
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`;
    if (data.length > eventBytesMax) throw overLimit("an event of the stream", eventBytesMax);
  }

  function dispatch(out: WireEvent[]): void {
    if (data !== undefined) {
      if (exceedsBytes(data, eventBytesMax)) throw overLimit("an event of the stream", eventBytesMax);
      out.push(name === "" ? { data } : { event: name, data });
    }
    data = undefined;
    name = "";
  }

  const lines = new LineSplitter({ lineBytesMax, carriageReturns: true }, readLine);
  return {
    push: (bytes, out) => lines.push(bytes, out),
    end(out) {
      lines.end(out);
      dispatch(out);
    },
  };
}

/** One space after the colon is not part of the value. */
function fieldValue(text: string, start: number, end: number): string {
  return text.slice(start < end && text.charCodeAt(start) === SPACE ? start + 1 : start, end);
}
