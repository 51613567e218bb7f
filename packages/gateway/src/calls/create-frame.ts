/** One configuration, ready for calls: its providers, its router, and what answers. */
import {
  cache,
  createRegistry,
  DragomanError,
  loadProviders,
  type Provider,
  type ProviderConfiguration,
  type Registry,
  type ResponseStore,
} from "@dragoman/llm";
import type { GatewayConfiguration } from "../configuration.ts";
import { createRouter, type RouterMemory } from "../routing/create-router.ts";
import type { PlannedTarget } from "../routing/router.ts";
import { createAnswering, GATEWAY_ID } from "./answering.ts";
import { governedOf } from "./call-context.ts";
import type { Frame, GatewayParts } from "./gateway-parts.ts";
import type { GovernedCall } from "./governed-call.ts";
import { type GuardedStoreOptions, guardedStore } from "./guarded-store.ts";
import { createRunningCalls } from "./running-calls.ts";
import { createTargetProvider } from "./target-provider.ts";

export interface FrameOptions {
  readonly registry?: Registry;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly random?: () => number;
  readonly time?: () => number;
  /** Waits before an attempt is repeated, or rejects with the signal's reason. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Undefined: answers are not cached. */
  readonly responses?: ResponseStore;
}

/** Rejects with `configuration`. */
export async function createFrame(
  parts: GatewayParts,
  configuration: GatewayConfiguration,
  options: FrameOptions,
  memory: RouterMemory,
): Promise<Frame> {
  const configured = Object.keys(configuration.providers).length > 0;
  const own = configured || options.registry === undefined ? await ownProviders(configuration, options) : undefined;
  const registry = own ?? options.registry ?? createRegistry();
  const { random, time } = options;
  const router = createRouter({
    configuration,
    registry,
    memory,
    leftAlone: parts.health.leftAlone,
    ...(random === undefined ? {} : { random }),
    ...(time === undefined ? {} : { time }),
  });
  const running = createRunningCalls();
  const made = new Map<string, { readonly of: Provider; readonly provider: Provider }>();

  /** Made once a target: the chain of each call only lines them up. */
  function targetProvider(target: PlannedTarget, attemptsPerTarget = configuration.failing.attemptsPerTarget): Provider {
    const key = `${attemptsPerTarget}/${target.name}`;
    const known = made.get(key);
    if (known?.of === target.provider) return known.provider;
    const provider = createTargetProvider(target, {
      failing: configuration.failing,
      attemptsPerTarget,
      ...(options.sleep === undefined ? {} : { sleep: options.sleep }),
      ...(random === undefined ? {} : { random }),
    });
    if (made.size >= TARGETS_MAX) made.clear();
    made.set(key, { of: target.provider, provider });
    return provider;
  }

  const answering = createAnswering({
    failing: configuration.failing,
    providerTimeouts: (name) =>
      Object.hasOwn(configuration.providers, name) ? configuration.providers[name]?.timeouts : undefined,
    targetProvider,
  });
  let closing: Promise<void> | undefined;
  return {
    configuration,
    registry,
    router,
    answering: options.responses === undefined ? answering : cached(answering, configuration, options.responses, parts),
    running,
    retire: async (limitMs) => {
      const ended = await running.drain(limitMs);
      await running.cut();
      closing ??= own?.close() ?? Promise.resolve();
      await closing;
      return ended;
    },
  };
}

/** Direct models are named by clients, so their number is theirs to choose. */
const TARGETS_MAX = 10_000;

function ownProviders(configuration: GatewayConfiguration, options: FrameOptions): Promise<Registry> {
  const rows = Object.entries(configuration.providers).map(([name, entry]): [string, ProviderConfiguration] => {
    const { defaultModel: _defaultModel, fallback: _fallback, ...provider } = entry;
    return [name, provider];
  });
  return loadProviders(
    { providers: Object.fromEntries(rows), preferred: configuration.preferred },
    {
      ...(options.folder === undefined ? {} : { folder: options.folder }),
      ...(options.environment === undefined ? {} : { environment: options.environment }),
    },
  );
}

/** Answers of earlier, equal calls, never beyond one tenant. */
/** Tags, agents and rights choose among targets: an equal request that others would answer is another. */
function whoMayAnswer({ plan }: GovernedCall): string {
  return plan.targets
    .map(({ name }) => name)
    .toSorted()
    .join();
}

function cached(
  answering: Pick<Provider, "complete" | "stream">,
  { cache: settings, models, store: kept }: GatewayConfiguration,
  responses: ResponseStore,
  parts: GatewayParts,
): Pick<Provider, "complete" | "stream"> {
  const scopes = {
    team: (governed: GovernedCall) => governed.tenant,
    key: ({ opened }: GovernedCall) => `key:${opened.key}`,
    session: ({ tenant, opened }: GovernedCall) => `${tenant}\n${opened.session ?? `call:${opened.id}`}`,
  };
  const scope = scopes[settings.scope];
  const isRemote = typeof settings.store === "object" || (settings.store === "store" && kept.type === "postgres");
  return cache(
    { ...ANSWERS_ONLY, ...answering },
    {
      store: isRemote ? guardedStore(responses, storeGuard(parts)) : responses,
      storeTimeoutMs: STORE_TIMEOUT_MS,
      timeToLiveMs: settings.timeToLiveMs,
      // Another route under the same name gives other answers.
      namespace: JSON.stringify(models),
      scope: (_metadata, call) => `${scope(governedOf(call))}\n${whoMayAnswer(governedOf(call))}`,
      bypass: (call) => governedOf(call).plan.cache === false,
      now: parts.time,
    },
  );
}

/** A cache is to save time: one that takes longer than this is not worth the wait. */
const STORE_TIMEOUT_MS = 250;

function storeGuard({ clock, observer }: GatewayParts): GuardedStoreOptions {
  return {
    now: () => clock.now(),
    onChange: (state) =>
      observer.noticed(
        state === "answers"
          ? { level: "info", event: "cache.store-answers", message: "the response cache's store answers again" }
          : {
              level: "warn",
              event: "cache.store-left-alone",
              message: "the response cache's store does not answer: calls go on without it",
            },
      ),
  };
}

function asksForMore(): never {
  throw new DragomanError({ code: "internal", detail: "the response cache asks for answers only" });
}

/** What the cache is wrapped around: it asks for nothing but answers. */
const ANSWERS_ONLY: Provider = {
  id: GATEWAY_ID,
  supports: () => true,
  models: async () => [],
  capabilities: asksForMore,
  pricing: () => undefined,
  countTokens: asksForMore,
  complete: asksForMore,
  stream: asksForMore,
  availability: async () => ({ available: true }),
};
