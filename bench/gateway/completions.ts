/** A server that answers whole completions: how many it serves, and what it adds to one. */
import type { Benchmark } from "../bench.ts";
import { measureLatency } from "./latency.ts";
import { measureThroughput } from "./throughput.ts";
import { warmUp } from "./warm-up.ts";
import { startWays } from "./ways.ts";

export const gatewayCompletions: Benchmark = {
  name: "gateway-completions",
  async run(options) {
    await using ways = await startWays("");
    await warmUp(ways.through, false, options);
    return [
      await measureThroughput("gateway-completions", "Server, completions", ways, false, options),
      await measureLatency("gateway-completions-latency", "Server, added latency at one client", ways, false, options),
    ];
  },
};
