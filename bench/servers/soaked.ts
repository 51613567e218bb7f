/** The gateway of a soak: everything on, in front of two vendors, each also with every fault in a route of its own. */
import { completeConfiguration, createGateway, createMetrics, createServer, type Gateway } from "@dragoman/gateway";
import { serveParent } from "./serve-child.ts";

interface SoakSetting {
  readonly openai: string;
  readonly anthropic: string;
  readonly file: string;
  readonly key: string;
  /** Route -> the model at OpenAI that fails in its own way. */
  readonly faults: Readonly<Record<string, string>>;
}

const { openai, anthropic, file, key, faults } = JSON.parse(process.argv[2] ?? "{}") as SoakSetting;
const GOOD = "anthropic:claude-sonnet-4-5";
const MINUTE = { type: "rolling", ms: 60_000 } as const;
const PRICE = { inputPerMillionUsd: 1, outputPerMillionUsd: 4 };
const prices = Object.fromEntries(Object.values(faults).map((model) => [model, PRICE]));

const metrics = createMetrics({
  targets: () => gateway.health(),
  standings: () => gateway.meter.standings(),
  running: () => gateway.running,
});
const gateway: Gateway = await createGateway(
  completeConfiguration({
    store: { type: "sqlite", file },
    server: { requireKey: true },
    providers: {
      // A budget refuses models without a price, and the models that fail are in no catalogue.
      openai: { baseUrl: openai, key: "env:VENDOR_KEY", options: { wire: "chat" }, prices },
      anthropic: { baseUrl: anthropic, key: "env:VENDOR_KEY" },
    },
    models: {
      good: { targets: ["openai:gpt-4.1-mini"] },
      other: { targets: [GOOD] },
      ...Object.fromEntries(
        Object.entries(faults).map(([route, model]) => [route, { targets: [`openai:${model}`], fallback: [GOOD] }]),
      ),
    },
    keys: { soak: { key: "env:CLIENT_KEY", team: "soak" } },
    teams: { soak: {} },
    limits: [
      { name: "scarce", metric: "requests", amount: 60, window: MINUTE, of: { route: ["other"] } },
      { name: "rate", metric: "requests", amount: 10_000_000, window: MINUTE, each: ["key"] },
      {
        name: "budget",
        metric: "usd",
        amount: 1_000_000,
        window: { type: "calendar", unit: "month", timeZone: "UTC" },
        each: ["team"],
      },
    ],
    failing: { timeouts: { firstByteMs: 2_000, firstTokenMs: 2_000, idleMs: 2_000 }, waitMaxMs: 50 },
  }),
  { environment: { VENDOR_KEY: "sk-vendor-key-0123456789abcdef", CLIENT_KEY: key }, observers: [metrics.observer] },
);
const server = createServer({ gateway, metrics, version: "soak" });
serveParent(await server.listen({ port: 0 }));
