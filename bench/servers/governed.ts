/**
 * The gateway as a team runs it, in front of one vendor of the OpenAI chat wire: a virtual key, a route, rate limits of the key and of the
 * provider, a budget, the ledger in a SQLite file, metrics.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completeConfiguration, createGateway, createMetrics, createServer, type Gateway } from "@dragoman/gateway";
import { serveParent } from "./serve-child.ts";

const [baseUrl = "", key = "", model = ""] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "dragoman-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const MINUTE = { type: "rolling", ms: 60_000 } as const;
const configuration = completeConfiguration({
  store: { type: "sqlite", file: join(folder, "dragoman.db") },
  // All of the clients have one key.
  server: { requireKey: true, callsPerKeyMax: 10_000 },
  providers: {
    vendor: {
      type: "openai",
      baseUrl: `${baseUrl}/v1`,
      key: "env:VENDOR_KEY",
      options: { wire: "chat" },
      prices: { [model]: { inputPerMillionUsd: 1, outputPerMillionUsd: 4 } },
    },
  },
  models: { smart: { targets: [`vendor:${model}`] } },
  teams: { search: {} },
  keys: { bench: { key: "env:CLIENT_KEY", team: "search" } },
  limits: [
    { name: "requests of a key", metric: "requests", amount: 1e9, window: MINUTE, each: ["key"] },
    { name: "tokens of a key", metric: "tokens", amount: 1e12, window: MINUTE, each: ["key"] },
    { name: "calls of a key", metric: "concurrency", amount: 10_000, window: { type: "now" }, each: ["key"] },
    { name: "tokens of the vendor", metric: "tokens", amount: 1e12, window: MINUTE, each: ["provider"] },
    {
      name: "a month of a team",
      metric: "usd",
      amount: 1e6,
      window: { type: "calendar", unit: "month", timeZone: "UTC" },
      each: ["team"],
    },
  ],
});
const metrics = createMetrics({
  targets: () => gateway.health(),
  standings: () => gateway.meter.standings(),
  running: () => gateway.running,
});
const gateway: Gateway = await createGateway(configuration, {
  environment: { VENDOR_KEY: "key", CLIENT_KEY: key },
  observers: [metrics.observer],
});
const server = createServer({ gateway, metrics, version: "bench" });
serveParent(await server.listen({ port: 0 }));
