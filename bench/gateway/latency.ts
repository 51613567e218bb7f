/** What a server adds for one client that asks one thing after the other, against asking the vendor directly. */
import type { BenchOptions, BenchResult, Budget } from "../bench.ts";
import { generateLoad } from "../load.ts";
import { median, quantile } from "../median.ts";
import { inTurn } from "./in-turn.ts";
import { GOVERNED, questionTo, type Way, type Ways } from "./ways.ts";

interface Block {
  readonly p50: number;
  readonly p99: number;
}

const WHOLE_BUDGETS: readonly Budget[] = [
  { figure: "added p50 ms", atMost: 0.3 },
  { figure: "added p99 ms", atMost: 1 },
];
const FIRST_TOKEN_BUDGETS: readonly Budget[] = [{ figure: "added p50 ms", atMost: 1 }];

/** To the end of the answer; of streams to the first bytes of the body. */
export async function measureLatency(
  name: string,
  title: string,
  { direct, through, method }: Ways,
  stream: boolean,
  { quick }: BenchOptions,
): Promise<BenchResult> {
  const found = await inTurn([direct, ...through], quick ? 3 : 9, (way) => measureBlock(way, stream, quick ? 200 : 1_500));
  const limit = found.get(direct) ?? [];
  const end = stream ? "the first bytes of the answer's body, whose rest the vendor writes 5 ms later" : "the end of the answer";
  return {
    name,
    title,
    method: `From asking to ${end}, against the same question asked directly in the same round. ${method}`,
    rows: [...found].map(([way, blocks]) => {
      const added = (key: keyof Block) => median(blocks.map((block, round) => block[key] - (limit[round]?.[key] ?? Number.NaN)));
      const figures = { "p50 ms": median(blocks.map(({ p50 }) => p50)), "p99 ms": median(blocks.map(({ p99 }) => p99)) };
      return {
        subject: way.name,
        figures: way === direct ? figures : { ...figures, "added p50 ms": added("p50"), "added p99 ms": added("p99") },
        ...(way.name === GOVERNED ? { budget: stream ? FIRST_TOKEN_BUDGETS : WHOLE_BUDGETS } : {}),
      };
    }),
  };
}

async function measureBlock(way: Way, stream: boolean, durationMs: number): Promise<Block> {
  const load = await generateLoad({ ...questionTo(way, stream), connections: 1, durationMs });
  const times = stream ? load.firstMs : load.wholeMs;
  return { p50: median(times), p99: quantile(times, 0.99) };
}
