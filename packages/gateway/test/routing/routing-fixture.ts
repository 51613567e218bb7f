/** A router over providers that answer nothing, with time and chance in the test's hands. */
import {
  type CapabilityFacts,
  type CompletionRequest,
  createRegistry,
  type Pricing,
  type Provider,
  withCapabilities,
  wrapProvider,
} from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing/simulator";
import type { Caller } from "../../src/caller.ts";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import { createRouter, type RouterOptions } from "../../src/routing/create-router.ts";
import type { ObservedAttempt, Router } from "../../src/routing/router.ts";

export const CALLER: Caller = { principal: { key: "k_1", restrictions: {} } };
export const START = Date.UTC(2026, 2, 29, 12);

export interface KnownModel {
  readonly inputUsd?: number;
  readonly outputUsd?: number;
  readonly cacheReadUsd?: number;
  readonly facts?: CapabilityFacts;
}

/** `models`: what is known of each, by `provider:model`. */
export interface FixtureOptions extends Partial<Omit<RouterOptions, "configuration" | "registry">> {
  readonly known?: Readonly<Record<string, KnownModel>>;
  readonly providers?: readonly string[];
}

export interface RouterFixture {
  readonly router: Router;
  /** Moves the time on. */
  pass(ms: number): void;
  now(): number;
  /** Of a plan, names alone. */
  order(request?: Partial<CompletionRequest>, caller?: Caller): readonly string[];
  answered(target: string, more?: Partial<ObservedAttempt>): void;
}

export function routerFixture(
  models: PartialGatewayConfiguration["models"],
  { known = {}, providers = ["a", "b", "c", "d"], ...options }: FixtureOptions = {},
  more: PartialGatewayConfiguration = {},
): RouterFixture {
  let now = START;
  const configuration = completeConfiguration({
    store: { type: "memory" },
    providers: Object.fromEntries(providers.map((id) => [id, { type: "ollama" }])),
    ...(models === undefined ? {} : { models }),
    ...more,
  });
  const registry = createRegistry(providers.map((id) => fakeProvider(id, known)));
  const router = createRouter({ configuration, registry, random: seeded(7), time: () => now, ...options });
  return {
    router,
    pass(ms) {
      now += ms;
    },
    now: () => now,
    order: (request = {}, caller = CALLER) =>
      router.plan({ ...asking("smart"), ...request }, caller).targets.map(({ name }) => name),
    answered: (target, fields = {}) => router.observe({ target, outcome: "answered", durationMs: 100, at: now, ...fields }),
  };
}

export function asking(model: string, text = "hello"): CompletionRequest {
  return { model, messages: [{ role: "user", parts: [{ type: "text", text }] }] };
}

/** Between 0 and 1, always the same series. After mulberry32 (public domain). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function fakeProvider(id: string, known: Readonly<Record<string, KnownModel>>): Provider {
  const base = createSimulator({ id });
  return wrapProvider(base, {
    stream: (call) => base.stream(call),
    pricing: (model): Pricing | undefined => {
      const row = known[`${id}:${model}`];
      if (row?.inputUsd === undefined) return undefined;
      return {
        inputPerMillionUsd: row.inputUsd,
        outputPerMillionUsd: row.outputUsd ?? 0,
        ...(row.cacheReadUsd === undefined ? {} : { cacheReadPerMillionUsd: row.cacheReadUsd }),
        catalogue: "test",
      };
    },
    capabilities: (model) => withCapabilities(base.capabilities(model), known[`${id}:${model}`]?.facts ?? {}, "configuration"),
  });
}
