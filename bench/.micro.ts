import { mkdtempSync } from "node:fs";
import { completeConfiguration, createGateway } from "@dragoman/gateway";
import { createRegistry } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing/simulator";
import { readFileSync, readdirSync } from "node:fs";
const MINUTE = { type: "rolling", ms: 60_000 } as const;
const sim = createSimulator({ latencyMs: 0 } as any);
const answer = await sim.complete({ model: "bare", messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }] });
const stub = { ...sim, complete: async () => answer };
async function run(name: string, store: any, limits: any[]) {
  const g = await createGateway(completeConfiguration({ store, limits } as any), { registry: createRegistry([stub as any]) });
  const p = g.as({ principal: { key: "k_x", team: "t", restrictions: {} } });
  const call = { model: "sim:bare", messages: [{ role: "user" as const, parts: [{ type: "text" as const, text: "Tell me about interpreters in the Ottoman empire, please." }] }], maxOutputTokens: 1024 };
  for (let i = 0; i < 3000; i++) await p.complete(call);
  const rounds: number[] = [];
  for (let r = 0; r < 12; r++) { const a = process.cpuUsage(); for (let i = 0; i < 1000; i++) await p.complete(call); const b = process.cpuUsage(a); rounds.push((b.user + b.system) / 1000); }
  rounds.sort((x, y) => x - y);
  console.log(name, rounds[3]?.toFixed(1), "µs CPU, best", rounds[0]?.toFixed(1));
  await g.close();
}
const LIMITS = [
    { name: "requests of a key", metric: "requests", amount: 1e9, window: MINUTE, each: ["key"] },
    { name: "tokens of a key", metric: "tokens", amount: 1e12, window: MINUTE, each: ["key"] },
    { name: "calls of a key", metric: "concurrency", amount: 10_000, window: { type: "now" }, each: ["key"] },
    { name: "tokens of the vendor", metric: "tokens", amount: 1e12, window: MINUTE, each: ["provider"] },
    { name: "a month of a team", metric: "usd", amount: 1e6, window: { type: "calendar", unit: "month", timeZone: "UTC" }, each: ["team"], unknownPrice: "allow" },
];
if (process.argv[2] === "prof") { await run("sqlite+limits", { type: "sqlite", file: mkdtempSync("/tmp/mb-") + "/d.db" }, LIMITS); process.exit(0); }
const t = performance.now(); { const a = process.cpuUsage(); for (let i = 0; i < 20000; i++) await stub.complete(); const b = process.cpuUsage(a); console.log("stub", (b.user + b.system) / 20000); }
await run("memory, no limits", { type: "memory" }, []);
await run("memory, limits", { type: "memory" }, LIMITS);
await run("sqlite, no limits", { type: "sqlite", file: mkdtempSync("/tmp/mb-") + "/d.db" }, []);
await run("sqlite, limits", { type: "sqlite", file: mkdtempSync("/tmp/mb-") + "/d.db" }, LIMITS);
process.exit(0);
