/**
 * `npm run bench [-- --quick] [--only NAME] [--against CHECKOUT] [--json FILE]`: measures, prints, and writes `results/`.
 *
 * `--quick` takes half a minute and writes nothing by itself. `--only` names a benchmark (`completion`) or the beginning
 * of a result's name. A full run writes one JSON file a benchmark and the table of all of them. `--against` measures the
 * library of an earlier checkout in the same rounds (completions and streams), and writes nothing by itself.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Benchmark, type BenchResult, isMet } from "./bench.ts";
import { completion } from "./completion.ts";
import { gateway } from "./gateway.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { startUp } from "./start-up.ts";
import { stream } from "./stream.ts";
import { renderReport, renderResult } from "./table.ts";
import { types } from "./types.ts";

const BENCHMARKS: readonly Benchmark[] = [completion, stream, gateway, startUp, types];
const RESULTS = join(import.meta.dirname, "results");

interface ResultFile {
  readonly machine: Machine;
  readonly results: readonly BenchResult[];
}

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    against: { type: "string" },
    json: { type: "string" },
  },
});
const chosen = BENCHMARKS.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(`no benchmark is called ${values.only}; there are ${BENCHMARKS.map(({ name }) => name).join(", ")}`);
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
  if (isKept) writeJson(join(RESULTS, `${benchmark.name}.json`), { machine, results });
}
if (values.json !== undefined) writeJson(values.json, { machine, results: all });
if (isKept) writeFileSync(join(RESULTS, "README.md"), renderReport(storedResults(), machine));

const missed = all.flatMap(({ title, rows }) =>
  rows.filter((row) => isMet(row) === false).map((row) => `${title}: ${row.subject}`),
);
console.log(missed.length === 0 ? "Every budget is met." : `Not met:\n${missed.map((line) => `  ${line}`).join("\n")}`);
// Pools of the clients that were compared keep connections open.
process.exit(0);

function writeJson(file: string, content: ResultFile): void {
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** What the last full runs found, also of benchmarks that did not run now. */
function storedResults(): readonly BenchResult[] {
  const files = new Set(readdirSync(RESULTS));
  return BENCHMARKS.filter(({ name }) => files.has(`${name}.json`)).flatMap(
    ({ name }) => (JSON.parse(readFileSync(join(RESULTS, `${name}.json`), "utf8")) as ResultFile).results,
  );
}
