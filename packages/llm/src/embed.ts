/** Embeds by a codec: splits what is too much for one request, joins the answers in order, adds cost and timing. */
import type { EmbeddingAnswer, EmbeddingCall, EmbeddingCodec, EmbeddingRequest, EmbeddingResult } from "./embedding.ts";
import { DragomanError } from "./errors.ts";
import { inputCost } from "./input-cost.ts";
import type { ModelKnowledge } from "./model-knowledge.ts";
import type { ProviderDefinition } from "./provider-definition.ts";
import { sumCosts, sumUsage } from "./usage.ts";
import { parseJsonBody, type SendOptions, type VendorConnection } from "./vendor-connection.ts";

export interface EmbedderInit {
  readonly provider: string;
  readonly definition: ProviderDefinition;
  readonly known: ModelKnowledge;
  readonly vendor: VendorConnection;
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
  const { hooks = {} } = definition;
  const backend = definition.backend === undefined ? {} : { backend: definition.backend };

  async function embedSome(codec: EmbeddingCodec, request: EmbeddingRequest, sending: SendOptions): Promise<EmbeddingAnswer> {
    const { model } = request;
    const plain = codec.renderRequest(request);
    const rendered = hooks.address?.(plain, { operation: "embed", model }) ?? plain;
    const response = await vendor.send(rendered, sending);
    const context = { provider, model, ...backend, headers: response.headers };
    const answer = codec.parseResponse(parseJsonBody(await response.text()), context);
    if (answer.embeddings.length !== request.inputs.length) {
      const detail = `${answer.embeddings.length} vectors came back for ${request.inputs.length} inputs`;
      throw new DragomanError({ code: "invalid_response", detail, request: vendor.label(rendered) });
    }
    return { ...answer, warnings: [...rendered.warnings, ...answer.warnings] };
  }

  return async (call) => {
    const startedAt = performance.now();
    const { signal, timeouts, ...asked } = call;
    const model = known.modelOf(call.model);
    try {
      if (!Array.isArray(call.inputs)) {
        throw new DragomanError({ code: "invalid_request", field: "inputs", detail: "inputs must be a list" });
      }
      if (call.inputs.length === 0) {
        throw new DragomanError({ code: "invalid_request", field: "inputs", detail: "there is nothing to embed" });
      }
      const codec = await loadCodec();
      const pieces = chunked(call.inputs, codec.inputsMax(model));
      const answers = await allOrNone(pieces, signal, (inputs, pieceSignal) =>
        embedSome(codec, { ...asked, model, inputs }, { timeouts, signal: pieceSignal }),
      );
      const [first] = answers;
      if (first === undefined) throw new DragomanError({ code: "internal", detail: "no request was made" });
      const cost = sumCosts(answers.map((answer) => inputCost(answer, model, known, hooks.charged)));
      return {
        origin: first.origin,
        embeddings: answers.flatMap((answer) => answer.embeddings),
        usage: answers.length === 1 ? first.usage : sumUsage(answers.map((answer) => answer.usage)),
        warnings: distinct(answers.flatMap((answer) => answer.warnings)),
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

/** Each request of a call has the same to say of what it left out: once is enough. */
function distinct<Value>(values: readonly Value[]): readonly Value[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}

/** Results in the order of the pieces. The first failure ends it all: what is under way is given up, nothing new is begun. */
async function allOrNone<Piece, Result>(
  pieces: readonly Piece[],
  signal: AbortSignal | undefined,
  work: (piece: Piece, signal: AbortSignal | undefined) => Promise<Result>,
): Promise<readonly Result[]> {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return [await work(only, signal)];
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const results = new Map<number, Result>();
  const queue = pieces.entries();
  async function worker(): Promise<void> {
    for (const [index, piece] of queue) {
      if (failure.signal.aborted) return;
      results.set(index, await work(piece, either));
    }
  }
  const workers = Array.from({ length: Math.min(REQUESTS_AT_ONCE_MAX, pieces.length) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    failure.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result);
}
