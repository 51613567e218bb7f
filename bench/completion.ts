/** One completion, one after the other, against the least that a client can do. */
import type { Benchmark, BenchResult } from "./bench.ts";
import { startChildServer } from "./child-server.ts";
import { measureSideBySide } from "./measure.ts";
import { inOwnProcesses } from "./own-process.ts";
import { rowsOf } from "./rows.ts";
import { ANSWER_TEXT, type Wire } from "./vendor-answers.ts";

const WIRES: readonly (readonly [Wire, string])[] = [
  ["openai", "One completion, OpenAI chat"],
  ["anthropic", "One completion, Anthropic messages"],
];

const CONCURRENCY = 8;

export const completion: Benchmark = {
  name: "completion",
  async run({ quick, against }) {
    await using vendor = await startChildServer("vendor.ts");
    const results: BenchResult[] = [];
    for (const [wire, title] of WIRES) {
      await using clients = await inOwnProcesses(wire, "complete", vendor.url, against);
      const measured = await measureSideBySide(clients.subjects, {
        rounds: quick ? 5 : 61,
        blockMs: quick ? 40 : 80,
        charactersExpected: ANSWER_TEXT.length,
        concurrency: CONCURRENCY,
      });
      results.push({
        name: `completion-${wire}`,
        title,
        method: `${CONCURRENCY} calls under way on kept connections; each client in a process of its own, the vendor in another, on loopback.`,
        rows: rowsOf(measured, { figure: "ratio", atMost: 1.6 }),
      });
    }
    return results;
  },
};
