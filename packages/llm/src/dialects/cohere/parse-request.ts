/** A client's `POST /v2/chat` as a canonical request. */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import {
  invalidField,
  optional,
  readArray,
  readBody,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
} from "../wire-reader.ts";
import { parseMessages } from "./parse-messages.ts";
import { parseToolChoice, parseTools } from "./parse-tools.ts";
import { parseResponseFormat } from "./response-format.ts";
import { parseThinking } from "./thinking.ts";
import { COHERE } from "./vendor-data.ts";

/** Fields with a canonical place, read below. */
const CANONICAL: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "strict_tools",
  "response_format",
  "max_tokens",
  "temperature",
  "p",
  "k",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "stop_sequences",
  "thinking",
  "stream",
]);

/** Fields that Cohere defines and that have no canonical place. Source: its SDK, `V2ChatRequest`. */
const DEFINED: ReadonlySet<string> = new Set(["documents", "citation_options", "safety_mode", "logprobs", "priority"]);

/** Throws `invalid_request` with the field's path. */
export function parseRequest(input: ClientRequest): ParsedRequest {
  const body = readBody(input.body);
  const warnings: Warning[] = [];
  const model = readString(body.model, "model");
  if (model === "") throw invalidField("model", "model is empty");
  const stream = optional(body.stream, "stream", readBoolean) === true;
  const request: CompletionRequest = {
    model,
    messages: parseMessages(body.messages, warnings),
    ...parseTools(body),
    ...parseToolChoice(body),
    ...parseSettings(body),
    ...parseRest(body, warnings),
  };
  return { request, stream, warnings, client: { model, echo: {} } };
}

function parseSettings(body: JsonObject): Partial<CompletionRequest> {
  const read: { -readonly [K in keyof CompletionRequest]?: CompletionRequest[K] | undefined } = {
    maxOutputTokens: optional(body.max_tokens, "max_tokens", readInteger),
    temperature: optional(body.temperature, "temperature", readNumber),
    topP: optional(body.p, "p", readNumber),
    topK: optional(body.k, "k", readInteger),
    stopSequences: optional(body.stop_sequences, "stop_sequences", readStrings),
    seed: optional(body.seed, "seed", readInteger),
    presencePenalty: optional(body.presence_penalty, "presence_penalty", readNumber),
    frequencyPenalty: optional(body.frequency_penalty, "frequency_penalty", readNumber),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function readStrings(value: unknown, field: string): readonly string[] {
  return readArray(value, field).map((item, index) => readString(item, `${field}[${index}]`));
}

/** Thinking and the output's form where they have a canonical meaning; every other field as a vendor option. */
function parseRest(body: JsonObject, warnings: Warning[]): Partial<CompletionRequest> {
  const thinking = optional(body.thinking, "thinking", readObject);
  const format = optional(body.response_format, "response_format", readObject);
  const output = format === undefined ? undefined : parseResponseFormat(format, warnings);
  const options = otherOptions(body, warnings);
  if (format !== undefined && output === undefined) {
    options.response_format = format;
    const detail = "the wire does not define this type; it was passed on as it is";
    warnings.push({ type: "unknown-field", path: "response_format.type", detail });
  }
  return {
    ...(thinking === undefined ? {} : { reasoning: parseThinking(thinking, warnings) }),
    ...(output === undefined ? {} : { output }),
    ...(Object.keys(options).length === 0 ? {} : { vendorOptions: { [COHERE]: options } }),
  };
}

function otherOptions(body: JsonObject, warnings: Warning[]): Record<string, JsonValue> {
  const options: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(body)) {
    if (CANONICAL.has(field) || value === undefined || value === null) continue;
    options[field] = value;
    if (DEFINED.has(field)) continue;
    const detail = `${field} is not a field of this wire; it was passed on as it is`;
    warnings.push({ type: "unknown-field", path: field, detail });
  }
  return options;
}
