import type { Framing } from "../dialect.ts";
import { createEventStreamDecoder } from "./event-stream.ts";
import { createJsonArrayDecoder } from "./json-array.ts";
import { createNdjsonDecoder } from "./ndjson.ts";
import { createSseDecoder } from "./sse.ts";
import type { Decoder } from "./transport.ts";

const DECODERS: Record<Framing, () => Decoder> = {
  sse: createSseDecoder,
  ndjson: createNdjsonDecoder,
  "json-array": createJsonArrayDecoder,
  "aws-event-stream": createEventStreamDecoder,
};

/** Media types that name a framing, whatever was asked for. `application/json` names none: it may be an array or one value. */
const FRAMING_OF_MEDIA_TYPE: ReadonlyMap<string, Framing> = new Map([
  ["application/vnd.amazon.eventstream", "aws-event-stream"],
  ["text/event-stream", "sse"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
  ["application/jsonl", "ndjson"],
  ["application/x-jsonlines", "ndjson"],
  ["application/stream+json", "ndjson"],
]);

/** A decoder for the framing that the answer's content type names, or else for the one that was asked for. */
export function createDecoder(framing: Framing, contentType?: string): Decoder {
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return DECODERS[FRAMING_OF_MEDIA_TYPE.get(mediaType) ?? framing]();
}
