/**
 * A recording: real exchanges with a service, as one JSON file. Only what the player needs is checked; whatever else a
 * file carries is left alone, so that a newer recorder's files still play.
 */
import { DragomanError } from "../../errors.ts";
import { isRawObject, objectIn, type RawObject, stringIn } from "./raw-json.ts";

/** What went between a client and a vendor, with what it should come to. */
export interface Recording {
  readonly id: string;
  /** Who answered, as in `openai`. Decides the vendor's quirks. */
  readonly provider: string;
  /** The API that was spoken, as in `openai-chat`. */
  readonly wire: string;
  /** The operation, as in `chat.completions`. */
  readonly api: string;
  readonly model: string;
  readonly features: readonly string[];
  /** False when only the answer was recorded. */
  readonly requestRecorded: boolean;
  readonly exchanges: readonly RecordedExchange[];
}

export interface RecordedExchange {
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON body; null where there was none, or where it was not recorded. */
  readonly body: unknown;
}

export interface RecordedResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: RecordedPayload;
}

/** A JSON body, text exactly as it came (events, lines, an error page), or bytes as base64. */
export type RecordedPayload =
  | { readonly type: "json"; readonly value: unknown }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "base64"; readonly base64: string };

/** Reads a recording from parsed JSON. Throws `invalid_request` with the reason when it is not one. */
export function parseRecording(value: unknown, name: string): Recording {
  if (!isRawObject(value)) throw notARecording(name, "it is not a JSON object");
  if (!Array.isArray(value.exchanges) || value.exchanges.length === 0) throw notARecording(name, "it has no exchanges");
  const wire = stringIn(value.wire) ?? stringIn(value.dialect);
  if (wire === undefined) throw notARecording(name, "it does not name its wire");
  return {
    id: stringIn(value.id) ?? name,
    provider: stringIn(value.provider) ?? "unknown",
    wire,
    api: stringIn(value.api) ?? "unknown",
    model: stringIn(value.model) ?? "",
    features: Array.isArray(value.features) ? value.features.filter((feature) => typeof feature === "string") : [],
    requestRecorded: value.request_recorded !== false,
    exchanges: value.exchanges.map((exchange: unknown, index) => parseExchange(exchange, `${name}, exchange ${index}`)),
  };
}

function parseExchange(value: unknown, name: string): RecordedExchange {
  if (!isRawObject(value)) throw notARecording(name, "it is not an object");
  const { response } = value;
  if (!isRawObject(response)) throw notARecording(name, "it has no response");
  if (typeof response.status !== "number") throw notARecording(name, "its response has no status");
  const request = objectIn(value.request);
  return {
    request: {
      method: stringIn(request.method) ?? "POST",
      url: stringIn(request.url) ?? "",
      headers: headersOf(request.headers),
      body: request.body ?? null,
    },
    response: { status: response.status, headers: headersOf(response.headers), payload: payloadOf(response, name) },
  };
}

function payloadOf(response: RawObject, name: string): RecordedPayload {
  if (typeof response.base64 === "string") return { type: "base64", base64: response.base64 };
  if (typeof response.text === "string") return { type: "text", text: response.text };
  if ("body" in response) return { type: "json", value: response.body };
  throw notARecording(name, "its response has none of body, text and base64");
}

function headersOf(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header] of Object.entries(objectIn(value))) {
    const text = Array.isArray(header) ? header.join(", ") : header;
    if (typeof text === "string" || typeof text === "number") headers[name.toLowerCase()] = String(text);
  }
  return headers;
}

/** The body as it goes over the wire. */
export function payloadBytes(payload: RecordedPayload): Uint8Array {
  if (payload.type === "base64") return Buffer.from(payload.base64, "base64");
  return Buffer.from(payloadText(payload), "utf8");
}

/** The body as text. A binary body is read as UTF-8, whatever comes of it. */
export function payloadText(payload: RecordedPayload): string {
  if (payload.type === "text") return payload.text;
  if (payload.type === "json") return JSON.stringify(payload.value) ?? "";
  return Buffer.from(payload.base64, "base64").toString("utf8");
}

/** The path and query of a recorded address, also where only a path was recorded. */
export function addressOf(request: RecordedRequest): URL {
  return new URL(request.url === "" ? "/" : request.url, "http://recorded.invalid");
}

function notARecording(name: string, why: string): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    detail: `${name} is not a recording: ${why}`,
    advice: "see the format in packages/llm/src/testing/recordings/recording.ts",
  });
}
