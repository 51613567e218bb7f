/**
 * A client's `POST /model/{id}/converse` or `/converse-stream` as a canonical request. What Bedrock defines and we have no
 * word for goes on as vendor options.
 */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { CompletionRequest, OutputRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import {
  invalidField,
  optional,
  otherFields,
  readArray,
  readBody,
  readInteger,
  readNumber,
  readObject,
  readString,
} from "../wire-reader.ts";
import { parseTextFormat } from "./output-config.ts";
import { parseMessages } from "./parse-messages.ts";
import { parseModelSettings } from "./parse-model-settings.ts";
import { parseToolConfig } from "./tools.ts";
import { BEDROCK } from "./vendor-data.ts";

type Options = Record<string, JsonValue>;

export function parseRequest(input: ClientRequest): ParsedRequest {
  const body = readBody(input.body);
  return parseConverse(body, modelOf(input.path, body), input.path.endsWith("/converse-stream"));
}

/** The body of a call, whose model and kind stand in the path. */
export function parseConverse(body: JsonObject, model: string, stream: boolean): ParsedRequest {
  const options: Options = {};
  const warnings: Warning[] = [];
  const prompt = parseMessages(body.system, body.messages);
  const toolConfig = optional(body.toolConfig, "toolConfig", parseToolConfig);
  const cache = [...(toolConfig?.cache ?? []), ...prompt.cache];
  const base: CompletionRequest = {
    model,
    messages: prompt.messages,
    ...(toolConfig === undefined || toolConfig.tools.length === 0 ? {} : { tools: toolConfig.tools }),
    ...(toolConfig?.toolChoice === undefined ? {} : { toolChoice: toolConfig.toolChoice }),
    ...readInferenceConfig(body, options, warnings),
    ...readOutput(body, options),
    ...readMetadata(body),
    ...(cache.length === 0 ? {} : { cache }),
  };
  const additional = readAdditionalFields(body, base, options);
  readOtherFields(body, options, warnings);
  const vendorOptions = Object.keys(options).length === 0 ? {} : { vendorOptions: { [BEDROCK]: options } };
  return {
    request: { ...base, ...additional, ...vendorOptions },
    stream,
    warnings: [...prompt.warnings, ...warnings],
    client: { model, echo: {} },
  };
}

/** An id with slashes may come written out or encoded, as the server has it. */
export function modelOf(path: string, body: JsonObject): string {
  const inPath = /\/model\/(.+)\/(?:converse|converse-stream|count-tokens)$/.exec(path)?.[1];
  if (inPath === undefined) return readString(body.modelId, "modelId");
  try {
    return decodeURIComponent(inPath);
  } catch {
    throw invalidField("modelId", "the model's id in the path is not encoded as a URL demands");
  }
}

const INFERENCE_FIELDS: ReadonlySet<string> = new Set(["maxTokens", "temperature", "topP", "stopSequences"]);

function readInferenceConfig(body: JsonObject, options: Options, warnings: Warning[]): Partial<CompletionRequest> {
  const config = optional(body.inferenceConfig, "inferenceConfig", readObject) ?? {};
  const others = otherFields(config, INFERENCE_FIELDS);
  if (others !== undefined) {
    options.inferenceConfig = others;
    for (const field of Object.keys(others)) warnings.push(unknownField(`inferenceConfig.${field}`));
  }
  const maxOutputTokens = optional(config.maxTokens, "inferenceConfig.maxTokens", readInteger);
  const temperature = optional(config.temperature, "inferenceConfig.temperature", readNumber);
  const topP = optional(config.topP, "inferenceConfig.topP", readNumber);
  const stopSequences = optional(config.stopSequences, "inferenceConfig.stopSequences", readStrings);
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
  };
}

function readStrings(value: unknown, field: string): readonly string[] {
  return readArray(value, field).map((item, index) => readString(item, `${field}[${index}]`));
}

function readOutput(body: JsonObject, options: Options): { readonly output?: OutputRequest } {
  const config = optional(body.outputConfig, "outputConfig", readObject) ?? {};
  const format = optional(config.textFormat, "outputConfig.textFormat", readObject);
  const output = format === undefined ? undefined : parseTextFormat(format);
  const rest = otherFields(config, new Set(output === undefined ? [] : ["textFormat"]));
  if (rest !== undefined) options.outputConfig = rest;
  return output === undefined ? {} : { output };
}

function readMetadata(body: JsonObject): Pick<CompletionRequest, "metadata"> {
  const tags = optional(body.requestMetadata, "requestMetadata", readObject);
  if (tags === undefined) return {};
  const entries = Object.entries(tags).map(([key, value]) => [key, readString(value, `requestMetadata.${key}`)] as const);
  return { metadata: { tags: Object.fromEntries(entries) } };
}

function readAdditionalFields(body: JsonObject, base: CompletionRequest, options: Options): Partial<CompletionRequest> {
  const fields = optional(body.additionalModelRequestFields, "additionalModelRequestFields", readObject);
  if (fields === undefined) return {};
  const { settings, rest } = parseModelSettings(fields, base);
  if (rest !== undefined) options.additionalModelRequestFields = rest;
  return settings;
}

const CANONICAL_FIELDS: ReadonlySet<string> = new Set([
  "modelId",
  "messages",
  "system",
  "toolConfig",
  "inferenceConfig",
  "outputConfig",
  "requestMetadata",
  "additionalModelRequestFields",
]);

/** Source: ConverseRequest and ConverseStreamRequest of @aws-sdk/client-bedrock-runtime. */
const PASSED_ON: ReadonlySet<string> = new Set([
  "additionalModelResponseFieldPaths",
  "guardrailConfig",
  "performanceConfig",
  "promptVariables",
  "serviceTier",
]);

function readOtherFields(body: JsonObject, options: Options, warnings: Warning[]): void {
  for (const [field, value] of Object.entries(otherFields(body, CANONICAL_FIELDS) ?? {})) {
    if (value === undefined || value === null) continue;
    options[field] = value;
    if (!PASSED_ON.has(field)) warnings.push(unknownField(field));
  }
}

function unknownField(path: string): Warning {
  return { type: "unknown-field", path, detail: "Bedrock does not define it; it was passed on unread" };
}
