/**
 * `@dragoman/llm/sync`: one answer without `await`, for small scripts. A worker thread makes the call while this thread
 * blocks; nothing else in the program moves until the answer is there, so it has no place in a server.
 *
 *     import { completeSync } from "@dragoman/llm/sync";
 *     const { message } = completeSync({ model: "anthropic:claude-sonnet", prompt: "Hello" });
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Completion } from "../completion.ts";
import { DragomanError, type DragomanErrorInit } from "../errors.ts";
import { userMessage } from "../message.ts";
import type { ModelReference } from "../model-names.ts";
import type { CompletionRequest, Timeouts } from "../request.ts";

/** A request with its model as `provider:model`, and the words of the user in `prompt` or all `messages`. */
export type SyncRequest = Omit<CompletionRequest, "model" | "messages"> & {
  readonly model: ModelReference;
  readonly prompt?: string;
  readonly messages?: CompletionRequest["messages"];
  readonly timeouts?: Timeouts;
  /** Base URLs by provider id, over those of the environment. */
  readonly baseUrls?: Readonly<Record<string, string>>;
};

/** What the worker gives back. */
export interface SyncAnswer {
  readonly completion?: Completion;
  readonly error?: DragomanErrorInit;
}

/** Blocks at most this long without `timeouts.totalMs`. */
const TOTAL_MS = 600_000;
/** What the worker may take to start. */
const START_MS = 20_000;
/** What the worker may take over the call's own limit to load and to report. */
const WORKER_GRACE_MS = 15_000;
/** The worker's states in the shared signal. */
const NOT_STARTED = 0;
const STARTED = 1;

/** Keys and base URLs come from the environment, as in discovery. Throws a DragomanError. */
export function completeSync(request: SyncRequest): Completion {
  const { prompt, messages, ...rest } = request;
  if ((prompt === undefined) === (messages === undefined)) {
    throw new DragomanError({ code: "invalid_request", field: "prompt", detail: "give either prompt or messages" });
  }
  const totalMs = request.timeouts?.totalMs ?? TOTAL_MS;
  const whole = { ...rest, messages: messages ?? [userMessage(prompt ?? "")], timeouts: { ...request.timeouts, totalMs } };
  const answer = askWorker(whole, totalMs + WORKER_GRACE_MS);
  if (answer.completion !== undefined) return answer.completion;
  throw new DragomanError(answer.error ?? { code: "internal", detail: "the worker gave no answer" });
}

function askWorker(request: object, limitMs: number): SyncAnswer {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const worker = startWorker({ request, port: theirs, signal }, theirs);
  try {
    if (Atomics.wait(signal, 0, NOT_STARTED, START_MS) === "timed-out") {
      throw new DragomanError({ code: "internal", detail: `the worker did not start within ${START_MS} ms` });
    }
    if (Atomics.wait(signal, 0, STARTED, limitMs) === "timed-out") {
      throw new DragomanError({ code: "timeout", detail: `no answer within ${limitMs} ms` });
    }
    return (receiveMessageOnPort(ours)?.message as SyncAnswer | undefined) ?? {};
  } finally {
    ours.close();
    worker.unref();
    void worker.terminate();
  }
}

function startWorker(workerData: object, port: MessagePort): Worker {
  try {
    // Flags of this process, as `--eval`, are not for the worker, which could not start with them.
    return new Worker(workerFile(), { workerData, transferList: [port], execArgv: [] });
  } catch (error) {
    // A function, a signal or the like cannot go to another thread.
    throw new DragomanError({
      code: "invalid_request",
      detail: `the request is not plain data: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
}

/** The worker stands beside this file, as source or built. */
function workerFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
}
