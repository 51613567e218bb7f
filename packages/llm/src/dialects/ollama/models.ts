/** What the server tells of models: `tags` (on the disk), `show` (one of them), `ps` (loaded), `version`; both ways. */
import type { CapabilityFacts } from "../../capabilities.ts";
import type { ListedModel, ModelsCodec } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { ModelInfo } from "../../provider.ts";
import { secondsOf } from "./answer.ts";

/** A model in memory. */
export interface OllamaLoadedModel {
  readonly id: string;
  /** Bytes, weights and context. */
  readonly sizeBytes?: number;
  /** Bytes of it in video memory; less than `sizeBytes` means that the processor does a part of the work. */
  readonly videoMemoryBytes?: number;
  /** The context window that it was loaded with. Tokens. */
  readonly contextTokens?: number;
  /** When it is unloaded if nobody calls. Seconds since 1970. */
  readonly expiresAt?: number;
  readonly digest?: string;
}

export const models: ModelsCodec = {
  path: "/api/tags",
  parseResponse: parseTags,
  renderResponse: renderTags,
  renderModel: renderShow,
};

// tags

/** Throws `invalid_response` for a body without a list of models. */
export function parseTags(body: unknown): readonly ListedModel[] {
  return rowsOf(body, "/api/tags").map(({ row, id }) => {
    const createdAt = secondsOf(row.modified_at);
    const facts = { ...familyFacts(row.details), ...capabilityFacts(row.capabilities), ...contextFacts(row) };
    return {
      id,
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    };
  });
}

/** Sizes and digests are zero and empty, as Go writes what it does not know: clients demand the fields. */
export function renderTags(rows: readonly ModelInfo[]): JsonObject {
  return {
    models: rows.map((row) => ({
      name: row.id,
      model: row.id,
      modified_at: timeOf(row.createdAt),
      size: 0,
      digest: "",
      details: NO_DETAILS,
      capabilities: capabilityWords(row),
    })),
  };
}

const NO_DETAILS: JsonObject = {
  parent_model: "",
  format: "",
  family: "",
  families: [],
  parameter_size: "",
  quantization_level: "",
};

// show

