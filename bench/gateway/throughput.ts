/**
 * Answers a second of a server that is asked as fast as it answers. A second of its own CPU time is what one core would
 * serve, and does not depend on who else is busy.
 */
import type { BenchOptions, BenchResult, Budget } from "../bench.ts";
import { generateLoad } from "../load.ts";
import { median } from "../median.ts";
import { inTurn } from "./in-turn.ts";
import { GOVERNED, PORTKEY, questionTo, type Way, type Ways } from "./ways.ts";

interface Block {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly rssMiB: number;
}

const CONNECTIONS = 32;
const TIMES_PORTKEY = "× Portkey's";
const BUDGETS: readonly Budget[] = [{ figure: "ratio", atLeast: 0.4 }];
const BUDGETS_BESIDE_PORTKEY: readonly Budget[] = [...BUDGETS, { figure: TIMES_PORTKEY, atLeast: 5 }];

export async function measureThroughput(
  name: string,
  title: string,
  { through, method }: Ways,
  stream: boolean,
  { quick }: BenchOptions,
): Promise<BenchResult> {
  const found = await inTurn(through, quick ? 3 : 9, (way) => measureBlock(way, stream, quick ? 300 : 2_000));
  const [limit = []] = found.values();
  const portkey = [...found].find(([way]) => way.name === PORTKEY)?.[1];
  const budgets = portkey === undefined ? BUDGETS : BUDGETS_BESIDE_PORTKEY;
  return {
    name,
    title,
    method: `${CONNECTIONS} kept-alive clients. The ratio is of requests per second of the server's own CPU time. ${method}`,
    rows: [...found].map(([way, blocks]) => ({
      subject: way.name,
      figures: {
        "requests/s": median(blocks.map(({ perSecond }) => perSecond)),
        "requests per CPU s": median(blocks.map(({ perCpuSecond }) => perCpuSecond)),
        "RSS MiB": median(blocks.map(({ rssMiB }) => rssMiB)),
        ...(portkey === undefined ? {} : { [TIMES_PORTKEY]: ratioTo(portkey, blocks) }),
      },
      ratio: ratioTo(limit, blocks),
      ...(way.name === GOVERNED && !stream ? { budget: budgets } : {}),
    })),
  };
}

async function measureBlock(way: Way, stream: boolean, durationMs: number): Promise<Block> {
  const before = await way.server?.usage();
  const load = await generateLoad({ ...questionTo(way, stream), connections: CONNECTIONS, durationMs });
  const after = await way.server?.usage();
  return {
    perSecond: (load.requests / load.elapsedMs) * 1000,
    perCpuSecond: (load.requests / ((after?.cpuMs ?? Number.NaN) - (before?.cpuMs ?? Number.NaN))) * 1000,
    rssMiB: (after?.rssBytes ?? Number.NaN) / 2 ** 20,
  };
}

/** Of the same rounds. */
function ratioTo(limit: readonly Block[], blocks: readonly Block[]): number {
  return median(blocks.map((block, round) => block.perCpuSecond / (limit[round]?.perCpuSecond ?? Number.NaN)));
}
