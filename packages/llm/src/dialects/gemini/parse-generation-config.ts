/** A client's `generationConfig` -> canonical settings, and what only Gemini reads. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest, OutputRequest } from "../../request.ts";
import { optional, readArray, readInteger, readNumber, readObject, readString } from "../wire-reader.ts";
import { camelFields } from "./field-names.ts";
import { jsonSchemaOf } from "./openapi-schema.ts";
import type { Report } from "./report.ts";
import { parseThinking } from "./thinking.ts";

export interface ParsedGenerationConfig {
  readonly settings: Partial<CompletionRequest>;
  /** What has no canonical form, for the vendor options. */
  readonly rest: JsonObject | undefined;
}

/** Settings that Google defines and that have no canonical form. Source: GenerationConfig of the API and of @google/genai. */
const VENDOR_FIELDS: ReadonlySet<string> = new Set([
  "audioTimestamp",
  "audioTranscriptionConfig",
  "candidateCount",
  "enableAffectiveDialog",
  "enableEnhancedCivicAnswers",
  "imageConfig",
  "logprobs",
  "mediaResolution",
  "modelConfig",
  "modelSelectionConfig",
  "responseFormat",
  "responseLogprobs",
  "responseModalities",
  "routingConfig",
  "speechConfig",
  "translationConfig",
]);

export function parseGenerationConfig(value: unknown, path: string, report: Report): ParsedGenerationConfig {
  const config = camelFields(optional(value, path, readObject) ?? {});
  const {
    temperature,
    topP,
    topK,
    maxOutputTokens,
    stopSequences,
    seed,
    presencePenalty,
    frequencyPenalty,
    responseMimeType,
    responseSchema,
    responseJsonSchema,
    thinkingConfig,
    ...others
  } = config;
  const thinkingPath = `${path}.thinkingConfig`;
  const thinking = parseThinking(camelFields(optional(thinkingConfig, thinkingPath, readObject) ?? {}), thinkingPath);
  const output = parseOutput({ responseMimeType, responseSchema, responseJsonSchema }, path);
  for (const key of Object.keys(others)) {
    if (!VENDOR_FIELDS.has(key)) report("unknown-field", `${path}.${key}`, "Google defines no such field; it was passed on");
  }
  const rest = {
    ...others,
    ...output.rest,
    ...(thinking.rest === undefined ? {} : { thinkingConfig: thinking.rest }),
  };
  return {
    settings: {
      ...number("temperature", temperature, path, readNumber),
      ...number("topP", topP, path, readNumber),
      ...number("topK", topK, path, readNumber),
      ...number("maxOutputTokens", maxOutputTokens, path, readInteger),
      ...(stopSequences === undefined ? {} : { stopSequences: readStrings(stopSequences, `${path}.stopSequences`) }),
      ...number("seed", seed, path, readInteger),
      ...number("presencePenalty", presencePenalty, path, readNumber),
      ...number("frequencyPenalty", frequencyPenalty, path, readNumber),
      ...(thinking.reasoning === undefined ? {} : { reasoning: thinking.reasoning }),
      ...(output.output === undefined ? {} : { output: output.output }),
    },
    rest: Object.keys(rest).length === 0 ? undefined : rest,
  };
}

function number(
  key: keyof CompletionRequest,
  value: JsonValue | undefined,
  path: string,
  read: (value: unknown, field: string) => number,
): Partial<CompletionRequest> {
  const found = optional(value, `${path}.${key}`, read);
  return found === undefined ? {} : { [key]: found };
}

function readStrings(value: JsonValue, path: string): string[] {
  return readArray(value, path).map((item, index) => readString(item, `${path}[${index}]`));
}

interface OutputFields {
  readonly responseMimeType: JsonValue | undefined;
  readonly responseSchema: JsonValue | undefined;
  readonly responseJsonSchema: JsonValue | undefined;
}

/** The client's own `responseSchema` is kept beside the canonical schema, to go out as it came. */
function parseOutput(fields: OutputFields, path: string): { readonly output?: OutputRequest; readonly rest?: JsonObject } {
  const type = optional(fields.responseMimeType, `${path}.responseMimeType`, readString);
  const openApi = optional(fields.responseSchema, `${path}.responseSchema`, readObject);
  const json = optional(fields.responseJsonSchema, `${path}.responseJsonSchema`, readObject);
  const original = openApi === undefined ? {} : { rest: { responseSchema: openApi } };
  if (type === "application/json") {
    const schema = json ?? (isJsonObject(openApi) ? jsonSchemaOf(openApi) : undefined);
    // The vendor enforces it, and its clients count on that.
    return { output: { type: "json", ...(schema === undefined ? {} : { schema, strict: true }) }, ...original };
  }
  const schema = { ...original.rest, ...(json === undefined ? {} : { responseJsonSchema: json }) };
  if (type === "text/plain") return { output: { type: "text" }, ...restOf(schema) };
  return restOf({ ...schema, ...(type === undefined ? {} : { responseMimeType: type }) });
}

function restOf(rest: JsonObject): { readonly rest?: JsonObject } {
  return Object.keys(rest).length === 0 ? {} : { rest };
}
