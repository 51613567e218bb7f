/**
 * `node bench/profile.ts [--calls 15000]`: where the time of a governed call goes. Completions through the gateway with everything on, a
 * profile of the process that serves them once its compilers rest, and its time by part of the program: each sample counts for the
 * nearest file that has a name, so that what SQLite or a socket takes is told where it is asked for. Writes `results/gateway-profile.md`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CORES, startChildServer } from "./child-server.ts";
import { PROMPT } from "./clients.ts";
import { CLIENT_KEY, generateLoad } from "./load.ts";
import { describeMachine } from "./machine.ts";
import { MODELS } from "./vendor-answers.ts";

const { values } = parseArgs({ options: { calls: { type: "string", default: "15000" } } });
const WARM_UP_MS_MAX = 60_000;
const PROFILE_MS = 6_000;
const WRITING_MS_MAX = 30_000;
const CONNECTIONS = 32;

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** The first whose pattern a file's path fits. */
const PARTS: readonly (readonly [part: string, file: RegExp])[] = [
  ["ledger: journal, tables, records", /gateway\/src\/(ledger|store)\//],
  ["limits and budgets, estimates", /gateway\/src\/limits\//],
  ["routing and breakers", /gateway\/src\/(routing|attempts)\//],
  ["keys and access", /gateway\/src\/(tenancy|http\/access)\//],
  ["pipeline: calls and attempts", /gateway\/src\/calls\//],
  ["metrics", /gateway\/src\/telemetry\/|\/prom-client\//],
  ["HTTP: ours", /gateway\/src\/http\//],
  ["HTTP: fastify", /\/(fastify|find-my-way|@fastify|light-my-request|secure-json-parse|toad-cache|reusify|ret|safe-regex2)\//],
  ["policies: fallback, retry", /llm\/src\/policies\//],
  ["dialects", /llm\/src\/dialects\//],
  ["providers and transport: ours", /llm\/src\//],
  ["providers and transport: undici", /\/undici\/|^wasm/],
  ["Node: files (journal)", /^node:fs/],
  ["Node: digests", /^node:(internal\/)?crypto/],
  ["Node: HTTP, sockets, streams, timers", /^node:/],
];
const ENGINE = "the engine: collection of garbage, calls between languages";

const folder = mkdtempSync(join(tmpdir(), "dragoman-profile-"));
const file = join(folder, "profile.json");
try {
  await using vendor = await startChildServer("vendor.ts", [], { core: 0 });
  await using server = await startChildServer("profiled.ts", [file, vendor.url, CLIENT_KEY, MODELS.openai], { core: CORES - 1 });
  const body = JSON.stringify({ model: "smart", messages: [{ role: "user", content: PROMPT }], max_tokens: 1024 });
  const question = { url: `${server.url}/v1/chat/completions`, body, connections: CONNECTIONS };
  await generateLoad({ ...question, durationMs: WARM_UP_MS_MAX, requestsMax: Number(values.calls) });
  const { pid } = await server.usage();
  process.kill(pid, "SIGUSR2");
  const { requests } = await generateLoad({ ...question, durationMs: PROFILE_MS });
  process.kill(pid, "SIGUSR2");
  const page = renderPage(partsOf(await written()), requests);
  console.log(page);
  writeFileSync(join(import.meta.dirname, "results", "gateway-profile.md"), page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// The load's sockets may linger.
process.exit(0);

async function written(): Promise<CpuProfile> {
  for (const until = Date.now() + WRITING_MS_MAX; Date.now() < until; await sleep(100)) {
    if (!existsSync(file)) continue;
    try {
      return JSON.parse(readFileSync(file, "utf8")) as CpuProfile;
    } catch {
      // It is being written.
    }
  }
  throw new Error("the server wrote no profile");
}

/** Microseconds of each part, the largest first. What the process waited is left out, and what the profiler itself took. */
function partsOf({ nodes, samples, timeDeltas }: CpuProfile): readonly (readonly [string, number])[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const parts = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = partOf(byId.get(id));
    if (part !== undefined) parts.set(part, (parts.get(part) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return [...parts].toSorted((one, other) => other[1] - one[1]);

  function partOf(node: ProfileNode | undefined): string | undefined {
    const name = node?.callFrame.functionName;
    if (name === "(idle)") return undefined;
    for (let at = node; at !== undefined; at = byId.get(parents.get(at.id) ?? -1)) {
      const { url } = at.callFrame;
      if (url.includes("node:inspector") || url.endsWith("/profiled.ts")) return undefined;
      if (url !== "") return PARTS.find(([, pattern]) => pattern.test(url))?.[0] ?? "other";
    }
    return ENGINE;
  }
}

function renderPage(parts: readonly (readonly [string, number])[], calls: number): string {
  const total = parts.reduce((sum, [, us]) => sum + us, 0);
  const { cpu, node, date } = describeMachine();
  const width = Math.max(...parts.map(([part]) => part.length));
  const rows = parts.map(([part, us]) => {
    const perCall = (us / calls).toFixed(1).padStart(8);
    return `| ${part.padEnd(width)} | ${perCall} | ${`${((us / total) * 100).toFixed(1)} %`.padStart(7)} |`;
  });
  return [
    "# Where the time of a governed call goes",
    "",
    "Generated by `node bench/profile.ts`: completions with everything on (keys, limits, budget, ledger, metrics), 32 clients, the process that",
    "serves them on one core. The main thread alone, without what it waited; sampling adds some of its own to each call.",
    "",
    `${cpu}, Node ${node}, ${date}; ${calls} calls, ${(total / calls).toFixed(0)} µs each.`,
    "",
    `| ${"part".padEnd(width)} |  µs a call |   share |`,
    `| ${"-".repeat(width)} | ---------: | ------: |`,
    ...rows.map((row) => row.replace(/\| +(\d+\.\d)/, (_found, figure: string) => `| ${figure.padStart(10)}`)),
    "",
  ].join("\n");
}
