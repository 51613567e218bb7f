/**
 * What a provider can do beside completing: embeddings, rerank, batches, fine-tuning, files. Present only where its
 * definition names it, and loaded at the first use.
 */
import { answerCost } from "./answer-cost.ts";
import type { Batches } from "./batch.ts";
import type { Dialect, RenderedRequest } from "./dialect.ts";
import { DragomanError } from "./errors.ts";
import type { FineTuning } from "./fine-tune.ts";
import type { ModelKnowledge } from "./model-knowledge.ts";
import type { Provider } from "./provider.ts";
import type { ProviderDefinition } from "./provider-definition.ts";
import type { CompletionRequest } from "./request.ts";
import type { SendOptions, VendorConnection } from "./vendor-connection.ts";
import type { VendorFiles } from "./vendor-file.ts";
import type { VendorOperations } from "./vendor-operations.ts";

export interface OperationsInit {
  readonly provider: string;
  readonly definition: ProviderDefinition;
  readonly known: ModelKnowledge;
  readonly vendor: VendorConnection;
  readonly loadDialect: () => Dialect | Promise<Dialect>;
  readonly render: (request: CompletionRequest, signal: AbortSignal | undefined) => Promise<RenderedRequest>;
}

type Operations = Pick<Provider, "embed" | "rerank" | "batches" | "fineTuning" | "files">;

export function providerOperations(init: OperationsInit): Operations {
  const { embed, rerank, batches, fineTuning, files } = init.definition.operations ?? {};
  const vendor = vendorOperations(init);
  return {
    ...(embed === undefined
      ? {}
      : { embed: lazyCall(async () => (await import("./embed.ts")).embedder({ ...init, loadCodec: embed })) }),
    ...(rerank === undefined
      ? {}
      : { rerank: lazyCall(async () => (await import("./rerank-documents.ts")).reranker({ ...init, loadCodec: rerank })) }),
    ...(batches === undefined ? {} : { batches: lazyBatches(() => batches(vendor)) }),
    ...(fineTuning === undefined ? {} : { fineTuning: lazyFineTuning(() => fineTuning(vendor)) }),
    ...(files === undefined ? {} : { files: lazyFiles(() => files(vendor)) }),
  };
}

function vendorOperations({ provider, definition, known, vendor, loadDialect, render }: OperationsInit): VendorOperations {
  const backend = definition.backend === undefined ? {} : { backend: definition.backend };
  const contextOf = (model: string) => ({ provider, model, ...backend });
  return {
    provider,
    channel: { send: located(vendor.send), fetchJson: located(vendor.fetchJson) },
    modelOf: known.modelOf,
    render,
    async parseCompletion(body, model, rates) {
      const completion = (await loadDialect()).parseResponse(body, contextOf(model));
      const pricing = known.pricing(completion.origin.model) ?? known.pricing(model);
      const cost = answerCost(completion, pricing, definition.hooks ?? {}, rates);
      return cost === undefined ? completion : { ...completion, cost };
    },
    async parseError(status, body, model) {
      const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
      const error = (await loadDialect()).parseError({ status, headers: {}, body: text }, contextOf(model));
      return vendor.locate(error, model);
    },
  };

  /** Errors name the provider and show no key. */
  function located<Request extends Parameters<VendorConnection["send"]>[0], Answer>(
    send: (request: Request, call: SendOptions) => Promise<Answer>,
  ): (request: Request, call: SendOptions) => Promise<Answer> {
    return async (request, call) => {
      try {
        return await send(request, call);
      } catch (error) {
        throw vendor.locate(error, "", vendor.label(request));
      }
    };
  }
}

type Load<Api> = () => Promise<Api>;

/** Loaded once; a failure to load is tried again. */
function once<Api>(load: Load<Api>): Load<Api> {
  let loaded: Promise<Api> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw DragomanError.is(error) ? error : new DragomanError({ code: "internal", detail: String(error), cause: error });
    });
    return loaded;
  };
}

function lazyCall<Call, Result>(load: Load<(call: Call) => Promise<Result>>): (call: Call) => Promise<Result> {
  const api = once(load);
  return async (call) => (await api())(call);
}

function lazyBatches(load: Load<Batches>): Batches {
  const api = once(load);
  return {
    submit: async (items, options) => (await api()).submit(items, options),
    get: async (id, options) => (await api()).get(id, options),
    list: async (options) => (await api()).list(options),
    cancel: async (id, options) => (await api()).cancel(id, options),
    results: async function* (id, options) {
      yield* (await api()).results(id, options);
    },
  };
}

function lazyFineTuning(load: Load<FineTuning>): FineTuning {
  const api = once(load);
  return {
    upload: async (request) => (await api()).upload(request),
    start: async (request) => (await api()).start(request),
    get: async (id, options) => (await api()).get(id, options),
    list: async (options) => (await api()).list(options),
    cancel: async (id, options) => (await api()).cancel(id, options),
    events: async (id, options) => (await api()).events(id, options),
  };
}

function lazyFiles(load: Load<VendorFiles>): VendorFiles {
  const api = once(load);
  return {
    upload: async (request) => (await api()).upload(request),
    get: async (id, options) => (await api()).get(id, options),
    list: async (options) => (await api()).list(options),
    delete: async (id, options) => (await api()).delete(id, options),
    content: async function* (id, options) {
      yield* (await api()).content(id, options);
    },
  };
}
