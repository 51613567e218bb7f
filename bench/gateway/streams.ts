/** A server that hands streams through as fast as the vendor writes: how many it serves, and what it adds to the first token. */
import type { Benchmark, BenchOptions, BenchResult } from "../bench.ts";
import { measureLatency } from "./latency.ts";
import { measureThroughput } from "./throughput.ts";
import { warmUp } from "./warm-up.ts";
import { startWays } from "./ways.ts";

export const gatewayStreams: Benchmark = {
  name: "gateway-streams",
  async run(options) {
    return [await throughput(options), await firstToken(options)];
  },
};

async function throughput(options: BenchOptions): Promise<BenchResult> {
  await using ways = await startWays("/paced");
  await warmUp(ways.through, true, options);
  return await measureThroughput("gateway-streams", "Server, streams of 200 chunks", ways, true, options);
}

/** A vendor that writes on keeps its core from whoever waits for the first token, where these have only one. */
async function firstToken(options: BenchOptions): Promise<BenchResult> {
  await using ways = await startWays("/apart");
  await warmUp(ways.through, true, options);
  return await measureLatency(
    "gateway-streams-first-token",
    "Server, first token of a stream at one client",
    ways,
    true,
    options,
  );
}
