/**
 * `npm run bench [-- NAME] [--quick] [--only NAME] [--against CHECKOUT] [--json FILE]`: measures, prints, and writes `results/`.
 *
 * `--quick` takes half a minute a benchmark at most and writes nothing by itself. `NAME`, with or without `--only`, is a
 * benchmark (`completion`), the beginning of several (`gateway`), or a result (`stream-openai-paced`), whose benchmark then
 * runs whole. A full run writes one JSON file a benchmark, the pictures, and the table of all of them. `--json` writes what
 * this run found into a file, and its pictures beside that. `--against` measures the library of an earlier checkout in the
 * same rounds (completions and streams), and writes nothing by itself.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Benchmark, type BenchResult, isMet } from "./bench.ts";
import { completion } from "./completion.ts";
import { gatewayCompletions } from "./gateway/completions.ts";
import { gatewayFrontier } from "./gateway/frontier.ts";
import { gatewayPacedStreams } from "./gateway/paced-streams.ts";
import { gatewayStreams } from "./gateway/streams.ts";
import { renderLineChart } from "./line-chart.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { startUp } from "./start-up.ts";
import { stream } from "./stream.ts";
import { pictureFile, renderReport, renderResult } from "./table.ts";
import { types } from "./types.ts";

const BENCHMARKS: readonly Benchmark[] = [
  completion,
  stream,
  gatewayCompletions,
  gatewayStreams,
  gatewayPacedStreams,
  gatewayFrontier,
  startUp,
  types,
];
const RESULTS = join(import.meta.dirname, "results");

interface ResultFile {
  readonly machine: Machine;
  readonly results: readonly BenchResult[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    against: { type: "string" },
    json: { type: "string" },
  },
});
const only = values.only ?? positionals[0] ?? "";
const chosen = BENCHMARKS.filter(({ name }) => name.startsWith(only) || only.startsWith(`${name}-`));
if (chosen.length === 0) {
  console.error(`no benchmark is called ${only}; there are ${BENCHMARKS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

const machine = describeMachine();
const { quick, against } = values;
const isKept = !quick && against === undefined;
const all: BenchResult[] = [];
for (const benchmark of chosen) {
  const results = await benchmark.run({ quick, ...(against === undefined ? {} : { against }) });
  for (const result of results) console.log(`${renderResult(result)}\n`);
  all.push(...results);
  if (isKept) write(join(RESULTS, `${benchmark.name}.json`), results);
}
if (values.json !== undefined) write(values.json, all);
if (isKept) writeFileSync(join(RESULTS, "README.md"), renderReport(storedResults(), machine));

const missed = all.flatMap(({ title, rows }) =>
  rows.filter((row) => isMet(row) === false).map((row) => `${title}: ${row.subject}`),
);
console.log(missed.length === 0 ? "Every budget is met." : `Not met:\n${missed.map((line) => `  ${line}`).join("\n")}`);
// Pools of the clients that were compared keep connections open.
process.exit(0);

function write(file: string, results: readonly BenchResult[]): void {
  const content: ResultFile = { machine, results };
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
  for (const { name, chart } of results) {
    if (chart !== undefined) writeFileSync(join(dirname(file), pictureFile(name)), renderLineChart(chart));
  }
}

/** What the last full runs found, also of benchmarks that did not run now. */
function storedResults(): readonly BenchResult[] {
  const files = new Set(readdirSync(RESULTS));
  return BENCHMARKS.filter(({ name }) => files.has(`${name}.json`)).flatMap(
    ({ name }) => (JSON.parse(readFileSync(join(RESULTS, `${name}.json`), "utf8")) as ResultFile).results,
  );
}
