/** Two providers of one account as one: each call goes to the one that serves its model. */
import type { CompletionCall, ModelInfo, Provider } from "../../provider.ts";
import { wrapProvider } from "../../wrap-provider.ts";

/** `choose` gets the model as the caller named it. What is about no model in particular is asked of the first. */
export function joinByModel(
  first: Provider,
  second: Provider,
  choose: (model: string) => Provider,
  supports: (model: string) => boolean,
): Provider {
  async function models(options?: { readonly signal?: AbortSignal }): Promise<readonly ModelInfo[]> {
    const lists = await Promise.all([first.models(options), second.models(options)]);
    return lists.flat();
  }

  return wrapProvider(first, {
    aliases: { ...first.aliases, ...second.aliases },
    supports,
    knownModels: () => [...(first.knownModels?.() ?? []), ...(second.knownModels?.() ?? [])],
    models,
    capabilities: (model) => choose(model).capabilities(model),
    pricing: (model) => choose(model).pricing(model),
    countTokens: (call: CompletionCall) => choose(call.model).countTokens(call),
    complete: (call: CompletionCall) => choose(call.model).complete(call),
    stream: (call: CompletionCall) => choose(call.model).stream(call),
    close: async () => {
      await Promise.all([first.close?.(), second.close?.()]);
    },
  });
}
