import type { BenchOptions } from "../bench.ts";
import { generateLoad } from "../load.ts";
import { questionTo, type Way } from "./ways.ts";

/** About so many it takes until V8's compilers rest; a gateway that was asked a fifth of them runs at half of its speed. */
const REQUESTS = 15_000;
const WARM_UP_MS_MAX = 25_000;

/** Asks each server as often before anything is measured, one after the other. */
export async function warmUp(ways: readonly Way[], stream: boolean, { quick }: BenchOptions): Promise<void> {
  for (const way of ways) {
    await generateLoad({
      ...questionTo(way, stream),
      connections: 32,
      requestsMax: quick ? REQUESTS / 10 : REQUESTS,
      durationMs: quick ? 1_500 : WARM_UP_MS_MAX,
    });
  }
}
