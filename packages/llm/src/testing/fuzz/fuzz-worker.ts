/** A thread that fuzzes one dialect. It tells which case it is at in shared memory, so that a case without end is known. */
import { parentPort, workerData } from "node:worker_threads";
import { runSubject, type SubjectRun } from "./fuzz-subject-run.ts";

export interface FuzzWorkerData {
  readonly run: SubjectRun;
  /** One number: the case that is tried. */
  readonly progress: Int32Array;
}

const { run, progress } = workerData as FuzzWorkerData;
const report = await runSubject(run, (caseNumber) => {
  progress[0] = caseNumber;
});
parentPort?.postMessage(report);
