/**
 * A client's `POST /responses` -> CompletionRequest. What has no canonical form goes into the vendor options, and so back
 * to a vendor of this wire as it came; what this wire does not define at all is reported too.
 */
import type { ClientContext, ClientRequest, ParsedRequest } from "../../dialect.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { CompletionRequest, OutputRequest, ReasoningRequest, RequestMetadata } from "../../request.ts";
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
  readOneOf,
  readString,
} from "../wire-reader.ts";
import { parseInput } from "./parse-input.ts";
import { parseToolChoice, parseTools } from "./parse-tools.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { ENCRYPTED_REASONING } from "./request.ts";
import { fieldsBesides, OPENAI_RESPONSES } from "./vendor-data.ts";

type Options = Record<string, JsonValue | undefined>;

/** Fields that have their place in a canonical request; some leave a rest in the vendor options. */
const CANONICAL_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "input",
  "instructions",
  "stream",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_output_tokens",
  "temperature",
  "top_p",
  "reasoning",
  "text",
  "metadata",
  "user",
  "prompt_cache_key",
  "prompt_cache_retention",
  "include",
]);

/** Fields of the wire that have no canonical form. Source: `ResponseCreateParams` of the `openai` package. */
const WIRE_FIELDS: ReadonlySet<string> = new Set([
  "access_programs",
  "background",
  "context_management",
  "conversation",
  "image",
  "max_tool_calls",
  "moderation",
  "personality",
  "previous_response_id",
  "prompt",
  "prompt_cache_options",
  "safety_identifier",
  "service_tier",
  "store",
  "stream_options",
  "top_logprobs",
  "truncation",
]);

/** Fields that point at what only the vendor keeps. */
const STATE_FIELDS = ["previous_response_id", "conversation", "prompt"] as const;

export function parseRequest(input: ClientRequest, quirks: ResolvedQuirks): ParsedRequest {
  const body = readBody(input.body);
  const warnings: Warning[] = [];
  // A prompt template of the vendor names its model itself.
  const model = (isGiven(body.prompt) ? optional(body.model, "model", readString) : readString(body.model, "model")) ?? "";
  const options = passedOn(body, warnings);
  const request: CompletionRequest = {
    model,
    messages: messagesOf(body, quirks, warnings),
    ...toolSettings(body, options, warnings),
    ...samplingSettings(body),
    ...reasoningSettings(body, options),
    ...outputSettings(body, options),
    ...cacheSettings(body, options),
    ...metadataSettings(body),
    ...vendorOptions(options, body),
  };
  const stream = optional(body.stream, "stream", readBoolean) ?? false;
  return { request, stream, warnings, client: clientContext(model, body) };
}

function messagesOf(body: JsonObject, quirks: ResolvedQuirks, warnings: Warning[]): CompletionRequest["messages"] {
  const instructions = optional(body.instructions, "instructions", readString);
  const hasContext = instructions !== undefined || STATE_FIELDS.some((field) => isGiven(body[field]));
  if (!isGiven(body.input) && !hasContext)
    throw invalidField("input", "input is missing; it must be a string or a list of items");
  return parseInput(body.input, instructions, { fileKeeper: quirks.fileKeeper, warnings });
}

function isGiven(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function passedOn(body: JsonObject, warnings: Warning[]): Options {
  const options: Options = {};
  for (const [key, value] of Object.entries(body)) {
    if (CANONICAL_FIELDS.has(key) || value === undefined || value === null) continue;
    options[key] = value;
    if (!WIRE_FIELDS.has(key)) {
      warnings.push({
        type: "unknown-field",
        path: key,
        detail: `the Responses API has no field ${key}; passed on unread`,
        value,
      });
    }
  }
  for (const field of STATE_FIELDS) {
    const value = options[field];
    if (value === undefined) continue;
    warnings.push({ type: "other", path: field, detail: "refers to what only OpenAI keeps; no other vendor can use it", value });
  }
  return options;
}

function toolSettings(body: JsonObject, options: Options, warnings: Warning[]): Partial<CompletionRequest> {
  const tools = isGiven(body.tools) ? parseTools(body.tools, warnings) : [];
  const choice = isGiven(body.tool_choice) ? parseToolChoice(body.tool_choice) : undefined;
  if (choice === undefined && isGiven(body.tool_choice)) options.tool_choice = body.tool_choice;
  const parallel = optional(body.parallel_tool_calls, "parallel_tool_calls", readBoolean);
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...(parallel === undefined ? {} : { parallelToolCalls: parallel }),
  };
}

function samplingSettings(body: JsonObject): Partial<CompletionRequest> {
  const maxOutputTokens = optional(body.max_output_tokens, "max_output_tokens", readInteger);
  const temperature = optional(body.temperature, "temperature", readNumber);
  const topP = optional(body.top_p, "top_p", readNumber);
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  };
}

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
const SUMMARIES = ["auto", "concise", "detailed"] as const;
const REASONING_FIELDS: ReadonlySet<string> = new Set(["effort", "summary"]);

