/**
 * Feature extraction at Hugging Face's own inference service, behind its router. A model that was made for sentences gives
 * one vector a text; any other gives one a token, and those are refused rather than pooled by a rule that nobody chose.
 * Source: Inference Providers, Feature Extraction.
 */
import { originOf } from "../dialect.ts";
import type { EmbeddingAnswer, EmbeddingCodec, EmbeddingContext, EmbeddingRequest } from "../embedding.ts";
import { DragomanError } from "../errors.ts";
import type { Warning } from "../warning.ts";
import { leftOut, ownOptions, reportUnsent, textsOf } from "./rendering.ts";
import { noVector, readVector } from "./vector.ts";

export const HUGGINGFACE_EMBEDDINGS = "huggingface-embeddings";

/** `max_client_batch_size` of Text Embeddings Inference, which serves them, unless it was started otherwise. */
const INPUTS_MAX = 32;

/** Who serves this wire. Others behind the router have wires of their own. */
const PARTNER = "hf-inference";

export function createHuggingFaceEmbeddings(): EmbeddingCodec {
  return {
    id: HUGGINGFACE_EMBEDDINGS,
    inputsMax: () => INPUTS_MAX,
    renderRequest(request) {
      const warnings: Warning[] = [];
      reportUnsent(request, ["purpose", "dimensions"], HUGGINGFACE_EMBEDDINGS, warnings);
      if (request.metadata?.user !== undefined) leftOut(warnings, "metadata.user", "Hugging Face has no field for a user");
      const body = {
        inputs: textsOf(request, HUGGINGFACE_EMBEDDINGS),
        ...(request.truncate === undefined ? {} : { truncate: request.truncate }),
        ...ownOptions(request, HUGGINGFACE_EMBEDDINGS, warnings),
      };
      return { method: "POST", path: pathOf(request), headers: {}, body, warnings };
    },
    parseResponse: parseAnswer,
  };
}

/** Beside the router's `/v1`. */
function pathOf({ model }: EmbeddingRequest): string {
  const [name = "", partner = PARTNER] = model.split(":");
  if (partner !== PARTNER) {
    throw new DragomanError({
      code: "unsupported",
      field: "model",
      detail: `feature extraction is asked of ${PARTNER}, not of ${partner}`,
      advice: `write ${name}, or use the partner's own provider`,
    });
  }
  const path = name.split("/").map(encodeURIComponent).join("/");
  return `../${PARTNER}/models/${path}/pipeline/feature-extraction`;
}

/** Nobody counts tokens here. */
function parseAnswer(body: unknown, context: EmbeddingContext): EmbeddingAnswer {
  if (!Array.isArray(body) || body.length === 0) throw noVector("the body", "is no list of vectors");
  // One text may be answered by its vector alone.
  const rows: readonly unknown[] = typeof body[0] === "number" ? [body] : body;
  if (rows.some((row) => Array.isArray(row) && Array.isArray(row[0]))) throw unpooled(context.model);
  return {
    origin: originOf(HUGGINGFACE_EMBEDDINGS, context, undefined),
    embeddings: rows.map((row, index) => readVector(row, `[${index}]`)),
    usage: {},
    warnings: [],
  };
}

function unpooled(model: string): DragomanError {
  return new DragomanError({
    code: "unsupported",
    field: "model",
    detail: `${model} gives a vector for each token, not for each text`,
    advice: "use a model that was made for sentences, as those of sentence-transformers",
  });
}
