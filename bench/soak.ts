/**
 * `node bench/soak.ts [--minutes 60] [--clients 24] [--pause-ms 0]`: mixed load with faults against a gateway, as published, in a process
 * of its own, for as long as it is told; `--pause-ms` is how long a client rests between two calls. Every client counts what it asked and how it ended;
 * afterwards the ledger has to hold every one of these calls, once. Memory and descriptors are read all along, and a line a minute says how far it is.
 * Writes `results/soak.json` when it ran for an hour.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openSqliteLedger } from "@dragoman/gateway/ledger";
import { FAULTS, startFakeVendor } from "@dragoman/llm/testing";
import { startChildServer } from "./child-server.ts";
import { CLIENT_KEY } from "./load.ts";
import { describeMachine } from "./machine.ts";
import { median } from "./median.ts";
import { placeServer, publishLocally } from "./published.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    clients: { type: "string", default: "24" },
    "pause-ms": { type: "string", default: "0" },
    seed: { type: "string", default: "7" },
  },
});
const minutes = Number(values.minutes);
const clients = Number(values.clients);
const pauseMs = Number(values["pause-ms"]);

/** What a client makes of its call. */
type Ending = "answered" | "refused" | "cut" | "left";

interface Sample {
  readonly atSeconds: number;
  readonly rssMiB: number;
  readonly descriptors: number;
}

/** Faults that end by themselves within the deadlines of the soak. */
const CALM = FAULTS.filter(({ vendors }) => vendors === undefined || vendors.includes("openai"));

const folder = mkdtempSync(join(tmpdir(), "dragoman-soak-"));
const file = join(folder, "dragoman.db");
const [openai, anthropic] = await Promise.all([
  startFakeVendor("openai", { chunkDelayMs: 2 }),
  startFakeVendor("anthropic", { chunkDelayMs: 2 }),
]);
const faults = Object.fromEntries(CALM.map(({ name }) => [`route-${name}`, name]));
const gateway = await startChildServer(placeServer("soaked.ts", await publishLocally("dragoman-soak")), [
  JSON.stringify({ openai: openai.baseUrl, anthropic: anthropic.baseUrl, file, key: CLIENT_KEY, faults }),
]);

const random = seeded(Number(values.seed));
const endings: Record<Ending, number> = { answered: 0, refused: 0, cut: 0, left: 0 };
let asked = 0;
const samples: Sample[] = [];
const startedAt = performance.now();
const until = startedAt + minutes * 60_000;
const sampling = setInterval(() => void sample(), Math.max(1_000, Math.min(10_000, minutes * 600)));
const telling = setInterval(tell, 60_000);

await Promise.all(Array.from({ length: clients }, askAgainAndAgain));
clearInterval(sampling);
clearInterval(telling);
await sample();
await gateway[Symbol.asyncDispose]();
await Promise.all([openai.close(), anthropic.close()]);

const ledger = await openSqliteLedger({ file });
ledger.recover();
const [sum] = await ledger.usage({ by: [] });
await ledger.end();
rmSync(folder, { recursive: true, force: true });

const report = {
  machine: describeMachine(),
  minutes,
  clients,
  pauseMs,
  nodeOptions: process.env.NODE_OPTIONS ?? "",
  asked,
  endings,
  ledger: { calls: sum?.calls ?? 0, outcomes: sum?.outcomes ?? {}, costUsd: sum?.costUsd ?? 0 },
  isComplete: sum?.calls === asked,
  memory: halves(samples.map(({ rssMiB }) => rssMiB)),
  descriptors: halves(samples.map(({ descriptors }) => descriptors)),
  samples,
};
console.log(JSON.stringify({ ...report, samples: samples.length }, undefined, 2));
if (minutes >= 60) writeFileSync(join(import.meta.dirname, "results", "soak.json"), `${JSON.stringify(report, undefined, 2)}\n`);
process.exit(report.isComplete ? 0 : 1);

async function askAgainAndAgain(): Promise<void> {
  const routes = ["good", "other", ...Object.keys(faults)];
  while (performance.now() < until) {
    // Half of the calls are good ones.
    const route = random() < 0.5 ? "good" : (routes[Math.floor(random() * routes.length)] ?? "good");
    endings[await ask(route, random() < 0.5, random() < 0.1)] += 1;
    if (pauseMs > 0) await sleep(pauseMs * 2 * random());
  }
}

function tell(): void {
  const { atSeconds = 0, rssMiB = 0, descriptors = 0 } = samples.at(-1) ?? {};
  console.error(`${Math.round(atSeconds / 60)} of ${minutes} min: ${asked} calls, ${rssMiB} MiB, ${descriptors} descriptors`);
}

async function ask(model: string, stream: boolean, leaves: boolean): Promise<Ending> {
  const leaving = new AbortController();
  asked += 1;
  let opened = false;
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ model, stream, messages: [{ role: "user", content: `hello ${asked}` }] }),
      signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(30_000)]),
    });
    opened = response.ok;
    if (leaves && response.body !== null) {
      await response.body.getReader().read();
      leaving.abort();
      return "left";
    }
    const text = await response.text();
    if (!response.ok) return "refused";
    return !stream || text.includes("[DONE]") ? "answered" : "cut";
  } catch {
    return opened ? "cut" : "left";
  }
}

async function sample(): Promise<void> {
  const { rssBytes, pid } = await gateway.usage();
  samples.push({
    atSeconds: Math.round((performance.now() - startedAt) / 1000),
    rssMiB: Math.round(rssBytes / 2 ** 20),
    descriptors: process.platform === "linux" ? readdirSync(`/proc/${pid}/fd`).length : 0,
  });
}

/** The second quarter against the last: what grows all along shows, what is taken up at the beginning does not. */
function halves(figures: readonly number[]): {
  readonly secondQuarter: number;
  readonly lastQuarter: number;
  readonly most: number;
} {
  const quarter = Math.max(1, Math.floor(figures.length / 4));
  return {
    secondQuarter: median(figures.slice(quarter, 2 * quarter)),
    lastQuarter: median(figures.slice(-quarter)),
    most: Math.max(...figures),
  };
}

/** Mulberry32: enough for a mix that can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
