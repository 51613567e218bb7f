/** One completion, one after the other, against the least that a client can do. */
import type { Benchmark, BenchResult } from "./bench.ts";
import { startChildServer } from "./child-server.ts";
import { clientsOf } from "./clients.ts";
import { measureSideBySide } from "./measure.ts";
import { rowsOf } from "./rows.ts";
import { ANSWER_TEXT, type Wire } from "./vendor-answers.ts";

const WIRES: readonly (readonly [Wire, string])[] = [
  ["openai", "One completion, OpenAI chat"],
  ["anthropic", "One completion, Anthropic messages"],
];

const CONCURRENCY = 8;

export const completion: Benchmark = {
  name: "completion",
  async run({ quick }) {
    await using vendor = await startChildServer("vendor.ts");
    const results: BenchResult[] = [];
    for (const [wire, title] of WIRES) {
      const subjects = clientsOf(wire, vendor.url).map(({ name, complete }) => ({ name, run: complete }));
      const measured = await measureSideBySide(subjects, {
        rounds: quick ? 5 : 21,
        blockMs: quick ? 40 : 200,
        charactersExpected: ANSWER_TEXT.length,
        concurrency: CONCURRENCY,
      });
      results.push({
        name: `completion-${wire}`,
        title,
        method: `${CONCURRENCY} calls under way on kept connections; the vendor is another process on loopback.`,
        rows: rowsOf(measured, { figure: "ratio", atMost: 1.6 }),
      });
    }
    return results;
  },
};
