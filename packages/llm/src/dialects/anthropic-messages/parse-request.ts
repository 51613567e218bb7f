/**
 * A client's `POST /v1/messages` as a canonical request. What Anthropic defines and we have no word for goes on as vendor
 * options; so does any setting whose canonical form would not render to exactly what the client wrote.
 */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest, OutputRequest, RequestMetadata } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import {
  optional,
  otherFields,
  readArray,
  readBody,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readOneOf,
  readString,
} from "../wire-reader.ts";
import { parseMessages } from "./parse-messages.ts";
import { type AnthropicEffort, type AnthropicMessagesQuirks, modelRule } from "./quirks.ts";
import { parseReasoning, renderReasoning, sameThinking } from "./reasoning.ts";
import { parseToolChoice, parseTools } from "./tools.ts";
import { DIALECT } from "./vendor-data.ts";
import type { WireThinking } from "./wire.ts";

export interface ParseRequestOptions {
  /** False for `count_tokens`, which has no answer to bound. */
  readonly maxTokensRequired: boolean;
}

type Options = Record<string, JsonValue>;

export function parseRequest(
  input: ClientRequest,
  quirks: AnthropicMessagesQuirks,
  { maxTokensRequired }: ParseRequestOptions,
): ParsedRequest {
  const body = readBody(input.body);
  const model = readModel(body, input.path);
  const options: Options = {};
  const warnings: Warning[] = [];
  const prompt = parseMessages(body.system, body.messages);
  const tools = body.tools === undefined || body.tools === null ? undefined : parseTools(body.tools);
  const choice = optional(body.tool_choice, "tool_choice", parseToolChoice);
  const cache = [...(tools?.cache === undefined ? [] : [tools.cache]), ...prompt.cache];
  const settings = {
    ...readSettings(body, maxTokensRequired),
    ...(choice ?? {}),
    ...present("metadata", readMetadata(body, options, warnings)),
    ...readOutputConfig(body, options, warnings),
  };
  const request: CompletionRequest = {
    model,
    messages: prompt.messages,
    ...(tools === undefined || tools.tools.length === 0 ? {} : { tools: tools.tools }),
    ...settings,
    ...present("reasoning", readThinkingSettings(body, { ...settings, model }, options, quirks)),
    ...(cache.length === 0 ? {} : { cache }),
  };
  readOtherFields(body, input, options, warnings);
  const vendorOptions = Object.keys(options).length === 0 ? {} : { vendorOptions: { [DIALECT]: options } };
  return {
    request: { ...request, ...vendorOptions },
    stream: optional(body.stream, "stream", readBoolean) ?? input.path.endsWith(":streamRawPredict"),
    warnings: [...prompt.warnings, ...warnings],
    client: { model, echo: {} },
  };
}

/** Vertex names the model in the path: `…/models/claude-x@date:rawPredict`. */
function readModel(body: JsonObject, path: string): string {
  const inPath = /\/models\/([^/:]+):(?:raw|streamRaw)Predict$/.exec(path)?.[1];
  return inPath !== undefined && body.model === undefined ? decodeURIComponent(inPath) : readString(body.model, "model");
}

function readSettings(body: JsonObject, maxTokensRequired: boolean): Partial<CompletionRequest> {
  const maxTokens = maxTokensRequired
    ? readInteger(body.max_tokens, "max_tokens")
    : optional(body.max_tokens, "max_tokens", readInteger);
  return {
    ...present("maxOutputTokens", maxTokens),
    ...present("temperature", optional(body.temperature, "temperature", readNumber)),
    ...present("topP", optional(body.top_p, "top_p", readNumber)),
    ...present("topK", optional(body.top_k, "top_k", readInteger)),
    ...present("stopSequences", optional(body.stop_sequences, "stop_sequences", readStrings)),
  };
}

function readStrings(value: unknown, field: string): readonly string[] {
  return readArray(value, field).map((item, index) => readString(item, `${field}[${index}]`));
}

function readMetadata(body: JsonObject, options: Options, warnings: Warning[]): RequestMetadata | undefined {
  const metadata = optional(body.metadata, "metadata", readObject);
  if (metadata === undefined) return undefined;
  const user = optional(metadata.user_id, "metadata.user_id", readString);
  const others = otherFields(metadata, new Set(["user_id"]));
  if (others !== undefined) {
    options.metadata = metadata;
    for (const field of Object.keys(others)) warnings.push(unknownField(`metadata.${field}`));
  }
  return user === undefined ? undefined : { user };
}

// Structured output

