/** Sampling, output form and thinking -> `generationConfig`. Nothing goes out that the caller did not set. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { CompletionRequest, OutputRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import { GEMINI_JSON_SCHEMA } from "../schema-profiles.ts";
import { jsonSchemaOf } from "./openapi-schema.ts";
import type { ThinkingControl } from "./quirks.ts";
import type { Reporter } from "./report.ts";
import { renderThinking } from "./thinking.ts";
import type { WireGenerationConfig } from "./wire.ts";

export function renderGenerationConfig(
  request: CompletionRequest,
  thinking: ThinkingControl,
  reporter: Reporter,
): WireGenerationConfig {
  const thinkingConfig = renderThinking(request.reasoning, thinking, reporter.report);
  return {
    ...present("temperature", request.temperature),
    ...present("topP", request.topP),
    ...present("topK", request.topK),
    ...present("maxOutputTokens", request.maxOutputTokens),
    ...(request.stopSequences === undefined ? {} : { stopSequences: [...request.stopSequences] }),
    ...present("seed", request.seed),
    ...present("presencePenalty", request.presencePenalty),
    ...present("frequencyPenalty", request.frequencyPenalty),
    ...renderOutput(request.output, clientResponseSchema(request), reporter),
    ...(thinkingConfig === undefined ? {} : { thinkingConfig }),
  };
}

function present<Key extends keyof WireGenerationConfig>(key: Key, value: number | undefined): WireGenerationConfig {
  return value === undefined ? {} : { [key]: value };
}

function renderOutput(
  output: OutputRequest | undefined,
  original: JsonObject | undefined,
  reporter: Reporter,
): WireGenerationConfig {
  if (output === undefined) return {};
  if (output.type === "text") return { responseMimeType: "text/plain" };
  if (output.name !== undefined || output.description !== undefined) {
    reporter.report("lossy", "output", "Gemini takes no name and no description of a schema; they were left out");
  }
  const { schema } = output;
  if (schema === undefined || saysTheSame(original, schema)) return { responseMimeType: "application/json" };
  const { $schema: _draft, ...rest } = schema;
  const lowered = lowerSchema(rest, GEMINI_JSON_SCHEMA, "output.schema");
  reporter.warnings.push(...lowered.warnings);
  return { responseMimeType: "application/json", responseJsonSchema: lowered.schema };
}

/** The `responseSchema` that a Gemini client wrote, kept in the vendor options. */
function clientResponseSchema(request: CompletionRequest): JsonObject | undefined {
  const config = request.vendorOptions?.gemini?.generationConfig;
  return isJsonObject(config) && isJsonObject(config.responseSchema) ? config.responseSchema : undefined;
}

/** Whether the client's own `responseSchema` still says what the canonical schema says; it then goes out as it came. */
export function saysTheSame(original: JsonObject | undefined, schema: JsonObject | undefined): boolean {
  return original !== undefined && schema !== undefined && JSON.stringify(jsonSchemaOf(original)) === JSON.stringify(schema);
}
