/**
 * Moves the write-ahead log into the file, in a thread of its own: it waits for the disk, which on the main thread would hold up every stream. The
 * thread begins with the first need and is given as text, so that it needs no file of its own in what is published.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface CheckpointThread {
  /** Returns at once; one at a time. */
  checkpoint(): void;
  end(): Promise<void>;
}

const SOURCE = `
const { DatabaseSync } = require("node:sqlite");
const { parentPort, workerData } = require("node:worker_threads");
const database = new DatabaseSync(workerData.file, { timeout: 1000 });
parentPort.on("message", (message) => {
  if (message === "end") {
    database.close();
    return parentPort.close();
  }
  let failure;
  try { database.exec("PRAGMA wal_checkpoint(PASSIVE)"); } catch (error) { failure = String(error && error.message); }
  parentPort.postMessage(failure);
});
`;

export function createCheckpointThread(file: string, onFailure: (reason: string) => void): CheckpointThread {
  let worker: Worker | undefined;
  let isBusy = false;

  function start(): Worker {
    const started = new Worker(SOURCE, {
      eval: true,
      workerData: { file },
      // It runs one statement now and then.
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
    });
    started.unref();
    started.on("message", (failure: string | undefined) => {
      isBusy = false;
      if (failure !== undefined) onFailure(failure);
    });
    started.on("error", (error) => {
      worker = undefined;
      isBusy = false;
      onFailure(error.message);
    });
    return started;
  }

  return {
    checkpoint() {
      if (isBusy) return;
      isBusy = true;
      worker ??= start();
      worker.postMessage("checkpoint");
    },
    end: async () => {
      if (worker === undefined) return;
      const exited = once(worker, "exit");
      worker.ref();
      worker.postMessage("end");
      await exited;
    },
  };
}
