/**
 * One JSON array that grows, cut into its elements: Gemini streams `[{…},\n{…}]` when it is not asked for SSE. An element
 * is handed out as soon as its last bracket has come, not when the next one begins. A single object instead of an array
 * (an error, as a rule) is one element.
 *
 * Only the nesting is followed, not the grammar: whoever parses an element finds what is wrong inside it. Strings are
 * skipped from quote to quote.
 */
import type { WireEvent } from "../dialect.ts";
import { DragomanError } from "../errors.ts";
import { exceedsBytes, overLimit } from "./text-limit.ts";
import type { Decoder } from "./transport.ts";
import { EVENT_BYTES_MAX } from "./transport-limits.ts";
import { Utf8Decoder } from "./utf8-decoder.ts";

export interface JsonArrayDecoderOptions {
  /** The longest element. Bytes of UTF-8. Default 64 MiB. */
  readonly elementBytesMax?: number;
}

/** Where in the array we are, between elements; `inside` is within one. */
type Place = "before" | "first" | "element" | "inside" | "after" | "done";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export function createJsonArrayDecoder(options: JsonArrayDecoderOptions = {}): Decoder {
  const reader = new JsonArrayReader(options.elementBytesMax ?? EVENT_BYTES_MAX);
  const decoder = new Utf8Decoder();
  return {
    push: (bytes, out) => reader.read(decoder.decode(bytes), out),
    end(out) {
      reader.read(decoder.end(), out);
      reader.end();
    },
  };
}

class JsonArrayReader {
  private readonly elementBytesMax: number;
  private place: Place = "before";
  /** Open brackets within the element. */
  private depth = 0;
  private inString = false;
  /** The last piece ended in a backslash within a string. */
  private escaped = false;
  /** The element is all there is, without an array around it. */
  private bare = false;
  private open: string[] = [];
  private openLength = 0;

  constructor(elementBytesMax: number) {
    this.elementBytesMax = elementBytesMax;
  }

  read(text: string, out: WireEvent[]): void {
    let index = 0;
    while (index < text.length) {
      index = this.place === "inside" ? this.readElement(text, index, out) : this.readBetween(text, index);
    }
  }

  end(): void {
    if (this.place !== "inside") return;
    throw new DragomanError({ code: "stream_truncated", detail: "the stream ended inside an element of its JSON array" });
  }

  /** One character between elements. Gives the index to go on from: the same one, when an element begins there. */
  private readBetween(text: string, index: number): number {
    const character = text.charCodeAt(index);
    if (isWhiteSpace(character)) return index + 1;
    const next = this.placeAfter(character);
    if (next === undefined) throw this.unexpected(text, index);
    this.place = next;
    return next === "inside" ? index : index + 1;
  }

  private placeAfter(character: number): Place | undefined {
    switch (this.place) {
      case "before":
        if (character === OPEN_BRACKET) return "first";
        this.bare = character === OPEN_BRACE;
        return this.bare ? "inside" : undefined;
      case "first":
        if (character === CLOSE_BRACKET) return "done";
        return isOpening(character) ? "inside" : undefined;
      case "element":
        return isOpening(character) ? "inside" : undefined;
      case "after":
        if (character === CLOSE_BRACKET) return "done";
        return character === COMMA ? "element" : undefined;
      default:
        return undefined;
    }
  }

  private unexpected(text: string, index: number): DragomanError {
    const detail = `the stream is not a JSON array of objects: unexpected ${JSON.stringify(text.charAt(index))}`;
    return new DragomanError({ code: "invalid_response", detail });
  }

  /** Reads on in the element that began at or before `start`. Gives the index behind what was read. */
  private readElement(text: string, start: number, out: WireEvent[]): number {
    let index = start;
    while (index < text.length) {
      if (this.inString) {
        index = this.skipString(text, index);
        continue;
      }
      const character = text.charCodeAt(index++);
      if (character === QUOTE) this.inString = true;
      else if (isOpening(character)) this.depth++;
      else if ((character === CLOSE_BRACE || character === CLOSE_BRACKET) && --this.depth === 0) {
        this.closeElement(text.slice(start, index), out);
        return index;
      }
    }
    this.open.push(text.slice(start));
    this.openLength += text.length - start;
    if (this.openLength > this.elementBytesMax) throw this.tooLong();
    return index;
  }

  /** Goes to behind the string's closing quote, or to the end of the text. */
  private skipString(text: string, start: number): number {
    let index = start;
    if (this.escaped) {
      this.escaped = false;
      index++;
    }
    let quote = text.indexOf('"', index);
    let backslash = text.indexOf("\\", index);
    while (backslash !== -1 && (quote === -1 || backslash < quote)) {
      index = backslash + 2;
      if (quote !== -1 && quote < index) quote = text.indexOf('"', index);
      backslash = text.indexOf("\\", index);
    }
    this.escaped = index > text.length;
    if (quote === -1) return text.length;
    this.inString = false;
    return quote + 1;
  }

  private closeElement(last: string, out: WireEvent[]): void {
    const data = this.open.length === 0 ? last : this.open.join("") + last;
    this.open = [];
    this.openLength = 0;
    if (exceedsBytes(data, this.elementBytesMax)) throw this.tooLong();
    this.place = this.bare ? "done" : "after";
    out.push({ data });
  }

  private tooLong(): DragomanError {
    return overLimit("an element of the stream", this.elementBytesMax);
  }
}

function isOpening(character: number): boolean {
  return character === OPEN_BRACE || character === OPEN_BRACKET;
}

function isWhiteSpace(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}
