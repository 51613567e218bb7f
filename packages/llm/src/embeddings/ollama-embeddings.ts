/** Ollama's `POST /api/embed`, and towards clients its older `/api/embeddings` too. Source: Ollama's API reference. */
import { originOf } from "../dialect.ts";
import type { EmbeddingAnswer, EmbeddingCodec, EmbeddingContext, EmbeddingRequest } from "../embedding.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { parseOllamaRequest, renderOllamaResponse } from "./ollama-embeddings-client.ts";
import { leftOut, ownOptions, reportUnsent, textsOf } from "./rendering.ts";
import { noVector, readVector } from "./vector.ts";

export const OLLAMA_EMBEDDINGS = "ollama-embeddings";

/** The engine names no limit; this keeps a body and its answer to a size that one request should have. */
const INPUTS_MAX = 512;

export function createOllamaEmbeddings(): EmbeddingCodec {
  return {
    id: OLLAMA_EMBEDDINGS,
    inputsMax: () => INPUTS_MAX,
    renderRequest(request) {
      const warnings: Warning[] = [];
      const body = renderBody(request, warnings);
      return { method: "POST", path: "/api/embed", headers: {}, body, warnings };
    },
    parseResponse: parseAnswer,
    parseRequest: parseOllamaRequest,
    renderResponse: renderOllamaResponse,
  };
}

/** An input over the window is cut unless `truncate` is false. */
function renderBody(request: EmbeddingRequest, warnings: Warning[]): JsonObject {
  const { model, dimensions, truncate, metadata } = request;
  reportUnsent(request, ["purpose"], OLLAMA_EMBEDDINGS, warnings);
  if (metadata?.user !== undefined) leftOut(warnings, "metadata.user", "Ollama has no field for a user");
  return {
    model,
    input: textsOf(request, OLLAMA_EMBEDDINGS),
    ...(truncate === undefined ? {} : { truncate }),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...ownOptions(request, OLLAMA_EMBEDDINGS, warnings),
  };
}

function parseAnswer(body: unknown, context: EmbeddingContext): EmbeddingAnswer {
  if (!isJsonObject(body) || !Array.isArray(body.embeddings)) throw noVector("embeddings", "is no list of vectors");
  return {
    origin: originOf(OLLAMA_EMBEDDINGS, context, body.model),
    embeddings: body.embeddings.map((row, index) => readVector(row, `embeddings[${index}]`)),
    usage: usageOf(body),
    warnings: [],
  };
}

const METRICS = ["total_duration", "load_duration", "prompt_eval_count"] as const;

/** Go leaves a count out where it is zero, so one that is missing is unknown. */
function usageOf(body: JsonObject): Usage {
  const { prompt_eval_count: inputTokens } = body;
  const raw = Object.fromEntries(METRICS.flatMap((field) => (body[field] === undefined ? [] : [[field, body[field]]])));
  return {
    ...(typeof inputTokens === "number" ? { inputTokens } : {}),
    ...(Object.keys(raw).length === 0 ? {} : { raw }),
  };
}
