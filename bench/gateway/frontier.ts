/**
 * How many questions a second a server answers in time: each is asked at rising rates, whatever becomes of the answers, until
 * it falls behind. One number for "requests per second" hides how long they took; this tells it for several bounds.
 */
import type { Benchmark, BenchOptions, BenchResult } from "../bench.ts";
import type { Chart } from "../chart.ts";
import { generateLoad } from "../load.ts";
import { type Climber, startClimber } from "./climb.ts";
import { inTurn } from "./in-turn.ts";
import { mergeRounds } from "./merge-rounds.ts";
import { type Rung, rateWithin } from "./rates-within.ts";
import { warmUp } from "./warm-up.ts";
import { questionTo, startWays, type Way, type Ways } from "./ways.ts";

const BOUNDS_MS = [1, 5, 10, 50] as const;
/** The bound at which the ways are compared. */
const RATIO_BOUND_MS = 10;
/** A server this late is not climbed further in this round. */
const TOO_LATE_MS = 100;
/** At which the vendor is asked directly. */
const FLOOR_RATE = 1_000;
/** Of their core, for whoever asks and the vendor. */
const ASKERS_SHARE_MAX = 0.9;

interface Ladder {
  readonly rounds: number;
  /** Rates as shares of what the server answers to 32 clients that wait for it. */
  readonly shares: readonly number[];
  readonly rungMs: number;
  readonly leadMs: number;
  readonly capacityMs: number;
}

const FULL: Ladder = {
  rounds: 3,
  shares: [0.1, 0.25, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.15, 1.3],
  rungMs: 900,
  leadMs: 150,
  capacityMs: 2_000,
};
const QUICK: Ladder = { rounds: 1, shares: [0.3, 0.6, 0.8, 1, 1.3], rungMs: 300, leadMs: 100, capacityMs: 400 };

export const gatewayFrontier: Benchmark = {
  name: "gateway-frontier",
  async run(options) {
    await using ways = await startWays("");
    await warmUp(ways.through, false, options);
    return [await measureFrontier(ways, options)];
  },
};

async function measureFrontier(ways: Ways, { quick }: BenchOptions): Promise<BenchResult> {
  const ladder = quick ? QUICK : FULL;
  const capacities = new Map<Way, number>();
  for (const way of ways.through) capacities.set(way, await measureCapacity(way, ladder));
  await using climber = startClimber();
  const floorMs = await measureFloor(climber, ways.direct, ladder);
  const busy = new Set<string>();
  const found = await inTurn(ways.through, ladder.rounds, async (way) => {
    const before = { at: performance.now(), ...(await ways.vendor.usage()) };
    const { rungs, cpuMs } = await climber.climb({
      question: questionTo(way, false),
      rates: ladder.shares.map((share) => Math.round((capacities.get(way) ?? 0) * share)),
      rungMs: ladder.rungMs,
      leadMs: ladder.leadMs,
      tooLateMs: TOO_LATE_MS,
    });
    const vendorMs = (await ways.vendor.usage()).cpuMs - before.cpuMs;
    if ((vendorMs + cpuMs) / (performance.now() - before.at) > ASKERS_SHARE_MAX) busy.add(way.name);
    return rungs;
  });
  const rungs = new Map([...found].map(([way, rounds]) => [way, mergeRounds(rounds)]));
  const [limit = []] = rungs.values();
  return {
    name: "gateway-frontier",
    title: "Server, requests per second within a bound of latency",
    method: `The greatest rate of completions that was tried at which 99 of 100 answers came in time, asked at a fixed rate whatever became of the answers; times count from when a question was planned. Medians of ${ladder.rounds} climbs; the ratio is at ${RATIO_BOUND_MS} ms. The vendor itself, asked ${FLOOR_RATE} times a second, answers within ${floorMs.toFixed(2)} ms. ${tellBusy(busy)}${ways.method}`,
    rows: [...rungs].map(([way, climbed]) => ({ subject: way.name, ...figuresOf(climbed, limit) })),
    chart: chartOf(rungs),
  };
}

async function measureCapacity(way: Way, { capacityMs }: Ladder): Promise<number> {
  const load = await generateLoad({ ...questionTo(way, false), connections: 32, durationMs: capacityMs });
  return (load.requests / load.elapsedMs) * 1000;
}

/** What is left of a bound for a server: asked directly, the vendor is as late as this. Warms whoever asks up, too. */
async function measureFloor(climber: Climber, direct: Way, { rungMs, leadMs }: Ladder): Promise<number> {
  const rates = Array.from({ length: 3 }, () => FLOOR_RATE);
  const { rungs } = await climber.climb({ question: questionTo(direct, false), rates, rungMs, leadMs });
  return rungs.at(-1)?.p99Ms ?? Number.NaN;
}

function figuresOf(rungs: readonly Rung[], limit: readonly Rung[]) {
  const figures = BOUNDS_MS.flatMap((bound) => {
    const rate = rateWithin(rungs, bound);
    return rate === undefined ? [] : [[`p99 ≤ ${bound} ms`, rate] as const];
  });
  const ratio = (rateWithin(rungs, RATIO_BOUND_MS) ?? Number.NaN) / (rateWithin(limit, RATIO_BOUND_MS) ?? Number.NaN);
  return { figures: Object.fromEntries(figures), ...(Number.isNaN(ratio) ? {} : { ratio }) };
}

function chartOf(rungs: ReadonlyMap<Way, readonly Rung[]>): Chart {
  const greatest = Math.max(...[...rungs.values()].flat().map(({ ratePerSecond }) => ratePerSecond));
  return {
    title: "Latency of 99 of 100 completions by the rate at which they are asked, one core",
    x: { label: "requests per second", scale: "linear", from: 0, to: greatest * 1.02 },
    y: { label: "p99, ms", scale: "log", from: 0.2, to: TOO_LATE_MS, ticks: [0.2, 0.5, ...BOUNDS_MS, 2, 20, TOO_LATE_MS] },
    series: [...rungs].map(([{ shortName }, points]) => ({
      name: shortName,
      points: points.map(({ ratePerSecond, p99Ms }) => ({ x: ratePerSecond, y: p99Ms })),
    })),
  };
}

/**
 * On a machine of two cores whoever asks and the vendor share one. Where they need nearly all of it, the server could do more
 * than is seen.
 */
function tellBusy(busy: ReadonlySet<string>): string {
  if (busy.size === 0) return "";
  return `Whoever asks and the vendor had no time left before the server had none: ${[...busy].join(", ")}. `;
}
