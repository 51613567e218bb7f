/**
 * Adds cache directives to the calls of a session where they pay, and holds what came against what was expected.
 *
 *     const model = planCache(anthropic());
 *     await model.complete({ …, metadata: { session: "session-7" } });
 *     model.report();   // [{ session: "session-7", expectedTokens: 5120, hitTokens: 5087, savedUsd: 0.0137, … }]
 *
 * The caller's own directives go before: they are sent where they pay, and a warning says which were not. Calls that name no
 * session share one. Below other policies it sees every attempt; above them, every question.
 */
import type { CachePlan } from "../cache-plan.ts";
import type { Completion } from "../completion.ts";
import {
  type CachePlanner,
  type CachePlannerOptions,
  createCachePlanner,
  type PlannedCall,
  type SessionCacheReport,
} from "../create-cache-planner.ts";
import type { Origin } from "../message.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import { requestOf } from "../request.ts";
import type { StreamEvent } from "../stream.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { DEFAULT_SESSION } from "./track-usage.ts";

/** What the planner behind the policy assumes. */
export interface PlanCacheOptions extends CachePlannerOptions {
  /** A planner of one's own, as one that several providers share or whose report is read elsewhere. */
  readonly planner?: CachePlanner;
}

export interface CachePlanningProvider extends Provider {
  /** Expected against observed, one row a session. */
  report(): readonly SessionCacheReport[];
}

/** Marks for the vendor's cache what stays the same from call to call of a session. */
export function planCache(provider: Provider, { planner, ...options }: PlanCacheOptions = {}): CachePlanningProvider {
  const plans = planner ?? createCachePlanner(options);
  const makers = createMakers();

  /** The plan, the call with its directives, and what the caller's own directives lost by it. */
  function planned(call: CompletionCall) {
    const model = provider.aliases?.[call.model] ?? call.model;
    const origin = makers.of(model);
    const plan = plans.plan(call.metadata?.session ?? DEFAULT_SESSION, requestOf(call), {
      model,
      dialect: origin?.dialect,
      backend: origin?.backend,
      capabilities: provider.capabilities(call.model),
      pricing: provider.pricing(call.model),
    });
    const { cache: _asked, ...rest } = call;
    const sent: CompletionCall = plan.directives.length === 0 ? rest : { ...rest, cache: plan.directives };
    return { plan, sent, model, warnings: leftOut(call, plan) };
  }

  function settled(plan: PlannedCall, model: string, completion: Pick<Completion, "usage" | "cache">, origin?: Origin) {
    if (origin !== undefined) makers.learn(model, origin);
    return plans.settle(plan, completion);
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const { plan, sent, model, warnings } = planned(call);
    const completion = await provider.complete(sent);
    const cache = settled(plan, model, completion, completion.origin);
    return { ...completion, cache, warnings: [...warnings, ...completion.warnings] };
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const { plan, sent, model, warnings } = planned(call);
    let origin: Origin | undefined;
    let told = false;
    for await (const event of provider.stream(sent)) {
      if (event.type === "start") origin = event.origin;
      yield event.type === "finish" ? { ...event, cache: settled(plan, model, event, origin) } : event;
      if (event.type !== "start" || told) continue;
      told = true;
      for (const warning of warnings) yield { type: "warning", warning };
    }
  }

  return { ...wrapProvider(provider, { complete, stream }), report: () => plans.report() };
}

/** Sent nowhere, and not because the vendor does it by itself. */
const LOST = new Set(["below-minimum", "does-not-pay", "too-many", "not-supported"]);

function leftOut(call: CompletionCall, { considered }: CachePlan): readonly Warning[] {
  return considered
    .filter(({ from, decision }) => from === "request" && LOST.has(decision))
    .map(({ stable, detail }) => {
      const index = call.cache?.findIndex((directive) => directive.stable === stable) ?? -1;
      return { type: "other", path: `cache[${index}]`, detail: `the directive was not sent: ${detail}` };
    });
}

/** Models whose maker is remembered. Callers choose the names, so there must be an end. */
const MODELS_MAX = 1_000;

/** Over which wire each model has answered: it decides how prompts are kept where the name does not tell. */
function createMakers() {
  const origins = new Map<string, Origin>();
  return {
    of: (model: string) => origins.get(model),
    learn(model: string, origin: Origin) {
      if (origins.size >= MODELS_MAX && !origins.has(model)) origins.clear();
      origins.set(model, origin);
    },
  };
}