/** `output_config.format`, and `output_format`, its name while it was a beta. */
function readOutputConfig(body: JsonObject, options: Options, warnings: Warning[]): { readonly output?: OutputRequest } {
  const config = optional(body.output_config, "output_config", readObject) ?? {};
  const name = config.format === undefined || config.format === null ? "output_format" : "output_config.format";
  const format = optional(config.format ?? body.output_format, name, readObject);
  const others = otherFields(config, new Set(["effort", "format"]));
  if (others !== undefined) options.output_config = config;
  if (format === undefined) return {};
  const type = optional(format.type, `${name}.type`, readString);
  if (type === undefined || type === "json_schema") {
    // The vendor enforces it, and its clients count on that.
    return { output: { type: "json", schema: readObject(format.schema, `${name}.schema`), strict: true } };
  }
  options.output_config = { ...config, format };
  warnings.push({
    type: "unknown-field",
    path: `${name}.type`,
    detail: `Anthropic defines no format ${type}; it was passed on unread`,
  });
  return {};
}

// Thinking

const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;

/** Where the canonical form would not come out as the client wrote it, the client's own words go along. */
function readThinkingSettings(
  body: JsonObject,
  request: Partial<CompletionRequest> & { readonly model: string },
  options: Options,
  quirks: AnthropicMessagesQuirks,
): CompletionRequest["reasoning"] | undefined {
  const config = isJsonObject(body.output_config) ? body.output_config : {};
  const effort = optional(config.effort, "output_config.effort", (value, field) => readOneOf(value, EFFORTS, field));
  const thinking = readThinking(body, options);
  if (thinking === "other") return parseReasoning(undefined, effort);
  const reasoning = parseReasoning(thinking, effort);
  const rendered = renderReasoning(reasoning, {
    rule: modelRule(request.model, quirks),
    maxOutputTokens: request.maxOutputTokens,
    toolChoice: request.toolChoice,
  });
  if (!sameThinking(thinking, rendered.thinking) || rendered.warnings.length > 0 || saysMore(body.thinking, thinking))
    options.thinking = isJsonObject(body.thinking) ? body.thinking : null;
  if (rendered.effort !== effort) keepEffort(config, effort, request.output, options);
  return reasoning;
}

function keepEffort(
  config: JsonObject,
  effort: AnthropicEffort | undefined,
  output: OutputRequest | undefined,
  options: Options,
): void {
  if (effort !== undefined) options.output_config = config;
  else if (output === undefined) options.output_config = null;
}

/** `other`: a kind of thinking that we have no word for; it goes on as a vendor option. */
function readThinking(body: JsonObject, options: Options): WireThinking | "other" | undefined {
  const thinking = optional(body.thinking, "thinking", readObject);
  if (thinking === undefined) return undefined;
  const type = readString(thinking.type, "thinking.type");
  const display = (["summarized", "omitted"] as const).find((word) => word === thinking.display);
  const shown = display === undefined ? {} : { display };
  if (type === "disabled") return { type };
  if (type === "adaptive") return { type, ...shown };
  if (type === "enabled") return { type, budget_tokens: readInteger(thinking.budget_tokens, "thinking.budget_tokens"), ...shown };
  options.thinking = thinking;
  return "other";
}

/** Whether the client's object has a field, or a word for `display`, that the reading has no place for. */
function saysMore(said: JsonValue | undefined, read: WireThinking | undefined): boolean {
  if (!isJsonObject(said)) return false;
  const taken = { ...read };
  return Object.entries(said).some(([field, value]) => value !== undefined && value !== null && !(field in taken));
}

// Everything else

const CANONICAL_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "max_tokens",
  "tools",
  "tool_choice",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "stream",
  "metadata",
  "thinking",
  "output_config",
  "output_format",
]);

/** Fields that Anthropic, or a host of it, defines. Source: MessageCreateParams of @anthropic-ai/sdk, stable and beta. */
const PASSED_ON: ReadonlySet<string> = new Set([
  "anthropic_beta",
  "anthropic_version",
  "betas",
  "billing_policy",
  "cache_control",
  "compaction",
  "container",
  "context_management",
  "diagnostics",
  "fallback_credit_token",
  "fallbacks",
  "inference_geo",
  "mcp_servers",
  "service_tier",
  "speed",
  "thread",
  "user_profile_id",
  "workspace_id",
]);

function readOtherFields(body: JsonObject, input: ClientRequest, options: Options, warnings: Warning[]): void {
  for (const [field, value] of Object.entries(otherFields(body, CANONICAL_FIELDS) ?? {})) {
    if (value === undefined || value === null) continue;
    options[field] = value;
    if (!PASSED_ON.has(field)) warnings.push(unknownField(field));
  }
  const betas = betasIn(input.headers["anthropic-beta"]);
  if (betas.length > 0) options.betas = betas;
}

/** Only what looks like the name of a beta goes on into a header. */
function betasIn(header: string | undefined): string[] {
  return (header ?? "")
    .split(",")
    .map((beta) => beta.trim())
    .filter((beta) => /^[a-z0-9-]{1,100}$/.test(beta));
}

function unknownField(path: string): Warning {
  return { type: "unknown-field", path, detail: "Anthropic does not define it; it was passed on unread" };
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
