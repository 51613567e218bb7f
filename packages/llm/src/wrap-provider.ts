import type { Provider } from "./provider.ts";

/** A provider that answers as another one does, but for the methods given. What policies are made of. */
export function wrapProvider(
  provider: Omit<Provider, "stream"> & Partial<Pick<Provider, "stream">>,
  changed: Partial<Provider> & Pick<Provider, "stream">,
): Provider {
  const { embed, rerank, batches, fineTuning, files } = provider;
  return {
    id: provider.id,
    ...(provider.aliases === undefined ? {} : { aliases: provider.aliases }),
    supports: (model) => provider.supports(model),
    knownModels: () => provider.knownModels?.() ?? [],
    models: (options) => provider.models(options),
    capabilities: (model) => provider.capabilities(model),
    pricing: (model) => provider.pricing(model),
    countTokens: (call) => provider.countTokens(call),
    complete: (call) => provider.complete(call),
    ...(embed === undefined ? {} : { embed: (call) => embed(call) }),
    ...(rerank === undefined ? {} : { rerank: (call) => rerank(call) }),
    ...(batches === undefined ? {} : { batches }),
    ...(fineTuning === undefined ? {} : { fineTuning }),
    ...(files === undefined ? {} : { files }),
    availability: (options) => provider.availability(options),
    close: () => provider.close?.() ?? Promise.resolve(),
    ...changed,
  };
}
