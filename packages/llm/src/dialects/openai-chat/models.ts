/** `GET /models`: OpenAI's four fields, and what other vendors tell beside them. */
import type { CapabilityFacts, CapabilityName } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";

export const modelsCodec: ModelsCodec = {
  path: "/models",
  parseResponse(body) {
    return rowsOf(body).flatMap((row) =>
      typeof row === "string" ? parseModel({ id: row }) : isJsonObject(row) ? parseModel(row) : [],
    );
  },
  renderResponse(models) {
    return { object: "list", data: models.map(renderModel) };
  },
  renderModel,
};

/**
 * Together answers with the bare list, Pollinations with one of names, llama.cpp and others with `models`. A list that is
 * null is Go's empty one.
 */
function rowsOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  const rows = isJsonObject(body) ? (body.data ?? body.models) : undefined;
  if (Array.isArray(rows)) return rows;
  if (isJsonObject(body) && body.object === "list") return [];
  throw new DragomanError({ code: "invalid_response", detail: "the listing of models is no list and has none under data" });
}

/** The id is the name where there is no other. */
function parseModel(row: JsonObject): readonly ListedModel[] {
  const id = [row.id, row.model, row.name].find((value) => typeof value === "string" && value !== "");
  if (typeof id !== "string") return [];
  const name = row.display_name ?? row.name;
  const facts = parseFacts(row);
  return [
    {
      id,
      ...(typeof name === "string" && name !== "" && name !== id ? { displayName: name } : {}),
      ...(typeof row.created === "number" && row.created > 0 ? { createdAt: row.created } : {}),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    },
  ];
}

/** Window sizes under the names of OpenRouter, Groq, Mistral, vLLM and Cerebras; what is not listed stays unknown. */
function parseFacts(row: JsonObject): CapabilityFacts {
  const limits = isJsonObject(row.limits) ? row.limits : {};
  const window =
    size(row.context_length) ??
    size(row.context_window) ??
    size(row.max_context_length) ??
    size(row.max_model_len) ??
    size(limits.max_context_length);
  const provider = isJsonObject(row.top_provider) ? row.top_provider : {};
  const outputMax =
    size(provider.max_completion_tokens) ??
    size(row.max_completion_tokens) ??
    size(row.max_output_length) ??
    size(limits.max_completion_tokens);
  return {
    ...parseModalities(row),
    ...parseFeatures(row),
    ...parseFlags(row),
    ...(window === undefined ? {} : { contextWindowTokens: window }),
    ...(outputMax === undefined ? {} : { outputTokensMax: outputMax }),
  };
}

function parseModalities(row: JsonObject): CapabilityFacts {
  const architecture = isJsonObject(row.architecture) ? row.architecture : row;
  const inputs = architecture.input_modalities;
  if (!Array.isArray(inputs)) return {};
  return { images: inputs.includes("image"), audio: inputs.includes("audio") };
}

/** Features by OpenRouter's `supported_parameters` and Baseten's `supported_features`: complete lists, so absence is a no. */
function parseFeatures(row: JsonObject): CapabilityFacts {
  const listed = row.supported_parameters ?? row.supported_features;
  if (!Array.isArray(listed)) return {};
  const has = (...words: readonly JsonValue[]): boolean => words.some((word) => listed.includes(word));
  return {
    tools: has("tools"),
    jsonMode: has("response_format", "json_mode"),
    jsonSchema: has("structured_outputs"),
    reasoning: has("reasoning", "reasoning_effort"),
  };
}

/** Abilities that a row tells one by one: Fireworks at its top, Cerebras under `capabilities`. */
const FLAGS: readonly (readonly [string, CapabilityName])[] = [
  ["supports_tools", "tools"],
  ["supports_image_input", "images"],
  ["function_calling", "tools"],
  ["parallel_tool_calls", "parallelToolCalls"],
  ["vision", "images"],
  ["reasoning", "reasoning"],
  ["json_mode", "jsonMode"],
  ["structured_outputs", "jsonSchema"],
  ["streaming", "streaming"],
];

function parseFlags(row: JsonObject): CapabilityFacts {
  const told = { ...row, ...(isJsonObject(row.capabilities) ? row.capabilities : {}) };
  return Object.fromEntries(FLAGS.flatMap(([flag, name]) => (typeof told[flag] === "boolean" ? [[name, told[flag]]] : [])));
}

function size(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** `created` is demanded by the wire; a model without a date has the epoch. */
function renderModel(model: ModelInfo): JsonObject {
  const { contextWindowTokens, outputTokensMax } = model.capabilities;
  return {
    id: model.id,
    object: "model",
    created: model.createdAt ?? 0,
    owned_by: model.provider,
    ...(model.displayName === undefined ? {} : { display_name: model.displayName }),
    ...(contextWindowTokens === undefined ? {} : { context_length: contextWindowTokens }),
    ...(outputTokensMax === undefined ? {} : { max_completion_tokens: outputTokensMax }),
  };
}
