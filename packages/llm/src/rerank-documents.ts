/** Reranks by a codec, and adds cost and timing. */
import { DragomanError } from "./errors.ts";
import { inputCost } from "./input-cost.ts";
import type { ModelKnowledge } from "./model-knowledge.ts";
import type { ProviderDefinition } from "./provider-definition.ts";
import type { RerankAnswer, RerankCall, RerankCodec, RerankResult } from "./rerank.ts";
import { parseJsonBody, type VendorConnection } from "./vendor-connection.ts";

export interface RerankerInit {
  readonly provider: string;
  readonly definition: ProviderDefinition;
  readonly known: ModelKnowledge;
  readonly vendor: VendorConnection;
  readonly loadCodec: () => Promise<RerankCodec>;
}

export function reranker({
  provider,
  definition,
  known,
  vendor,
  loadCodec,
}: RerankerInit): (call: RerankCall) => Promise<RerankResult> {
  const { hooks = {} } = definition;
  const backend = definition.backend === undefined ? {} : { backend: definition.backend };

  return async (call) => {
    const startedAt = performance.now();
    const { signal, timeouts, ...asked } = call;
    const model = known.modelOf(call.model);
    try {
      check(call);
      const codec = await loadCodec();
      const plain = codec.renderRequest({ ...asked, model });
      const rendered = hooks.address?.(plain, { operation: "rerank", model }) ?? plain;
      const response = await vendor.send(rendered, { signal, timeouts });
      const answer = codec.parseResponse(parseJsonBody(await response.text()), { provider, model, ...backend });
      checkPlaces(answer, call.documents.length);
      // Unknown where the vendor charges by search units and does not say what they come to.
      const cost = inputCost(answer, model, known, hooks.charged);
      return {
        ...answer,
        warnings: [...rendered.warnings, ...answer.warnings],
        ...(cost === undefined ? {} : { cost }),
        timing: { totalMs: performance.now() - startedAt },
      };
    } catch (error) {
      throw vendor.locate(error, model);
    }
  };
}

function check({ documents, resultsMax }: RerankCall): void {
  if (documents.length === 0) {
    throw new DragomanError({ code: "invalid_request", field: "documents", detail: "there is nothing to rank" });
  }
  // Some vendors take 0 for all, some for none.
  if (resultsMax === undefined || (Number.isInteger(resultsMax) && resultsMax > 0)) return;
  throw new DragomanError({ code: "invalid_request", field: "resultsMax", detail: "resultsMax must be a whole number above 0" });
}

/** Each result names one of the documents, and none is named twice. */
function checkPlaces({ results }: RerankAnswer, documents: number): void {
  const named = new Set<number>();
  for (const { index } of results) {
    const isSent = Number.isInteger(index) && index >= 0 && index < documents;
    if (isSent && !named.has(index)) {
      named.add(index);
      continue;
    }
    const detail = isSent ? `two results name document ${index}` : `a result names document ${index}, which was not sent`;
    throw new DragomanError({ code: "invalid_response", detail });
  }
}
