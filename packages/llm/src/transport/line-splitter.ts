/**
 * Cuts bytes into lines, wherever the pieces end. A line that came within one piece is handed on as a place in the
 * piece's text, so that its reader copies no more than it needs.
 */
import { exceedsBytes, overLimit } from "./text-limit.ts";
import { Utf8Decoder } from "./utf8-decoder.ts";

export interface LineSplitterOptions {
  /** Bytes of UTF-8, without the line end. */
  readonly lineBytesMax: number;
  /** Whether CR and CRLF end a line as LF does. If not, a CR belongs to the line. */
  readonly carriageReturns: boolean;
}

/** A line is `text` from `start` to `end`. */
export type LineReader<Out> = (text: string, start: number, end: number, out: Out) => void;

const LINE_FEED = 0x0a;

export class LineSplitter<Out> {
  private readonly options: LineSplitterOptions;
  private readonly readLine: LineReader<Out>;
  private readonly decoder = new Utf8Decoder();
  /** The pieces of a line whose end has not come. */
  private open: string[] = [];
  private openLength = 0;
  /** The last piece ended in CR: an LF that follows belongs to it. */
  private afterCarriageReturn = false;

  constructor(options: LineSplitterOptions, readLine: LineReader<Out>) {
    this.options = options;
    this.readLine = readLine;
  }

  /** Throws `invalid_response` for a line over the limit, also before its end has come. */
  push(bytes: Uint8Array, out: Out): void {
    this.split(this.decoder.decode(bytes), out);
  }

  /** The bytes have ended; what is left is a line. */
  end(out: Out): void {
    this.split(this.decoder.end(), out);
    if (this.openLength > 0) this.closeLine("", 0, 0, out);
  }

  private split(text: string, out: Out): void {
    if (text === "") return;
    let start = 0;
    if (this.afterCarriageReturn && text.charCodeAt(0) === LINE_FEED) start = 1;
    this.afterCarriageReturn = false;
    let lineFeed = text.indexOf("\n", start);
    let carriageReturn = this.options.carriageReturns ? text.indexOf("\r", start) : -1;
    while (lineFeed !== -1 || carriageReturn !== -1) {
      const end = carriageReturn === -1 || (lineFeed !== -1 && lineFeed < carriageReturn) ? lineFeed : carriageReturn;
      const next = end === carriageReturn && lineFeed === end + 1 ? end + 2 : end + 1;
      this.afterCarriageReturn = end === carriageReturn && next === text.length && lineFeed !== end + 1;
      this.closeLine(text, start, end, out);
      start = next;
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf("\n", start);
      if (carriageReturn !== -1 && carriageReturn < start) carriageReturn = text.indexOf("\r", start);
    }
    if (start < text.length) this.keepOpen(start === 0 ? text : text.slice(start));
  }

  private closeLine(text: string, start: number, end: number, out: Out): void {
    const { lineBytesMax } = this.options;
    if (this.openLength > 0) {
      const line = this.open.join("") + text.slice(start, end);
      this.open = [];
      this.openLength = 0;
      if (exceedsBytes(line, lineBytesMax)) throw overLimit("a line of the stream", lineBytesMax);
      this.readLine(line, 0, line.length, out);
      return;
    }
    if ((end - start) * 3 > lineBytesMax && exceedsBytes(text.slice(start, end), lineBytesMax)) {
      throw overLimit("a line of the stream", lineBytesMax);
    }
    this.readLine(text, start, end, out);
  }

  private keepOpen(piece: string): void {
    this.open.push(piece);
    this.openLength += piece.length;
    if (this.openLength > this.options.lineBytesMax) throw overLimit("a line of the stream", this.options.lineBytesMax);
  }
}
