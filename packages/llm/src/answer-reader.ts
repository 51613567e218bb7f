/**
 * Bytes of a streamed answer -> stream events. The first byte tells what came: a stream in the dialect's framing, one JSON
 * object (a server that ignores `stream`, or an error under 200), or one JSON array (Gemini without `alt=sse`).
 */
import type { Dialect, Framing, ParseContext, RenderedRequest, WireEvent } from "./dialect.ts";
import { DragomanError, toDragomanError } from "./errors.ts";
import type { StreamEvent } from "./stream.ts";
import { streamFromCompletion } from "./stream-from-completion.ts";
import { createDecoder } from "./transport/decoders.ts";

/** Both calls append events to `out`. `push` throws `invalid_response` for a line over the limit. */
export interface AnswerReader {
  push(bytes: Uint8Array, out: StreamEvent[]): void;
  end(out: StreamEvent[]): void;
  /** How to go on where the connection broke; undefined where that cannot be. Bytes of the new connection start afresh. */
  resume(): RenderedRequest | undefined;
}

/** Bytes of a whole JSON answer that is held in memory. */
const WHOLE_BYTES_MAX = 64 * 1024 * 1024;

export function createAnswerReader(dialect: Dialect, context: ParseContext): AnswerReader {
  let reader: AnswerReader | undefined;
  return {
    push(bytes, out) {
      if (reader === undefined) {
        const first = dialect.framing === "aws-event-stream" ? bytes[0] : firstByte(bytes);
        if (first === undefined) return;
        reader = readerFor(first, dialect, context);
      }
      reader.push(bytes, out);
    },
    end(out) {
      (reader ?? framedReader(dialect.framing, dialect, context)).end(out);
    },
    resume: () => reader?.resume(),
  };
}

const OBJECT = 0x7b;
const ARRAY = 0x5b;

function readerFor(first: number, dialect: Dialect, context: ParseContext): AnswerReader {
  if (dialect.framing === "sse" && first === OBJECT) return wholeReader(dialect, context);
  return framedReader(first === ARRAY ? "json-array" : dialect.framing, dialect, context);
}

/** The first byte that is not white space. */
function firstByte(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
}

function framedReader(framing: Framing, dialect: Dialect, context: ParseContext): AnswerReader {
  let decoder = createDecoder(framing);
  const parser = dialect.parseStream(context);
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
      decoder = createDecoder(framing);
      return parser.resume?.();
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
      try {
        const body: unknown = JSON.parse(Buffer.concat(pieces).toString("utf8"));
        const completion = dialect.parseResponse(body, context);
        out.push(...streamFromCompletion(completion, "the server answered a streaming request with a whole answer"));
      } catch (error) {
        const failure =
          error instanceof SyntaxError
            ? new DragomanError({ code: "stream_truncated", detail: "the answer is one JSON body that ends early", cause: error })
            : toDragomanError(error);
        out.push({ type: "error", error: failure });
      }
    },
    resume: () => undefined,
  };
}
