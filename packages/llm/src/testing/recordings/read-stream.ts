/** Bytes to events by the real decoders and a dialect's parser, as a provider does it. */
import type { Framing, StreamParser, WireEvent } from "../../dialect.ts";
import type { StreamEvent } from "../../stream.ts";
import { createDecoder } from "../../transport/decoders.ts";
import type { Decoder } from "../../transport/transport.ts";

export interface StreamReading {
  push(bytes: Uint8Array): void;
  /** The connection has ended; returns all events. */
  end(): StreamEvent[];
}

export function createStreamReading(decoder: Decoder, parser: StreamParser): StreamReading {
  const events: StreamEvent[] = [];
  let failed = false;

  /** What the framing cannot read breaks the stream off; the parser then says what that means. */
  function decode(step: (out: WireEvent[]) => void): void {
    if (failed) return;
    const wireEvents: WireEvent[] = [];
    try {
      step(wireEvents);
    } catch {
      failed = true;
    }
    for (const event of wireEvents) parser.push(event, events);
  }

  return {
    push(bytes) {
      decode((out) => {
        decoder.push(bytes, out);
      });
    },
    end() {
      decode((out) => {
        decoder.end(out);
      });
      parser.end(events);
      return events;
    },
  };
}

export function readChunks(chunks: readonly Uint8Array[], parser: StreamParser, framing: Framing): StreamEvent[] {
  const reading = createStreamReading(createDecoder(framing), parser);
  for (const chunk of chunks) reading.push(chunk);
  return reading.end();
}

/** Reads a whole body as it arrives; a connection that breaks ends the stream. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  parser: StreamParser,
  framing: Framing,
  contentType: string | undefined,
): Promise<StreamEvent[]> {
  const reading = createStreamReading(createDecoder(framing, contentType), parser);
  for await (const bytes of body) reading.push(bytes);
  return reading.end();
}
