/**
 * Reranking as Cohere made it, and as most others speak it: a query and documents go, places and scores come back. What a
 * vendor does otherwise is a quirk. Source: Cohere's API reference, Rerank API (v2).
 */
import { originOf, type ParseContext } from "../dialect.ts";
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { RankedDocument, RerankAnswer, RerankCodec, RerankRequest } from "../rerank.ts";
import type { Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";

export const COHERE_RERANK = "cohere-rerank";

/** What a host of Cohere's wire does otherwise. */
export interface CohereRerankQuirks {
  /** Below the provider's base URL. Default `/v2/rerank`. */
  readonly path?: string | ((model: string) => string);
  /** False where the path names the model. Default true. */
  readonly modelInBody?: boolean;
  /** How the number of results is called. Default `top_n`. */
  readonly resultsField?: "top_n" | "top_k";
  /** Fields that the vendor demands, by model. */
  readonly extraFields?: (model: string) => JsonObject;
}

export function createCohereRerank(quirks: CohereRerankQuirks = {}): RerankCodec {
  const { path = "/v2/rerank" } = quirks;
  return {
    id: COHERE_RERANK,
    renderRequest(request) {
      const warnings: Warning[] = [];
      return {
        method: "POST",
        path: typeof path === "string" ? path : path(request.model),
        headers: {},
        body: renderBody(request, quirks, warnings),
        warnings,
      };
    },
    parseResponse: parseAnswer,
  };
}

function renderBody(request: RerankRequest, quirks: CohereRerankQuirks, warnings: Warning[]): JsonObject {
  const { model, query, documents, resultsMax, metadata, vendorOptions = {} } = request;
  const { modelInBody = true, resultsField = "top_n", extraFields } = quirks;
  if (metadata?.user !== undefined) {
    warnings.push({ type: "unsupported", path: "metadata.user", detail: "the wire has no field for a user" });
  }
  for (const other of Object.keys(vendorOptions)) {
    if (other === COHERE_RERANK) continue;
    const detail = `options for ${other} are not sent to ${COHERE_RERANK}`;
    warnings.push({ type: "unsupported", path: `vendorOptions.${other}`, detail });
  }
  return {
    ...(modelInBody ? { model } : {}),
    query,
    documents,
    ...(resultsMax === undefined ? {} : { [resultsField]: Math.min(resultsMax, documents.length) }),
    ...extraFields?.(model),
    ...vendorOptions[COHERE_RERANK],
  };
}

/** `results`, or `data` where a vendor keeps OpenAI's manner. */
function parseAnswer(body: unknown, context: ParseContext): RerankAnswer {
  const answer = isJsonObject(body) ? body : {};
  const rows = Array.isArray(answer.results) ? answer.results : answer.data;
  if (!Array.isArray(rows)) throw noRanking("the body has no list of results");
  const searchUnits = searchUnitsOf(answer.meta);
  return {
    origin: originOf(COHERE_RERANK, context, answer.model),
    // Best first is the contract; engines have answered in the order of the documents.
    results: rows.map(readResult).sort((one, other) => other.score - one.score),
    usage: usageOf(answer),
    ...(searchUnits === undefined ? {} : { searchUnits }),
    warnings: [],
  };
}

function readResult(row: JsonValue, place: number): RankedDocument {
  const { index, relevance_score: score } = isJsonObject(row) ? row : {};
  if (typeof index === "number" && typeof score === "number" && Number.isFinite(score)) return { index, score };
  throw noRanking(`results[${place}] has no index and score`);
}

function searchUnitsOf(meta: JsonValue | undefined): number | undefined {
  const billed = isJsonObject(meta) && isJsonObject(meta.billed_units) ? meta.billed_units : {};
  return typeof billed.search_units === "number" ? billed.search_units : undefined;
}

/** `usage` of those who count tokens; Cohere tells what it charges by. */
function usageOf({ usage, meta }: JsonObject): Usage {
  if (!isJsonObject(usage)) return isJsonObject(meta) ? { raw: meta } : {};
  const { prompt_tokens: read, total_tokens: total } = usage;
  const inputTokens = typeof read === "number" ? read : total;
  return { ...(typeof inputTokens === "number" ? { inputTokens } : {}), raw: usage };
}

function noRanking(detail: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail });
}
