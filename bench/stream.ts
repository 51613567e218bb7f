/** One stream of 200 pieces of text, taken event by event, against the least that a client can do. */
import type { Benchmark, BenchResult, Budget } from "./bench.ts";
import { startChildServer } from "./child-server.ts";
import { measureSideBySide } from "./measure.ts";
import { inOwnProcesses } from "./own-process.ts";
import { rowsOf } from "./rows.ts";
import { STREAM_TEXT, type Wire } from "./vendor-answers.ts";

interface Variant {
  readonly name: string;
  readonly wire: Wire;
  readonly path: string;
  readonly title: string;
  readonly method: string;
  readonly budget?: Budget;
}

const AT_ONCE = "The whole stream comes in one write, so that nearly all of the time is the client's own.";
const PACED = "Each event comes in a write of its own, so that reading from the network is in every client's time.";

const VARIANTS: readonly Variant[] = [
  {
    name: "stream-openai",
    wire: "openai",
    path: "",
    title: "One stream of 200 chunks, OpenAI chat",
    method: AT_ONCE,
    budget: { figure: "ratio", atMost: 1.5 },
  },
  {
    name: "stream-anthropic",
    wire: "anthropic",
    path: "",
    title: "One stream of 200 chunks, Anthropic messages",
    method: AT_ONCE,
    budget: { figure: "ratio", atMost: 1.5 },
  },
  {
    name: "stream-openai-paced",
    wire: "openai",
    path: "/paced",
    title: "One stream of 200 chunks, OpenAI chat, chunk by chunk",
    method: PACED,
    budget: { figure: "ratio", atMost: 1.5 },
  },
];

const CONCURRENCY = 8;

export const stream: Benchmark = {
  name: "stream",
  async run({ quick, against }) {
    await using vendor = await startChildServer("vendor.ts");
    const results: BenchResult[] = [];
    for (const { name, wire, path, title, method, budget } of VARIANTS) {
      await using clients = await inOwnProcesses(wire, "stream", vendor.url + path, against);
      const measured = await measureSideBySide(clients.subjects, {
        rounds: quick ? 5 : 45,
        blockMs: quick ? 40 : 100,
        charactersExpected: STREAM_TEXT.length,
        concurrency: CONCURRENCY,
      });
      results.push({ name, title, method, rows: rowsOf(measured, budget) });
    }
    return results;
  },
};
