/**
 * Bytes of a streamed answer -> stream events. The first byte tells what came: a stream in the dialect's framing, one JSON
 * object (a server that ignores `stream`, or an error under 200), or one JSON array (Gemini without `alt=sse`).
 */
import type { Dialect, Framing, ParseContext, RenderedRequest, WireEvent } from "./dialect.ts";
import { DragomanError, toDragomanError } from "./errors.ts";
import type { WireRequest } from "./request.ts";
import type { StreamEvent } from "./stream.ts";
import { streamFromCompletion } from "./stream-from-completion.ts";
import { createDecoder } from "./transport/decoders.ts";
import { utf8Text } from "./transport/utf8-text.ts";
import { verbatimParser } from "./verbatim-parser.ts";

/** Both calls append events to `out`. `push` throws `invalid_response` for a line over the limit. */
export interface AnswerReader {
  push(bytes: Uint8Array, out: StreamEvent[]): void;
  end(out: StreamEvent[]): void;
  /** How to go on where the connection broke; undefined where that cannot be. Bytes of the new connection start afresh. */
  resume(): RenderedRequest | undefined;
}

/** Bytes of a whole JSON answer that is held in memory. */
const WHOLE_BYTES_MAX = 64 * 1024 * 1024;

/** `passed`: the client's own request; each event then carries what the vendor wrote of it. */
export function createAnswerReader(dialect: Dialect, context: ParseContext, passed?: WireRequest): AnswerReader {
  let reader: AnswerReader | undefined;
  let blank: Uint8Array = new Uint8Array();

  /** The reader, once it is known what came. Until then bytes that say nothing are kept: they may be part of a character. */
  function begun(bytes: Uint8Array, isEnd: boolean): AnswerReader | undefined {
    const first = dialect.framing === "aws-event-stream" ? bytes[0] : firstByte(bytes);
    if (first !== undefined) return readerFor(first, dialect, context, passed);
    return isEnd || bytes.length > BLANK_BYTES_MAX ? framedReader(dialect.framing, dialect, context, passed) : undefined;
  }

  return {
    push(bytes, out) {
      if (reader !== undefined) {
        reader.push(bytes, out);
        return;
      }
      // The transport may reuse its buffer.
      const all = blank.length === 0 ? bytes : Buffer.concat([blank, bytes]);
      reader = begun(all, false);
      if (reader === undefined) blank = all.slice();
      else reader.push(all, out);
    },
    end(out) {
      const last = reader ?? begun(blank, true);
      if (reader === undefined && blank.length > 0) last?.push(blank, out);
      last?.end(out);
    },
    resume: () => reader?.resume(),
  };
}

/** White space at the beginning that is kept before it is taken for the framing that was asked for. */
const BLANK_BYTES_MAX = 1_024;

const OBJECT = 0x7b;
const ARRAY = 0x5b;
/** A page of a proxy, or of a base URL that is none. */
const MARKUP = 0x3c;

function readerFor(first: number, dialect: Dialect, context: ParseContext, passed: WireRequest | undefined): AnswerReader {
  if (dialect.framing === "sse" && (first === OBJECT || first === MARKUP)) return wholeReader(dialect, context);
  return framedReader(first === ARRAY ? "json-array" : dialect.framing, dialect, context, passed);
}

/** White space, and the bytes of a byte order mark. */
const BEFORE_THE_FIRST: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09, 0xef, 0xbb, 0xbf]);

/** The first byte that says something. */
function firstByte(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => !BEFORE_THE_FIRST.has(byte));
}

function framedReader(framing: Framing, dialect: Dialect, context: ParseContext, passed: WireRequest | undefined): AnswerReader {
  let decoder = createDecoder(framing);
  const read = dialect.parseStream(context);
  const parser = passed === undefined || framing !== "sse" ? read : verbatimParser(read, dialect, passed);
  const wire: WireEvent[] = [];
  function parse(out: StreamEvent[]): void {
    for (const event of wire) parser.push(event, out);
    wire.length = 0;
  }
  return {
    push(bytes, out) {
      try {
        decoder.push(bytes, wire);
      } finally {
        // What was whole before the bytes went wrong counts, however they were cut.
        parse(out);
      }
    },
    end(out) {
      try {
        decoder.end(wire);
      } finally {
        parse(out);
      }
      parser.end(out);
    },
    resume() {
      const request = parser.resume?.();
      // Asked at every end of the bytes: where it does not go on, what the decoder holds is the last event.
      if (request !== undefined) decoder = createDecoder(framing);
      return request;
    },
  };
}

function wholeReader(dialect: Dialect, context: ParseContext): AnswerReader {
  const pieces: Uint8Array[] = [];
  let bytesRead = 0;
  return {
    push(bytes) {
      bytesRead += bytes.length;
      if (bytesRead > WHOLE_BYTES_MAX) {
        throw new DragomanError({
          code: "invalid_response",
          detail: `the answer is one JSON body of over ${WHOLE_BYTES_MAX} bytes`,
        });
      }
      // The transport may reuse its buffer.
      pieces.push(bytes.slice());
    },
    end(out) {
      const text = utf8Text(pieces);
      try {
        const body: unknown = JSON.parse(text);
        const completion = dialect.parseResponse(body, context);
        out.push(...streamFromCompletion(completion, "the server answered a streaming request with a whole answer"));
      } catch (error) {
        out.push({ type: "error", error: error instanceof SyntaxError ? unreadable(text) : toDragomanError(error) });
      }
    },
    resume: () => undefined,
  };
}

/** The cause is left out: it quotes the body, unredacted. */
function unreadable(text: string): DragomanError {
  const start = text.trim().slice(0, 120);
  return start.startsWith("{")
    ? new DragomanError({ code: "stream_truncated", detail: "the answer is one JSON body that ends early" })
    : new DragomanError({ code: "invalid_response", detail: `the answer is no stream; it begins ${JSON.stringify(start)}` });
}
