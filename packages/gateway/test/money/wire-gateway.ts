/** A gateway for the wire schedules: over HTTP to the fake vendors, on SQLite or as a node on PostgreSQL. Also for processes of their own. */
import { completeConfiguration } from "../../src/config/complete-configuration.ts";
import type { LimitRule, StoreConfiguration } from "../../src/configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { GatewayObserver } from "../../src/telemetry/observer.ts";
import { KEYS_AND_TEAMS, KEYS_ENVIRONMENT } from "./keys.ts";
import { ratesOf, type TokenPrice } from "./prices.ts";
import { modelOf, routeOf, TROUBLE_NAMES, WAYS } from "./wire-plan.ts";
import { VENDOR_KEY, type VendorName, WELL_MODEL } from "./wire-vendors.ts";

export const WIRE_PRICES: Readonly<Record<VendorName, TokenPrice>> = {
  openai: { input: 400, cacheRead: 100, output: 1_600 },
  anthropic: { input: 3_000, cacheRead: 300, output: 15_000 },
};

/** Of every call. */
export const OUTPUT_TOKENS_MAX = 24;

export interface WireGatewayOptions {
  readonly store: StoreConfiguration;
  readonly urls: Readonly<Record<VendorName, string>>;
  readonly rules: readonly LimitRule[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly observers?: readonly GatewayObserver[];
}

export function openWireGateway({ store, urls, rules, environment, observers = [] }: WireGatewayOptions): Promise<Gateway> {
  const models = TROUBLE_NAMES.flatMap((trouble) => WAYS.map((way) => modelOf(trouble, way)));
  const configuration = completeConfiguration({
    ...KEYS_AND_TEAMS,
    store,
    providers: {
      openai: {
        baseUrl: urls.openai,
        key: "env:VENDOR_KEY",
        options: { wire: "chat" },
        prices: Object.fromEntries(models.map((model) => [model, ratesOf(WIRE_PRICES.openai)])),
      },
      anthropic: {
        baseUrl: urls.anthropic,
        key: "env:VENDOR_KEY",
        prices: { [WELL_MODEL]: ratesOf(WIRE_PRICES.anthropic) },
      },
    },
    models: Object.fromEntries(routes()),
    limits: rules,
    failing: { breaker: { failures: 10_000, share: 1 } },
  });
  return createGateway(configuration, {
    environment: { ...KEYS_ENVIRONMENT, VENDOR_KEY, ...environment },
    random: () => 0.5,
    sleep: async () => {},
    observers,
  });
}

/** A vendor that stalls is given up soon; all others have all the time that a slow machine needs. */
const STALLED = { idleMs: 60 };

function routes() {
  return TROUBLE_NAMES.flatMap((trouble) =>
    WAYS.flatMap((way) => {
      const target = { model: `openai:${modelOf(trouble, way)}`, ...(trouble === "stall" ? { timeouts: STALLED } : {}) };
      return [
        [routeOf({ trouble, way, fallsBack: false }), { targets: [target], sticky: false }] as const,
        [
          routeOf({ trouble, way, fallsBack: true }),
          { targets: [target], fallback: [`anthropic:${WELL_MODEL}`], sticky: false },
        ] as const,
      ];
    }),
  );
}
