/** What kind of exchange it is, and so what is checked of it. */
import { ENGINE_LISTINGS, type EngineListingCheck } from "./check-engine-listing.ts";
import { isRawObject, parsedOrAbsent } from "./raw-json.ts";
import { framingOf, type RecordedFraming } from "./raw-stream.ts";
import type { RecordedExchange, RecordedPayload, Recording } from "./recording.ts";
import { skipReason, unknownOperation } from "./skips.ts";
import { type VectorOperation, vectorOperationOf } from "./vector-wires.ts";
import { type Wire, wireOf } from "./wires.ts";

export type Operation =
  | { readonly type: "skip"; readonly reason: string }
  | { readonly type: "error"; readonly wire: Wire }
  | { readonly type: "complete"; readonly wire: Wire; readonly body: unknown }
  /** `framing` is undefined for text that is no stream: it must come out as an error. */
  | { readonly type: "stream"; readonly wire: Wire; readonly text: string; readonly framing: RecordedFraming | undefined }
  | { readonly type: "vectors"; readonly wire: Wire; readonly body: unknown; readonly operation: VectorOperation }
  | { readonly type: "count-tokens"; readonly wire: Wire; readonly body: unknown }
  | { readonly type: "cached-content"; readonly wire: Wire; readonly body: unknown }
  | { readonly type: "listing"; readonly wire: Wire; readonly body: unknown }
  | { readonly type: "engine-listing"; readonly wire: Wire; readonly body: unknown; readonly check: EngineListingCheck };

export function operationOf(recording: Recording, exchange: RecordedExchange): Operation {
  const { wire: name, api, provider } = recording;
  const { status, payload } = exchange.response;
  const vectors = vectorOperationOf(recording, exchange);
  const wire = vectors?.wire ?? wireOf(name, provider);
  if (wire !== undefined && (status < 200 || status >= 300)) return { type: "error", wire };
  if (vectors !== undefined && payload.type === "json") {
    return { type: "vectors", wire: vectors.wire, body: payload.value, operation: vectors };
  }
  const reason = skipReason(name, api, provider);
  if (reason !== undefined) return { type: "skip", reason };
  if (wire === undefined) return { type: "skip", reason: `no dialect speaks the wire ${name}` };
  if (wire.completionApis.has(api) || isAnswer(name, payload)) return answerOf(wire, payload);
  if (payload.type !== "json") return { type: "skip", reason: unknownOperation(`${name} ${api}`) };
  const body = payload.value;
  if (name === "gemini" && api === "cachedContents") return { type: "cached-content", wire, body };
  if (wire.countTokensApis.has(api)) return { type: "count-tokens", wire, body };
  const check = name === "ollama" ? ENGINE_LISTINGS[api] : undefined;
  if (check !== undefined) return { type: "engine-listing", wire, body, check };
  if (wire.listingApis.has(api) || (name === "models" && api === "models.list")) return { type: "listing", wire, body };
  return { type: "skip", reason: unknownOperation(`${name} ${api}`) };
}

/** The field that only an answer of the wire has, for operations under a name that is new to the player. */
const ANSWER_FIELDS: Readonly<Record<string, string>> = {
  "openai-chat": "choices",
  "openai-responses": "output",
  "anthropic-messages": "content",
  gemini: "candidates",
};

function isAnswer(wire: string, payload: RecordedPayload): boolean {
  const field = ANSWER_FIELDS[wire];
  if (field === undefined || payload.type === "base64") return false;
  if (payload.type === "json") return isRawObject(payload.value) && Array.isArray(payload.value[field]);
  return framingOf(payload.text) === "sse";
}

function answerOf(wire: Wire, payload: RecordedPayload): Operation {
  if (payload.type === "base64") {
    if (wire.framing !== "aws-event-stream") return { type: "skip", reason: "a binary answer, which this wire does not have" };
    return { type: "stream", wire, text: Buffer.from(payload.base64, "base64").toString("latin1"), framing: wire.framing };
  }
  if (payload.type === "text") {
    const whole = wire.framing === "ndjson" ? undefined : parsedOrAbsent(payload.text);
    if (isRawObject(whole)) return { type: "complete", wire, body: whole };
    return { type: "stream", wire, text: payload.text, framing: framingOf(payload.text) };
  }
  // Only a growing array of chunks is answered as a list.
  if (Array.isArray(payload.value)) {
    return { type: "stream", wire, text: JSON.stringify(payload.value), framing: "json-array" };
  }
  return { type: "complete", wire, body: payload.value };
}
