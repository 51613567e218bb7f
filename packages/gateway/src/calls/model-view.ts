/** What a caller sees of models: the routes it may call, and, where that is allowed, the models behind them by their own names. */
import {
  type Capabilities,
  type CompletionCall,
  DragomanError,
  type ModelInfo,
  type Pricing,
  type Provider,
  type TokenCount,
} from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import type { PlannedTarget } from "../routing/router.ts";
import type { Frame, GatewayParts } from "./gateway-parts.ts";

type ModelView = Pick<Provider, "supports" | "knownModels" | "models" | "capabilities" | "pricing" | "countTokens">;

export function createModelView(parts: GatewayParts, frame: () => Frame, caller: Caller): ModelView {
  function firstTarget(model: string): PlannedTarget | undefined {
    try {
      return frame().router.preview({ model, messages: [] }, caller).targets[0];
    } catch (thrown) {
      if (DragomanError.is(thrown)) return undefined;
      throw thrown;
    }
  }

  function mayUse(model: string): boolean {
    try {
      parts.tenancy.authoriseModel(caller.principal, model);
      return true;
    } catch (thrown) {
      if (DragomanError.is(thrown)) return false;
      throw thrown;
    }
  }

  function capabilities(model: string): Capabilities {
    const target = firstTarget(model);
    if (target === undefined) throw new DragomanError({ code: "unknown_model", model, detail: `no route and no model ${model}` });
    return target.provider.capabilities(target.model);
  }

  function pricing(model: string): Pricing | undefined {
    const target = firstTarget(model);
    return target?.provider.pricing(target.model);
  }

  function routeRow(name: string): readonly ModelInfo[] {
    const target = firstTarget(name);
    if (target === undefined) return [];
    const price = target.provider.pricing(target.model);
    return [
      {
        id: name,
        provider: target.provider.id,
        capabilities: target.provider.capabilities(target.model),
        ...(price === undefined ? {} : { pricing: price }),
        source: "catalogue",
      },
    ];
  }

  async function models(options?: Parameters<Provider["models"]>[0]): Promise<readonly ModelInfo[]> {
    const { router, registry, configuration } = frame();
    const routes = Object.keys(router.routes).filter(mayUse).flatMap(routeRow);
    if (!configuration.directModels) return routes;
    const listed = await registry.models(options);
    const direct = listed.models.map((row) => ({ ...row, id: `${row.provider}:${row.id}` }));
    return [...routes, ...direct.filter(({ id }) => mayUse(id))];
  }

  return {
    supports: (model) => firstTarget(model) !== undefined && mayUse(model),
    knownModels: () => Object.keys(frame().router.routes).filter(mayUse),
    models,
    capabilities,
    pricing,
    countTokens: async (call: CompletionCall): Promise<TokenCount> => {
      parts.tenancy.authoriseModel(caller.principal, call.model);
      const [target] = frame().router.preview(call, caller).targets;
      return target.provider.countTokens({ ...call, model: target.model });
    },
  };
}
