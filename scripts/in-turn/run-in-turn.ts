/**
 * Runs modules one after the other in one process, offline: loading the library is most of what a small program costs, and
 * so they share it. What each printed and how it ended is told apart; that the process ends by itself shows that none of
 * them leaves a server or a timer behind.
 */
import { fork } from "node:child_process";
import { join } from "node:path";

/** Of one module. */
export interface ModuleRun {
  readonly file: string;
  /** `ended well`, or why it did not. */
  readonly outcome: string;
  /** Both standard outputs, in order. */
  readonly output: string;
}

export interface RunInTurn {
  readonly runs: readonly ModuleRun[];
  /** `ended well`, or its exit code or signal with what it wrote outside of the modules. */
  readonly process: string;
}

const CHILD = join(import.meta.dirname, "child.ts");
/** To `--import`: in each process, its worker threads included, nothing but loopback is called. */
export const OFFLINE = new URL("../no-real-requests.ts", import.meta.url).href;

/** A process that runs longer is killed. Milliseconds. */
const LIMIT_MS = 100_000;

/** Never rejects but for a process that cannot be started. A module that was not reached has no run. */
export function runInTurn(files: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<RunInTurn> {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, files, {
      execArgv: ["--import", OFFLINE],
      env: environment,
      silent: true,
      timeout: LIMIT_MS,
    });
    const runs: ModuleRun[] = [];
    let outside = "";
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding("utf8").on("data", (text: string) => {
        outside += text;
      });
    }
    child.on("message", (run: ModuleRun) => runs.push(run));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ runs, process: code === 0 ? "ended well" : `ended with ${signal ?? code}\n${outside}` });
    });
  });
}
