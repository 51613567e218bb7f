/** Embeds by a codec: splits what is too much for one request, joins the answers in order, adds cost and timing. */
import type { Dialect } from "./dialect.ts";
import type { EmbeddingAnswer, EmbeddingCall, EmbeddingCodec, EmbeddingRequest, EmbeddingResult } from "./embedding.ts";
import { DragomanError } from "./errors.ts";
import type { ModelKnowledge } from "./model-knowledge.ts";
import { costOf } from "./pricing.ts";
import type { ProviderDefinition } from "./provider-definition.ts";
import { sumUsage } from "./usage.ts";
import { parseJsonBody, type VendorConnection } from "./vendor-connection.ts";

export interface EmbedderInit {
  readonly provider: string;
  readonly definition: ProviderDefinition;
  readonly known: ModelKnowledge;
  readonly vendor: VendorConnection;
  readonly loadDialect: () => Dialect | Promise<Dialect>;
  readonly loadCodec: () => Promise<EmbeddingCodec>;
}

/** Requests of one call that are under way at a time. */
const REQUESTS_AT_ONCE_MAX = 4;

export function embedder({
  provider,
  definition,
  known,
  vendor,
  loadCodec,
}: EmbedderInit): (call: EmbeddingCall) => Promise<EmbeddingResult> {
  const backend = definition.backend === undefined ? {} : { backend: definition.backend };

  async function embedSome(codec: EmbeddingCodec, request: EmbeddingRequest, call: EmbeddingCall): Promise<EmbeddingAnswer> {
    const rendered = codec.renderRequest(request);
    const response = await vendor.send(rendered, call);
    const answer = codec.parseResponse(parseJsonBody(await response.text()), { provider, model: request.model, ...backend });
    if (answer.embeddings.length !== request.inputs.length) {
      const detail = `${answer.embeddings.length} vectors came back for ${request.inputs.length} inputs`;
      throw new DragomanError({ code: "invalid_response", detail });
    }
    return { ...answer, warnings: [...rendered.warnings, ...answer.warnings] };
  }

  return async (call) => {
    const startedAt = performance.now();
    const { signal: _signal, timeouts: _timeouts, ...asked } = call;
    const model = known.modelOf(call.model);
    try {
      if (call.inputs.length === 0) {
        throw new DragomanError({ code: "invalid_request", field: "inputs", detail: "there is nothing to embed" });
      }
      const codec = await loadCodec();
      const pieces = chunked(call.inputs, codec.inputsMax);
      const answers = await inTurn(pieces, (inputs) => embedSome(codec, { ...asked, model, inputs }, call));
      const [first] = answers;
      if (first === undefined) throw new DragomanError({ code: "internal", detail: "no request was made" });
      const usage = answers.length === 1 ? first.usage : sumUsage(answers.map((answer) => answer.usage));
      // Nothing is written: a known input has a known price.
      const cost = costOf({ outputTokens: 0, ...usage }, known.pricing(first.origin.model) ?? known.pricing(model));
      return {
        origin: first.origin,
        embeddings: answers.flatMap((answer) => answer.embeddings),
        usage,
        warnings: answers.flatMap((answer) => answer.warnings),
        ...(cost === undefined ? {} : { cost }),
        timing: { totalMs: performance.now() - startedAt },
      };
    } catch (error) {
      throw vendor.locate(error, model);
    }
  };
}

function chunked<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const pieces: Item[][] = [];
  for (let start = 0; start < items.length; start += size) pieces.push(items.slice(start, start + size));
  return pieces;
}

/** Results in the order of the pieces; the first failure ends it, and nothing new is begun after it. */
async function inTurn<Piece, Result>(
  pieces: readonly Piece[],
  work: (piece: Piece) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  let next = 0;
  let failed = false;
  async function worker(): Promise<void> {
    while (!failed && next < pieces.length) {
      const index = next++;
      try {
        results.set(index, await work(pieces[index] as Piece));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(REQUESTS_AT_ONCE_MAX, pieces.length) }, worker));
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result);
}
