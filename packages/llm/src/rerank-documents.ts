/** Reranks by a codec, and adds cost and timing. */

import { DragomanError } from "./errors.ts";
import type { ModelKnowledge } from "./model-knowledge.ts";
import { costOf } from "./pricing.ts";
import type { RerankCall, RerankCodec, RerankResult } from "./rerank.ts";
import { parseJsonBody, type VendorConnection } from "./vendor-connection.ts";

export interface RerankerInit {
  readonly provider: string;
  readonly known: ModelKnowledge;
  readonly vendor: VendorConnection;
  readonly loadCodec: () => Promise<RerankCodec>;
}

export function reranker({ provider, known, vendor, loadCodec }: RerankerInit): (call: RerankCall) => Promise<RerankResult> {
  return async (call) => {
    const startedAt = performance.now();
    const { signal: _signal, timeouts: _timeouts, ...asked } = call;
    const model = known.modelOf(call.model);
    try {
      if (call.documents.length === 0) {
        throw new DragomanError({ code: "invalid_request", field: "documents", detail: "there is nothing to rank" });
      }
      const codec = await loadCodec();
      const rendered = codec.renderRequest({ ...asked, model });
      const response = await vendor.send(rendered, call);
      const answer = codec.parseResponse(parseJsonBody(await response.text()), { provider, model });
      for (const { index } of answer.results) {
        if (index < call.documents.length) continue;
        throw new DragomanError({ code: "invalid_response", detail: `a result names document ${index}, which was not sent` });
      }
      const cost = costOf({ outputTokens: 0, ...answer.usage }, known.pricing(answer.origin.model) ?? known.pricing(model));
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
