/**
 * Many streams at once at the pace of a model: 500, a piece every 20 ms, four seconds each, one after the other by each client.
 * Nobody reads faster than that, so what matters is whether a piece is ever late, and what the server needs for it.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Benchmark, BenchOptions, BenchResult, BenchRow, Budget } from "../bench.ts";
import type { Point } from "../chart.ts";
import type { ChildServer } from "../child-server.ts";
import { quantile } from "../median.ts";
import { type FollowedStreams, type FollowOptions, followStreams } from "./follow-streams.ts";
import { gapFigures, STALL_MS } from "./gaps.ts";
import { slope } from "./slope.ts";
import { GOVERNED, questionTo, startWays, type Way, type Ways } from "./ways.ts";

/** 150 MB. */
const RSS_MIB_MAX = 143;
const BUDGETS: readonly Budget[] = [
  { figure: "stalls", atMost: 0 },
  { figure: "streams cut", atMost: 0 },
  { figure: "most RSS MiB", atMost: RSS_MIB_MAX },
];

const FULL: FollowOptions = { streams: 500, staggerMs: 4_100, warmUpMs: 12_000, measuredMs: 33_000, tailMs: 6_000 };
const QUICK: FollowOptions = { streams: 500, staggerMs: 1_500, warmUpMs: 2_500, measuredMs: 1_500, tailMs: 0 };
/** From the last stream until memory is read once more. */
const REST_MS = 3_000;
const SAMPLE_MS = 1_000;

interface Memory {
  readonly beforeMiB: number;
  readonly afterMiB: number;
  /** Seconds since the first stream -> MiB. */
  readonly samples: readonly Point[];
}

interface Watched extends FollowedStreams {
  /** Share of one core that the server used while measuring. */
  readonly cpuShare?: number;
  readonly memory?: Memory;
}

export const gatewayPacedStreams: Benchmark = {
  name: "gateway-paced-streams",
  async run(options) {
    await using ways = await startWays("/slow");
    return [await measurePacedStreams(ways, options)];
  },
};

async function measurePacedStreams({ direct, through, method }: Ways, { quick }: BenchOptions): Promise<BenchResult> {
  const options = quick ? QUICK : FULL;
  const found = new Map<Way, Watched>();
  for (const way of [direct, ...through]) found.set(way, await watch(way, options, quick));
  const memories = [...found].flatMap(([{ shortName }, { memory }]) =>
    memory === undefined ? [] : [{ name: shortName, memory }],
  );
  const measuredSeconds = options.measuredMs / 1000;
  return {
    name: "gateway-paced-streams",
    title: `Server, ${options.streams} streams at once, a token every 20 ms`,
    method: `Gaps between the pieces of one stream as its client sees them, in ${measuredSeconds} s after ${options.warmUpMs / 1000} s of the same; a gap of more than ${STALL_MS} ms is a stall. CPU is the share of one core. Memory a second before, at most and ${REST_MS / 1000} s after the streams; what it grows by is told by least squares over the measured time. ${method}`,
    rows: [...found].map(([way, watched]) => rowOf(way, watched, options)),
    chart: {
      title: `Resident memory under ${options.streams} streams at once, a token every 20 ms`,
      x: { label: "seconds since the first stream", scale: "linear", from: 0, to: greatest(memories, "x") },
      y: { label: "RSS, MiB", scale: "linear", from: 0, to: greatest(memories, "y") * 1.15 },
      series: memories.map(({ name, memory }) => ({ name, points: memory.samples })),
    },
  };
}

async function watch(way: Way, options: FollowOptions, quick: boolean): Promise<Watched> {
  const { server } = way;
  const question = questionTo(way, true);
  if (server === undefined) return followStreams(question, options, () => undefined);
  const beforeMiB = await rssMiB(server);
  const startedAt = performance.now();
  const samples: Point[] = [];
  const sampling = setInterval(() => {
    const x = (performance.now() - startedAt) / 1000;
    void rssMiB(server).then((y) => samples.push({ x, y }));
  }, SAMPLE_MS);
  const cpu: Promise<number>[] = [];
  const followed = await followStreams(question, options, () => cpu.push(server.usage().then(({ cpuMs }) => cpuMs)));
  await wait(quick ? 0 : REST_MS);
  clearInterval(sampling);
  const [from = Number.NaN, to = Number.NaN] = await Promise.all(cpu);
  const memory = { beforeMiB, afterMiB: await rssMiB(server), samples };
  return { ...followed, cpuShare: (to - from) / options.measuredMs, memory };
}

async function rssMiB(server: ChildServer): Promise<number> {
  return (await server.usage()).rssBytes / 2 ** 20;
}

function rowOf(way: Way, { gapsMs, firstMs, whole, cut, cpuShare, memory }: Watched, options: FollowOptions): BenchRow {
  const { p50Ms, p99Ms, longestMs, stalls } = gapFigures(gapsMs);
  return {
    subject: way.name,
    figures: knownOf({
      "streams read": whole,
      "streams cut": cut,
      "gap p50 ms": p50Ms,
      "gap p99 ms": p99Ms,
      "longest gap ms": longestMs,
      stalls,
      "first token p99 ms": quantile(firstMs, 0.99),
      ...(cpuShare === undefined ? {} : { "CPU %": cpuShare * 100 }),
      ...(memory === undefined ? {} : memoryFigures(memory, options)),
    }),
    ...(way.name === GOVERNED ? { budget: BUDGETS } : {}),
  };
}

/** Without those that nothing was measured for. */
function knownOf(figures: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => !Number.isNaN(value)));
}

function memoryFigures({ beforeMiB, afterMiB, samples }: Memory, { warmUpMs, measuredMs }: FollowOptions) {
  const measured = samples.filter(({ x }) => x * 1000 >= warmUpMs && x * 1000 <= warmUpMs + measuredMs);
  return {
    "RSS before MiB": beforeMiB,
    "most RSS MiB": Math.max(beforeMiB, afterMiB, ...samples.map(({ y }) => y)),
    "RSS after MiB": afterMiB,
    ...(measured.length < 3 ? {} : { "grows by MiB/min": slope(measured) * 60 }),
  };
}

function greatest(memories: readonly { readonly memory: Memory }[], axis: keyof Point): number {
  return Math.max(1, ...memories.flatMap(({ memory }) => memory.samples.map((point) => point[axis])));
}
