/**
 * The server in front of a vendor, against a bare pass-through in the same position. Each has one process; on Linux both
 * share one core, and whoever asks and answers has the others. Requests per second of its own CPU time is what one core
 * would serve, and does not depend on who else is busy.
 */
import { availableParallelism } from "node:os";
import type { Benchmark, BenchOptions, BenchResult } from "./bench.ts";
import { type ChildServer, canPin, startChildServer } from "./child-server.ts";
import { PROMPT } from "./clients.ts";
import { CLIENT_KEY, generateLoad } from "./load.ts";
import { median, quantile } from "./median.ts";
import { MODELS } from "./vendor-answers.ts";

interface Way {
  readonly name: string;
  readonly url: string;
  readonly model: string;
  /** Undefined for the way without a server between. */
  readonly server?: ChildServer;
}

const PATH = "/v1/chat/completions";
const SERVED = "dragoman, providers as they are";
/** What the budgets are about: everything on. */
const GOVERNED = "dragoman: keys, limits, budget, ledger, metrics";

export const gateway: Benchmark = {
  name: "gateway",
  async run(options) {
    const core = availableParallelism() - 1;
    await using vendor = await startChildServer("vendor.ts", [], { core: 0 });
    await using passThrough = await startChildServer("pass-through.ts", [vendor.url], { core });
    await using dragoman = await startChildServer("dragoman.ts", [vendor.url], { core });
    await using pacedPassThrough = await startChildServer("pass-through.ts", [`${vendor.url}/paced`], { core });
    await using pacedDragoman = await startChildServer("dragoman.ts", [`${vendor.url}/paced`], { core });
    await using governed = await startChildServer("governed.ts", [vendor.url, CLIENT_KEY, MODELS.openai], { core });
    await using pacedGoverned = await startChildServer("governed.ts", [`${vendor.url}/paced`, CLIENT_KEY, MODELS.openai], {
      core,
    });
    const direct: Way = { name: "direct to the vendor", url: vendor.url + PATH, model: MODELS.openai };
    const ways = [
      wayThrough("bare node:http + undici pass-through", passThrough),
      wayThrough(SERVED, dragoman),
      wayThrough(GOVERNED, governed),
    ];
    const pacedWays = [
      wayThrough("bare node:http + undici pass-through", pacedPassThrough),
      wayThrough(SERVED, pacedDragoman),
      wayThrough(GOVERNED, pacedGoverned),
    ];
    for (const way of ways) await warmUp(way, false, options);
    for (const way of pacedWays) await warmUp(way, true, options);
    return [
      await measureThroughput("gateway-throughput", "Server, completions", ways, false, options),
      await measureThroughput("gateway-streams", "Server, streams of 200 chunks", pacedWays, true, options),
      await measureLatency("gateway-latency", "Server, added latency at one client", [direct, ...ways], false, options),
      await measureLatency(
        "gateway-first-token",
        "Server, first token of a stream at one client",
        [{ ...direct, url: `${vendor.url}/paced${PATH}` }, ...pacedWays],
        true,
        options,
      ),
    ];
  },
};

function wayThrough(name: string, server: ChildServer): Way {
  const models: Readonly<Record<string, string>> = { [SERVED]: `vendor:${MODELS.openai}`, [GOVERNED]: "smart" };
  return { name, url: server.url + PATH, model: models[name] ?? MODELS.openai, server };
}

function bodyFor({ model }: Way, stream: boolean): string {
  const request = { model, messages: [{ role: "user", content: PROMPT }], max_tokens: 1024 };
  return JSON.stringify(stream ? { ...request, stream, stream_options: { include_usage: true } } : request);
}

async function warmUp(way: Way, stream: boolean, { quick }: BenchOptions): Promise<void> {
  await generateLoad({ url: way.url, body: bodyFor(way, stream), connections: 8, durationMs: quick ? 500 : 4_000 });
}

const CONNECTIONS = 32;

async function measureThroughput(
  name: string,
  title: string,
  ways: readonly Way[],
  stream: boolean,
  { quick }: BenchOptions,
): Promise<BenchResult> {
  const rounds = quick ? 3 : 9;
  const found = new Map<Way, { readonly perSecond: number; readonly perCpuSecond: number; readonly rssMiB: number }[]>(
    ways.map((way) => [way, []]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [way, blocks] of found) {
      const before = await way.server?.usage();
      const load = await generateLoad({
        url: way.url,
        body: bodyFor(way, stream),
        connections: CONNECTIONS,
        durationMs: quick ? 400 : 2_000,
      });
      const after = await way.server?.usage();
      blocks.push({
        perSecond: (load.requests / load.elapsedMs) * 1000,
        perCpuSecond: (load.requests / ((after?.cpuMs ?? 0) - (before?.cpuMs ?? 0))) * 1000,
        rssMiB: (after?.rssBytes ?? 0) / 2 ** 20,
      });
    }
  }
  const limit = [...found.values()][0] ?? [];
  return {
    name,
    title,
    method: `${CONNECTIONS} kept-alive clients. The ratio is of requests per second of the server's own CPU time.${canPin() ? " Both servers on one core." : ""}`,
    rows: [...found].map(([way, blocks]) => ({
      subject: way.name,
      figures: {
        "requests/s": median(blocks.map(({ perSecond }) => perSecond)),
        "requests per CPU s": median(blocks.map(({ perCpuSecond }) => perCpuSecond)),
        "RSS MiB": median(blocks.map(({ rssMiB }) => rssMiB)),
      },
      ratio: median(blocks.map((block, round) => block.perCpuSecond / (limit[round]?.perCpuSecond ?? Number.NaN))),
      ...(way.name === GOVERNED && !stream ? { budget: { figure: "ratio", atLeast: 0.4 } } : {}),
    })),
  };
}

async function measureLatency(
  name: string,
  title: string,
  ways: readonly Way[],
  stream: boolean,
  { quick }: BenchOptions,
): Promise<BenchResult> {
  const rounds = quick ? 3 : 9;
  const found = new Map<Way, { readonly p50: number; readonly p99: number }[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [way, blocks] of found) {
      const load = await generateLoad({
        url: way.url,
        body: bodyFor(way, stream),
        connections: 1,
        durationMs: quick ? 250 : 1_500,
      });
      const times = stream ? load.firstMs : load.wholeMs;
      blocks.push({ p50: median(times), p99: quantile(times, 0.99) });
    }
  }
  const [direct = []] = [...found.values()];
  const rows = [...found].map(([way, blocks], index) => {
    const added = (key: "p50" | "p99") => median(blocks.map((block, round) => block[key] - (direct[round]?.[key] ?? Number.NaN)));
    const figures = { "p50 ms": median(blocks.map(({ p50 }) => p50)), "p99 ms": median(blocks.map(({ p99 }) => p99)) };
    return {
      subject: way.name,
      figures: index === 0 ? figures : { ...figures, "added p50 ms": added("p50"), "added p99 ms": added("p99") },
      ...(way.name === GOVERNED ? { budget: { figure: "added p50 ms", atMost: stream ? 1 : 0.3 } } : {}),
    };
  });
  const method = stream
    ? "From asking to the first bytes of the answer's body, against the same question asked directly in the same round."
    : "From asking to the end of the answer, against the same question asked directly in the same round.";
  return { name, title, method, rows };
}
