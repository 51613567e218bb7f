/** Fuzzes several dialects at once, each in a thread of its own, and gives up on a case that does not come to its end. */
import { Worker } from "node:worker_threads";
import type { FuzzReport } from "./fuzz-dialect.ts";
import type { SubjectRun } from "./fuzz-subject-run.ts";
import type { FuzzWorkerData } from "./fuzz-worker.ts";

/** No case takes a tenth of it: only a loop without end does. Milliseconds. */
const STUCK_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 500;

export interface ThreadOptions {
  /** Default 2. */
  readonly threads?: number;
  /** Called now and then with how many cases each dialect has behind it, by its place among the runs. */
  readonly onProgress?: (done: readonly number[]) => void;
}

export async function fuzzInThreads(runs: readonly SubjectRun[], options: ThreadOptions = {}): Promise<readonly FuzzReport[]> {
  const progress = runs.map((run) => new Int32Array(new SharedArrayBuffer(4)).fill(run.from));
  const reports: FuzzReport[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < runs.length; index = next++) {
      const run = runs[index];
      const place = progress[index];
      if (run !== undefined && place !== undefined) reports[index] = await runInThread(run, place);
    }
  }
  const timer = setInterval(
    () => options.onProgress?.(progress.map((place, index) => (place[0] ?? 0) - (runs[index]?.from ?? 0))),
    LOOK_EVERY_MS,
  );
  try {
    await Promise.all(Array.from({ length: options.threads ?? 2 }, work));
  } finally {
    clearInterval(timer);
  }
  return reports;
}

function runInThread(run: SubjectRun, progress: Int32Array): Promise<FuzzReport> {
  const workerData: FuzzWorkerData = { run, progress };
  const file = import.meta.url.endsWith(".ts") ? "./fuzz-worker.ts" : "./fuzz-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  return new Promise<FuzzReport>((resolve, reject) => {
    let last = progress[0] ?? 0;
    let since = performance.now();
    const watch = setInterval(() => {
      const now = progress[0] ?? 0;
      if (now !== last) since = performance.now();
      last = now;
      if (performance.now() - since > STUCK_AFTER_MS) resolve(stuckReport(run, now));
    }, LOOK_EVERY_MS);
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => {
      clearInterval(watch);
      reject(new Error(`the thread for ${run.subject} ended without a report`));
    });
  }).finally(() => worker.terminate());
}

function stuckReport({ subject, seed, from }: SubjectRun, caseNumber: number): FuzzReport {
  const detail = `case ${caseNumber} did not come to its end within ${STUCK_AFTER_MS / 1000} s`;
  return {
    subject,
    seed,
    tried: { stream: caseNumber - from, body: 0, error: 0, request: 0 },
    failures: [{ subject, seed, caseNumber, kind: "stream", law: "no end", detail, times: 1 }],
    complete: false,
  };
}
