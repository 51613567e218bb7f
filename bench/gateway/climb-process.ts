/**
 * Climbs rates in a process of its own, which has room for the garbage of a whole rung and collects it between two: a pause of
 * whoever asks would count as the server's. Ends with its parent.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Climbed, ClimbOptions } from "./climb.ts";
import { connectOpenLoad } from "./open-load.ts";
import type { Rung } from "./rates-within.ts";

/** Between two rungs, for what the last left behind in the server. */
const REST_MS = 30;

process.on("message", (options: ClimbOptions) => {
  climb(options).then((climbed) => process.send?.(climbed));
});
process.on("disconnect", () => process.exit(0));

async function climb({ question, rates, rungMs, leadMs, tooLateMs }: ClimbOptions): Promise<Climbed> {
  const before = process.cpuUsage();
  using client = await connectOpenLoad(question);
  const rungs: Rung[] = [];
  for (const ratePerSecond of rates) {
    globalThis.gc?.();
    await wait(REST_MS);
    const { p99Ms } = await client.run({ ratePerSecond, durationMs: rungMs, leadMs });
    rungs.push({ ratePerSecond, p99Ms });
    if (p99Ms > (tooLateMs ?? Infinity)) break;
  }
  const { user, system } = process.cpuUsage(before);
  return { rungs, cpuMs: (user + system) / 1000 };
}
