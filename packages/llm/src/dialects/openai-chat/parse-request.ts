/** A client's `POST /chat/completions` as a canonical request. */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
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
import { isVendorChoice, parseToolChoice, parseTools } from "./parse-tools.ts";
import type { Parsing } from "./parsing.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { parseReasoningRequest } from "./reasoning-request.ts";
import { parseResponseFormat, unreadFormatFields } from "./response-format.ts";
import { OPENAI_CHAT } from "./vendor-data.ts";

/** Fields with a canonical place, read below. */
const CANONICAL: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "parallel_tool_calls",
  "max_completion_tokens",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "user",
  "stream",
]);

/** Fields that OpenAI defines and that have no canonical place. Source: its SDK, `ChatCompletionCreateParams`. */
const DEFINED: ReadonlySet<string> = new Set([
  "audio",
  "logit_bias",
  "logprobs",
  "modalities",
  "moderation",
  "n",
  "prediction",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "service_tier",
  "store",
  "stream_options",
  "top_logprobs",
  "verbosity",
  "web_search_options",
]);

/** Throws `invalid_request` with the field's path. */
export function parseRequest(input: ClientRequest, quirks: ResolvedQuirks): ParsedRequest {
  const body = readBody(input.body);
  const parsing: Parsing = { quirks, warnings: [] };
  const model = readString(body.model, "model");
  if (model === "") throw invalidField("model", "model is empty");
  const stream = optional(body.stream, "stream", readBoolean) === true;
  const options = optional(body.stream_options, "stream_options", readObject);
  const request: CompletionRequest = {
    model,
    messages: parseMessages(body.messages, parsing),
    ...parseTools(body, parsing),
    ...parseToolChoice(body),
    ...parseSettings(body),
    ...parseRest(body, parsing),
  };
  const isLegacy = body.tools === undefined && Array.isArray(body.functions);
  return {
    request,
    stream,
    warnings: parsing.warnings,
    client: {
      model,
      echo: {
        includeUsage: options?.include_usage === true,
        ...(isLegacy ? { functions: true } : {}),
      },
    },
  };
}

function parseSettings(body: JsonObject): Partial<CompletionRequest> {
  const maxOutputTokens =
    optional(body.max_completion_tokens, "max_completion_tokens", readInteger) ??
    optional(body.max_tokens, "max_tokens", readInteger);
  const read: { -readonly [K in keyof CompletionRequest]?: CompletionRequest[K] | undefined } = {
    parallelToolCalls: optional(body.parallel_tool_calls, "parallel_tool_calls", readBoolean),
    maxOutputTokens,
    temperature: optional(body.temperature, "temperature", readNumber),
    topP: optional(body.top_p, "top_p", readNumber),
    topK: optional(body.top_k, "top_k", readInteger),
    stopSequences: optional(body.stop, "stop", readStop),
    seed: optional(body.seed, "seed", readInteger),
    presencePenalty: optional(body.presence_penalty, "presence_penalty", readNumber),
    frequencyPenalty: optional(body.frequency_penalty, "frequency_penalty", readNumber),
  };
  return withoutUndefined(read);
}

function withoutUndefined(
  fields: { [K in keyof CompletionRequest]?: CompletionRequest[K] | undefined },
): Partial<CompletionRequest> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readStop(value: unknown, field: string): readonly string[] {
  if (typeof value === "string") return [value];
  return readArray(value, field).map((item, index) => readString(item, `${field}[${index}]`));
}

/** Reasoning, output and metadata where they have a canonical meaning; every other field as a vendor option. */
function parseRest(body: JsonObject, parsing: Parsing): Partial<CompletionRequest> {
  const { reasoning, consumed } = parseReasoningRequest(body);
  const format = optional(body.response_format, "response_format", readObject);
  const output = format === undefined ? undefined : parseResponseFormat(format);
  if (format !== undefined && output !== undefined) parsing.warnings.push(...unreadFormatFields(format));
  const user = optional(body.user, "user", readString);
  const tags = stringTags(body.metadata);
  const metadata = { ...(user === undefined ? {} : { user }), ...(tags === undefined ? {} : { tags }) };
  const read = new Set([...CANONICAL, ...consumed]);
  if (output !== undefined) read.add("response_format");
  if (tags !== undefined) read.add("metadata");
  if (isVendorChoice(body.tool_choice)) read.delete("tool_choice");
  const options = parseOptions(body, read, parsing);
  return {
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(output === undefined ? {} : { output }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(Object.keys(options).length === 0 ? {} : { vendorOptions: { [OPENAI_CHAT]: options } }),
  };
}

function stringTags(value: unknown): Record<string, string> | undefined {
  if (!isJsonObject(value)) return undefined;
  const tags: Record<string, string> = {};
  for (const [key, tag] of Object.entries(value)) {
    if (typeof tag !== "string") return undefined;
    tags[key] = tag;
  }
  return tags;
}

function parseOptions(body: JsonObject, read: ReadonlySet<string>, parsing: Parsing): JsonObject {
  const options: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(body)) {
    if (read.has(field) || value === undefined || value === null) continue;
    if (field === "stream_options") {
      const others = otherStreamOptions(value);
      if (others !== undefined) options.stream_options = others;
      continue;
    }
    options[field] = value;
    if (DEFINED.has(field) || field === "metadata" || field === "tool_choice") continue;
    const detail = `${field} is not a field of this wire; it was passed on as it is`;
    parsing.warnings.push({ type: "unknown-field", path: field, detail });
  }
  return options;
}

/** `include_usage` is between us and the client; usage is always asked for from the vendor. */
function otherStreamOptions(value: JsonValue): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const { include_usage: _ours, ...others } = value;
  return Object.keys(others).length === 0 ? undefined : others;
}
