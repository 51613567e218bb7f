/** Providers as they are, without anything around them: what `createServer({ registry })` serves to everybody. */
import {
  type Availability,
  type CompletionCall,
  createFold,
  DragomanError,
  type EmbeddingCall,
  type Provider,
  type Registry,
  type StreamEvent,
  toDragomanError,
} from "@dragoman/llm";
import { findModel, listModels } from "./model-listing.ts";
import type { Served } from "./service.ts";

export function serveRegistry(registry: Registry): Served {
  return {
    provider: registryProvider(registry),
    listModels: (signal) => listModels(registry, signal),
    findModel: (name, signal) => findModel(registry, name, signal),
  };
}

/** All providers of a registry as one, which takes the names that the registry resolves. */
function registryProvider(registry: Registry): Provider {
  function resolved<Call extends { readonly model: string }>(call: Call): { readonly provider: Provider; readonly call: Call } {
    const { provider, model } = registry.resolve(call.model);
    return { provider, call: { ...call, model } };
  }

  async function* stream(asked: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let found: ReturnType<typeof resolved<CompletionCall>>;
    try {
      found = resolved(asked);
    } catch (thrown) {
      yield { type: "error", error: toDragomanError(thrown), partial: createFold().completion() };
      return;
    }
    yield* found.provider.stream(found.call);
  }

  function modelOf(reference: string): { readonly provider: Provider; readonly model: string } {
    return registry.resolve(reference);
  }

  async function availability(): Promise<Availability> {
    return { available: true, detail: `${registry.providers().length} providers` };
  }

  return {
    id: "registry",
    supports: (model) => registry.providers().some((provider) => provider.supports(model)),
    models: async (options) => (await registry.models(options)).models,
    capabilities: (reference) => {
      const { provider, model } = modelOf(reference);
      return provider.capabilities(model);
    },
    pricing: (reference) => {
      const { provider, model } = modelOf(reference);
      return provider.pricing(model);
    },
    countTokens: async (asked) => {
      const { provider, call } = resolved(asked);
      return provider.countTokens(call);
    },
    complete: async (asked) => {
      const { provider, call } = resolved(asked);
      return provider.complete(call);
    },
    stream,
    embed: async (asked: EmbeddingCall) => {
      const { provider, call } = resolved(asked);
      if (provider.embed === undefined) throw noVectors(provider.id);
      return provider.embed(call);
    },
    availability,
  };
}

function noVectors(provider: string): DragomanError {
  return new DragomanError({
    code: "unsupported",
    field: "model",
    provider,
    detail: `${provider} gives no vectors`,
    advice: "name an embedding model of another provider, as openai:text-embedding-3-small",
  });
}
