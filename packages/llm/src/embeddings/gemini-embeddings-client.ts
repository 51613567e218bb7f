/** Gemini's `:embedContent` and `:batchEmbedContents` towards a client. */
import type { ClientRequest } from "../dialect.ts";
import { camelFields } from "../dialects/gemini/field-names.ts";
import { parsePath } from "../dialects/gemini/request-path.ts";
import { invalidField, optional, readArray, readBody, readInteger, readObject, readString } from "../dialects/wire-reader.ts";
import type { EmbeddingAnswer, EmbeddingPurpose, EmbeddingRequest, ParsedEmbeddingRequest } from "../embedding.ts";
import type { JsonObject } from "../json.ts";
import type { Warning } from "../warning.ts";
import { readContent, TASK_TYPES } from "./gemini-content.ts";

const FIELDS: ReadonlySet<string> = new Set(["model", "content", "taskType", "outputDimensionality", "autoTruncate"]);

type Settings = Pick<EmbeddingRequest, "dimensions" | "purpose" | "truncate">;

export function parseGeminiRequest({ path, body: given }: ClientRequest): ParsedEmbeddingRequest {
  const { model, method } = parsePath(path);
  const body = camelFields(readBody(given));
  const isBatch = method === "batchEmbedContents";
  const warnings: Warning[] = [];
  const requests = isBatch ? readRequests(body) : [body];
  const place = (index: number) => (isBatch ? `requests[${index}].` : "");
  const settings = requests.map((request, index) => readSettings(request, place(index), warnings));
  const [first = {}] = settings;
  // One request of ours has one setting for all of its inputs.
  const odd = settings.findIndex((one) => JSON.stringify(one) !== JSON.stringify(first));
  if (odd >= 0) throw invalidField(`requests[${odd}]`, "the requests of a batch must share task type and dimensions here");
  const inputs = requests.map((request, index) => readContent(request.content, `${place(index)}content`));
  return { request: { model, inputs, ...first }, echo: { batch: isBatch }, warnings };
}

function readRequests(body: JsonObject): readonly JsonObject[] {
  const requests = readArray(body.requests, "requests");
  if (requests.length === 0) throw invalidField("requests", "requests holds nothing to embed");
  return requests.map((request, index) => camelFields(readObject(request, `requests[${index}]`)));
}

function readSettings(request: JsonObject, place: string, warnings: Warning[]): Settings {
  const dimensions = optional(request.outputDimensionality, `${place}outputDimensionality`, readInteger);
  const truncate = typeof request.autoTruncate === "boolean" ? request.autoTruncate : undefined;
  const purpose = readPurpose(request, place, warnings);
  for (const field of Object.keys(request)) {
    if (FIELDS.has(field)) continue;
    warnings.push({ type: "unknown-field", path: `${place}${field}`, detail: `${field} was left out` });
  }
  return {
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(truncate === undefined ? {} : { truncate }),
  };
}

const PURPOSES = new Map(Object.entries(TASK_TYPES).map(([purpose, word]) => [word, purpose as EmbeddingPurpose]));

function readPurpose({ taskType }: JsonObject, place: string, warnings: Warning[]): EmbeddingPurpose | undefined {
  const word = optional(taskType, `${place}taskType`, readString);
  if (word === undefined || word === "TASK_TYPE_UNSPECIFIED") return undefined;
  const purpose = PURPOSES.get(word);
  if (purpose !== undefined) return purpose;
  if (word !== "QUESTION_ANSWERING") throw invalidField(`${place}taskType`, `there is no task type ${JSON.stringify(word)}`);
  warnings.push({ type: "lossy", path: `${place}taskType`, detail: "QUESTION_ANSWERING was taken for a query" });
  return "query";
}

export function renderGeminiResponse(answer: EmbeddingAnswer, { echo }: ParsedEmbeddingRequest): JsonObject {
  const embeddings = answer.embeddings.map((values) => ({ values }));
  const { inputTokens } = answer.usage;
  return {
    ...(echo.batch === true ? { embeddings } : { embedding: embeddings[0] }),
    ...(inputTokens === undefined ? {} : { usageMetadata: { promptTokenCount: inputTokens } }),
  };
}
