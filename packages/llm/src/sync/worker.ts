/**
 * The entry of the worker behind `completeSync`. It loads everything else itself, so that whatever fails there, the thread
 * that waits is told and woken.
 */
import { workerData } from "node:worker_threads";
import type { WorkerInput } from "./make-call.ts";

const { port, request, signal } = workerData as WorkerInput;

function wake(state: number): void {
  Atomics.store(signal, 0, state);
  Atomics.notify(signal, 0);
}

wake(1);
try {
  const { run } = await import("./make-call.ts");
  await run({ port, request });
} catch (error) {
  const detail = `the worker failed: ${error instanceof Error ? error.message : String(error)}`;
  port.postMessage({ error: { code: "internal", detail } });
}
wake(2);
