/** The command behind `npm run fuzz`: arguments in, text and an exit code out. */
import { parseArgs } from "node:util";
import { BUILT_IN_SUBJECTS } from "./built-in-subjects.ts";
import { writeFailures } from "./failure-file.ts";
import type { FuzzFailure, FuzzReport } from "./fuzz-dialect.ts";
import { fuzzInThreads } from "./fuzz-in-threads.ts";
import { builtInSubject, runSubject, type SubjectRun } from "./fuzz-subject-run.ts";

export interface FuzzOutput {
  write(text: string): void;
  /** For progress and complaints. */
  writeError(text: string): void;
  /** Both go to a terminal: show progress. */
  readonly isTerminal: boolean;
}

const NAMES = BUILT_IN_SUBJECTS.map((subject) => subject.name);

export const FUZZ_USAGE = `usage: npm run fuzz -- [options]

Tries our dialects on wrong streams, bodies, errors and requests.

  --dialect ID      only this one, of ${NAMES.join(", ")}
  --rounds N        cases for each dialect; default 100000
  --seed S          default 1
  --from N          number of the first case; with --rounds 1 a case is tried again. Default 0
  --seconds MAX     stop each dialect after so many seconds; default 600
  --recordings DIR  also take streams, bodies and requests recorded there
  --json            report as JSON

Exit codes: 0 when all laws held, 1 when one was broken, 2 for a wrong call.
`;

/** Resolves with the exit code. */
export async function fuzzCommand(args: readonly string[], output: FuzzOutput): Promise<number> {
  const options = readArguments(args, output);
  if (options === undefined) return 2;
  if (options === "help") {
    output.write(FUZZ_USAGE);
    return 0;
  }
  const startedAt = performance.now();
  const { runs } = options;
  const [only] = runs;
  const reports =
    runs.length === 1 && only?.rounds === 1 ? [await runSubject(only)] : await fuzzInThreads(runs, progressOn(output, runs));
  const failures = reports.flatMap((report) => report.failures);
  const files = await writeFailures(failures);
  const seconds = (performance.now() - startedAt) / 1000;
  if (options.json) output.write(`${JSON.stringify({ seconds, reports, files }, undefined, 2)}\n`);
  else output.write(`${tableOf(reports)}\n${failures.map((failure, index) => describe(failure, files[index])).join("")}`);
  if (!options.json) output.write(`${seconds.toFixed(1)} s\n`);
  return failures.length === 0 ? 0 : 1;
}

interface Arguments {
  readonly runs: readonly SubjectRun[];
  readonly json: boolean;
}

function readArguments(args: readonly string[], output: FuzzOutput): Arguments | "help" | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dialect: { type: "string" },
        rounds: { type: "string" },
        seed: { type: "string" },
        from: { type: "string" },
        seconds: { type: "string" },
        recordings: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return "help";
    if (values.dialect !== undefined && builtInSubject(values.dialect) === undefined) {
      throw new Error(`there is no dialect ${values.dialect}; there are ${NAMES.join(", ")}`);
    }
    const rounds = numberOf(values.rounds, 100_000, "--rounds");
    const shared = {
      rounds,
      seed: numberOf(values.seed, 1, "--seed"),
      from: numberOf(values.from, 0, "--from"),
      timeMs: numberOf(values.seconds, 600, "--seconds") * 1000,
      giants: rounds > 1,
      ...(values.recordings === undefined ? {} : { recordings: values.recordings }),
    };
    const names = values.dialect === undefined ? NAMES : [values.dialect];
    return { runs: names.map((subject) => ({ subject, ...shared })), json: values.json === true };
  } catch (thrown) {
    output.writeError(`fuzz: ${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${FUZZ_USAGE}`);
    return undefined;
  }
}

function numberOf(text: string | undefined, byDefault: number, name: string): number {
  if (text === undefined) return byDefault;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a whole number, not ${text}`);
  return Number(text);
}

/** One line that overwrites itself; on a pipe nothing. */
function progressOn(output: FuzzOutput, runs: readonly SubjectRun[]): { onProgress?: (done: readonly number[]) => void } {
  if (!output.isTerminal) return {};
  return {
    onProgress(done) {
      const parts = runs.map((run, index) => `${run.subject} ${Math.floor((100 * (done[index] ?? 0)) / run.rounds)} %`);
      output.writeError(`\r\u001b[K${parts.join("  ")}`);
    },
  };
}

const COLUMNS = ["dialect", "streams", "bodies", "errors", "requests", "failures"];

function tableOf(reports: readonly FuzzReport[]): string {
  const rows = reports.map(({ subject, tried, failures, complete }) => [
    complete ? subject : `${subject} (stopped early)`,
    tried.stream,
    tried.body,
    tried.error,
    tried.request,
    failures.length,
  ]);
  const cells = [COLUMNS, ...rows].map((row) => row.map(String));
  const widths = COLUMNS.map((_name, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
    )
    .join("\n");
}

function describe(failure: FuzzFailure, file: string | undefined): string {
  const { subject, kind, seed, caseNumber, times, detail } = failure;
  return `\n${subject}: ${kind}, ${times} times, first in case ${caseNumber} of seed ${seed}: ${detail}\n  smallest case: ${file ?? "none"}\n`;
}