function reasoningSettings(body: JsonObject, options: Options): Partial<CompletionRequest> {
  const reasoning = optional(body.reasoning, "reasoning", readObject);
  if (reasoning === undefined) return {};
  const effort = optional(reasoning.effort, "reasoning.effort", (value, field) => readOneOf(value, EFFORTS, field));
  const summary = optional(reasoning.summary, "reasoning.summary", (value, field) => readOneOf(value, SUMMARIES, field));
  const rest = fieldsBesides(reasoning, REASONING_FIELDS);
  if (rest !== undefined) options.reasoning = rest;
  const asked: ReasoningRequest = {
    ...(effort === undefined ? {} : { effort }),
    ...(reasoning.summary === null ? { summary: "none" } : summary === undefined ? {} : { summary }),
  };
  return Object.keys(asked).length === 0 ? {} : { reasoning: asked };
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(["format"]);

function outputSettings(body: JsonObject, options: Options): Partial<CompletionRequest> {
  const text = optional(body.text, "text", readObject);
  if (text === undefined) return {};
  const rest = fieldsBesides(text, TEXT_FIELDS);
  if (rest !== undefined) options.text = rest;
  const format = optional(text.format, "text.format", readObject);
  return format === undefined ? {} : { output: parseFormat(format) };
}

function parseFormat(format: JsonObject): OutputRequest {
  const type = readOneOf(format.type, ["text", "json_object", "json_schema"], "text.format.type");
  if (type === "text") return { type: "text" };
  if (type === "json_object") return { type: "json" };
  const name = readString(format.name, "text.format.name");
  const description = optional(format.description, "text.format.description", readString);
  const strict = optional(format.strict, "text.format.strict", readBoolean);
  return {
    type: "json",
    schema: readObject(format.schema, "text.format.schema"),
    // `output` is what is sent for a schema without a name.
    ...(name === "output" ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** The vendor caches by itself; a key or a time says that the client counts on it. */
function cacheSettings(body: JsonObject, options: Options): Partial<CompletionRequest> {
  const key = optional(body.prompt_cache_key, "prompt_cache_key", readString);
  const retention = optional(body.prompt_cache_retention, "prompt_cache_retention", readString);
  if (retention !== undefined && retention !== "24h") options.prompt_cache_retention = retention;
  if (key === undefined && retention !== "24h") return {};
  return {
    cache: [
      {
        stable: "system",
        ...(retention === "24h" ? { timeToLive: "24h" } : {}),
        ...(key === undefined ? {} : { key }),
      },
    ],
  };
}

function metadataSettings(body: JsonObject): Partial<CompletionRequest> {
  const tags = optional(body.metadata, "metadata", readTags);
  const user = optional(body.user, "user", readString) ?? optional(body.safety_identifier, "safety_identifier", readString);
  const metadata: RequestMetadata = { ...(user === undefined ? {} : { user }), ...(tags === undefined ? {} : { tags }) };
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}

function readTags(value: unknown, field: string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [key, tag] of Object.entries(readObject(value, field))) tags[key] = readString(tag, `${field}.${key}`);
  return tags;
}

/**
 * With `store: false` the encrypted reasoning is asked for anyway, so it is not written down; a client that did not ask for
 * it gets an empty list, which says so.
 */
function includeOption(body: JsonObject): { readonly include?: readonly JsonValue[] } {
  const include = optional(body.include, "include", readArray);
  const isUnstored = body.store === false;
  const others = include?.filter((entry) => entry !== ENCRYPTED_REASONING) ?? [];
  const isAsked = include !== undefined && others.length < include.length;
  if (isUnstored && isAsked && others.length === 0) return {};
  if (include !== undefined && include.length > 0) return { include };
  return isUnstored ? { include: [] } : {};
}

function vendorOptions(options: Options, body: JsonObject): Partial<CompletionRequest> {
  const own: JsonObject = { ...options, ...includeOption(body) };
  return Object.keys(own).length === 0 ? {} : { vendorOptions: { [OPENAI_RESPONSES]: own } };
}

/** Fields that an answer repeats. */
const ECHOED = [
  "background",
  "conversation",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "parallel_tool_calls",
  "previous_response_id",
  "prompt",
  "prompt_cache_key",
  "prompt_cache_retention",
  "reasoning",
  "safety_identifier",
  "service_tier",
  "store",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "truncation",
  "user",
] as const;

function clientContext(model: string, body: JsonObject): ClientContext {
  const echo: Options = {};
  for (const field of ECHOED) {
    const value = body[field];
    if (value !== undefined && value !== null) echo[field] = value;
  }
  return { model, echo };
}