/** `model` is the name that was asked for: the answer does not repeat it. Throws `invalid_response` for no object. */
export function parseShow(body: unknown, model: string): ListedModel {
  if (!isJsonObject(body)) throw notAListing("/api/show");
  const createdAt = secondsOf(body.modified_at);
  const facts = {
    ...familyFacts(body.details),
    ...templateFacts(body),
    ...capabilityFacts(body.capabilities),
    ...windowFacts(body),
  };
  return {
    id: model,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** Name under which facts stand in `model_info` of models that are not the engine's own. */
const ARCHITECTURE = "dragoman";

/** What only the engine's own models have, such as a file and a template, is empty: clients demand the fields. */
export function renderShow(model: ModelInfo): JsonObject {
  const window = model.capabilities.contextWindowTokens;
  return {
    modelfile: "",
    parameters: "",
    template: "",
    details: NO_DETAILS,
    model_info: {
      "general.architecture": ARCHITECTURE,
      ...(model.displayName === undefined ? {} : { "general.basename": model.displayName }),
      ...(window === undefined ? {} : { [`${ARCHITECTURE}.context_length`]: window }),
    },
    capabilities: capabilityWords(model),
    modified_at: timeOf(model.createdAt),
  };
}

/** The name under which a request for `show` asks; older clients call it `name`. */
export function parseShowRequest(body: unknown): string {
  const name = isJsonObject(body) ? (body.model ?? body.name) : undefined;
  if (typeof name === "string" && name !== "") return name;
  throw new DragomanError({ code: "invalid_request", field: "model", detail: "model is missing; it must be a string" });
}

// ps

/** A size or a window of 0 is unknown, video memory of 0 is not. Throws `invalid_response` for a body that is no listing. */
export function parsePs(body: unknown): readonly OllamaLoadedModel[] {
  return rowsOf(body, "/api/ps").map(({ row, id }) => {
    const expiresAt = secondsOf(row.expires_at);
    return {
      id,
      ...positive("sizeBytes", row.size),
      ...(typeof row.size_vram === "number" ? { videoMemoryBytes: row.size_vram } : {}),
      ...positive("contextTokens", row.context_length),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(typeof row.digest === "string" && row.digest !== "" ? { digest: row.digest } : {}),
    };
  });
}

/** An unknown size is 0 and an unknown end the year 1, as Go writes them: clients demand the fields. */
export function renderPs(rows: readonly OllamaLoadedModel[]): JsonObject {
  return {
    models: rows.map((row) => ({
      name: row.id,
      model: row.id,
      size: row.sizeBytes ?? 0,
      digest: row.digest ?? "",
      details: NO_DETAILS,
      expires_at: timeOf(row.expiresAt),
      ...(row.videoMemoryBytes === undefined ? {} : { size_vram: row.videoMemoryBytes }),
      ...(row.contextTokens === undefined ? {} : { context_length: row.contextTokens }),
    })),
  };
}

// version

/** Undefined when the answer names none. */
export function parseVersion(body: unknown): string | undefined {
  return isJsonObject(body) && typeof body.version === "string" ? body.version : undefined;
}

/** The body of `GET /api/version`. */
export function renderVersion(version: string): JsonObject {
  return { version };
}

// Facts

/** Source: ollama/ollama, types/model/capability.go. Newer servers list them; a list that lacks a word says no. */
function capabilityFacts(words: JsonValue | undefined): CapabilityFacts {
  if (!Array.isArray(words) || words.length === 0) return {};
  return {
    tools: words.includes("tools"),
    images: words.includes("vision"),
    audio: words.includes("audio"),
    reasoning: words.includes("thinking"),
  };
}

function capabilityWords({ capabilities }: ModelInfo): readonly string[] {
  return [
    "completion",
    ...(capabilities.tools.answer === "yes" ? ["tools"] : []),
    ...(capabilities.images.answer === "yes" ? ["vision"] : []),
    ...(capabilities.audio.answer === "yes" ? ["audio"] : []),
    ...(capabilities.reasoning.answer === "yes" ? ["thinking"] : []),
  ];
}

/** Older servers list no capabilities. They judge tools by the template's own variable, as here. */
function templateFacts(body: JsonObject): CapabilityFacts {
  const hasTools = typeof body.template === "string" && body.template.includes(".Tools");
  return { ...(hasTools ? { tools: true } : {}), ...(isJsonObject(body.projector_info) ? { images: true } : {}) };
}

const VISION_FAMILIES: readonly string[] = ["clip", "mllama"];

/** A vision encoder beside the model shows in its families. */
function familyFacts(details: JsonValue | undefined): CapabilityFacts {
  const families = isJsonObject(details) ? details.families : undefined;
  const sees = Array.isArray(families) && families.some((family: JsonValue) => VISION_FAMILIES.includes(String(family)));
  return sees ? { images: true } : {};
}

/** `<architecture>.context_length` of the model's file. */
function windowFacts(body: JsonObject): CapabilityFacts {
  const info = isJsonObject(body.model_info) ? body.model_info : {};
  return positive("contextWindowTokens", info[`${info["general.architecture"]}.context_length`]);
}

function contextFacts(row: JsonObject): CapabilityFacts {
  const details = isJsonObject(row.details) ? row.details : {};
  return positive("contextWindowTokens", row.context_length ?? details.context_length);
}

// Small parts

function positive<Name extends string>(name: Name, value: JsonValue | undefined): { readonly [N in Name]?: number } {
  const isKnown = typeof value === "number" && value > 0;
  return (isKnown ? { [name]: value } : {}) as { readonly [N in Name]?: number };
}

function rowsOf(body: unknown, path: string): readonly { readonly row: JsonObject; readonly id: string }[] {
  if (!isJsonObject(body)) throw notAListing(path);
  // An empty disk is `null` in Go's JSON.
  const rows = body.models ?? [];
  if (!Array.isArray(rows)) throw notAListing(path);
  return rows.filter(isJsonObject).flatMap((row) => {
    const id = row.model ?? row.name;
    return typeof id === "string" && id !== "" ? [{ row, id }] : [];
  });
}

function notAListing(path: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `the answer of ${path} is not what the protocol promises` });
}

function timeOf(seconds: number | undefined): string {
  return seconds === undefined ? "0001-01-01T00:00:00Z" : new Date(seconds * 1000).toISOString();
}
