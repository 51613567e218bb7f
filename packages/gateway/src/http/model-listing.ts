/** The models of all providers, under the names by which they are called here: `provider:model`. */
import { DragomanError, type ModelInfo, type Provider, type Registry, type Warning } from "@dragoman/llm";

export interface ModelListing {
  readonly models: readonly ModelInfo[];
  /** One for each provider that could not be asked. */
  readonly warnings: readonly Warning[];
}

export async function listModels(registry: Registry, signal: AbortSignal): Promise<ModelListing> {
  const { models, failures } = await registry.models({ signal });
  return {
    models: models.map(withProviderName),
    warnings: failures.map(({ provider, error }) => ({
      type: "other",
      detail: `the models of ${provider} are left out: ${error.code}`,
    })),
  };
}

/** A model by the name under which it is listed, or by any name that resolves to it. Throws `model_not_found`. */
export async function findModel(registry: Registry, name: string, signal: AbortSignal): Promise<ModelInfo> {
  const { provider, model } = registry.resolve(name);
  const known = await listedModel(provider, model, signal);
  if (known !== undefined) return withProviderName(known);
  if (provider.supports(model)) return withProviderName(fromCatalogue(provider, model));
  throw new DragomanError({
    code: "model_not_found",
    provider: provider.id,
    model,
    detail: `${provider.id} lists no model ${model}`,
    advice: "see the list of models for what there is",
  });
}

/** Where the vendor cannot be asked, what the catalogue knows has to do. */
async function listedModel(provider: Provider, model: string, signal: AbortSignal): Promise<ModelInfo | undefined> {
  try {
    return (await provider.models({ signal })).find((row) => row.id === model);
  } catch (error) {
    if (provider.supports(model)) return undefined;
    throw error;
  }
}

function fromCatalogue(provider: Provider, model: string): ModelInfo {
  const pricing = provider.pricing(model);
  return {
    id: model,
    provider: provider.id,
    capabilities: provider.capabilities(model),
    ...(pricing === undefined ? {} : { pricing }),
    source: "catalogue",
  };
}

function withProviderName(model: ModelInfo): ModelInfo {
  return { ...model, id: `${model.provider}:${model.id}` };
}
