import { expect, test } from "vitest";
import { type Batches, type BatchJob, DragomanError, watchBatch } from "../../src/index.ts";
import { everything } from "../everything.ts";

/** Batches whose one job is what the list says, one entry a question; an error is thrown. */
function telling(...answers: readonly (BatchJob["status"] | DragomanError)[]): Batches {
  const left = [...answers];
  const never = async (): Promise<never> => {
    throw new Error("it is not asked for");
  };
  return {
    submit: never,
    list: never,
    cancel: never,
    async *results() {},
    async get(id) {
      const next = left.shift() ?? "running";
      if (typeof next === "string") return { id, provider: "test", status: next, warnings: [] };
      throw next;
    },
  };
}

const waits: number[] = [];
const sleep = async (delayMs: number): Promise<void> => {
  waits.push(delayMs);
};
const busy = () => new DragomanError({ code: "overloaded", detail: "busy" });

test("gives the job at once and after each question, until it is at rest", async () => {
  waits.length = 0;
  const jobs = await everything(watchBatch(telling("queued", "running", "expired", "running"), "b", { sleep, everyMs: 5 }));
  expect(jobs.map(({ status }) => status)).toEqual(["queued", "running", "expired"]);
  expect(waits).toEqual([5, 5]);
});

test("asks again after passing faults, and gives up after too many in a row", async () => {
  const failures: string[] = [];
  const onFailure = (error: DragomanError): void => void failures.push(error.code);
  const batches = telling("running", busy(), busy(), "running", busy(), busy(), "completed");
  const jobs = await everything(watchBatch(batches, "b", { sleep, failuresMax: 2, onFailure }));
  expect(jobs.map(({ status }) => status)).toEqual(["running", "running", "completed"]);
  expect(failures).toHaveLength(4);
  const dead = telling(busy(), busy(), busy());
  await expect(everything(watchBatch(dead, "b", { sleep, failuresMax: 2 }))).rejects.toMatchObject({ code: "overloaded" });
});

test("what will not pass is thrown at once", async () => {
  const gone = telling(new DragomanError({ code: "not_found", detail: "no such batch" }));
  await expect(everything(watchBatch(gone, "b", { sleep }))).rejects.toMatchObject({ code: "not_found" });
});

test("has a limit over all", async () => {
  const watching = watchBatch(telling(), "b", { sleep, everyMs: 10, totalMs: 35 });
  const statuses: string[] = [];
  const all = async (): Promise<void> => {
    for await (const { status } of watching) statuses.push(status);
  };
  await expect(all()).rejects.toMatchObject({ code: "timeout", retryable: false });
  expect(statuses).toHaveLength(4);
});

test("an abort ends the wait", async () => {
  const controller = new AbortController();
  const watching = async (): Promise<void> => {
    for await (const _job of watchBatch(telling(), "b", { signal: controller.signal, everyMs: 60_000 })) controller.abort();
  };
  await expect(watching()).rejects.toMatchObject({ code: "aborted" });
});
