/** Projections: folded from a checkpoint, followed, carried on, one at a time. */
import {
  createMemoryLog,
  type EventLog,
  foldStream,
  LogUnavailable,
  type Projection,
  projectOnce,
  runProjection,
  VersionConflict,
} from "@dragoman/events";
import { describe, expect, test } from "vitest";

const added = (amount: number) => ({ type: "amount.added", data: amount });
const sum: Projection<{ total: number; count: number }> = {
  name: "sum",
  initial: { total: 0, count: 0 },
  apply: (state, { data }) => ({ total: state.total + Number(data), count: state.count + 1 }),
  filter: { types: ["amount.added"] },
};

/** A projection that runs, and what it says each time that it has caught up. */
function running(log: EventLog, projection = sum) {
  const over = new AbortController();
  const waiting: { readonly total: number; readonly resolve: () => void }[] = [];
  let reached = 0;
  const ended = runProjection(log, projection, {
    signal: over.signal,
    onCaughtUp({ state: { total } }) {
      reached = total;
      for (const one of waiting) if (one.total === reached) one.resolve();
    },
  });
  ended.catch(() => {});
  const total = (wanted: number) =>
    new Promise<void>((resolve) => (reached === wanted ? resolve() : waiting.push({ total: wanted, resolve })));
  return { ended, total, stop: () => over.abort() };
}

describe("runProjection", () => {
  test("folds what is there, then what comes, and goes on from its checkpoint", async () => {
    const log = createMemoryLog();
    await log.append("a", [added(1), added(2), { type: "other", data: null }]);
    const first = running(log);
    await first.total(3);
    expect(await log.checkpoints.read("sum")).toEqual({ position: 3, state: { total: 3, count: 2 } });
    await log.append("b", [added(4)]);
    await first.total(7);
    first.stop();
    expect(await first.ended).toEqual({ state: { total: 7, count: 3 }, position: 4 });
    await log.append("b", [added(8)]);
    const second = running(log);
    await second.total(15);
    second.stop();
    expect((await second.ended).state.count).toBe(4);
  });

  test("does not look again at what its filter passed over", async () => {
    const log = createMemoryLog();
    await log.append("a", [added(1)]);
    await log.append(
      "a",
      Array.from({ length: 10 }, () => ({ type: "other", data: null })),
    );
    const { position } = await projectOnce(log, sum);
    expect(position).toBe(11);
    expect((await log.checkpoints.read("sum"))?.position).toBe(11);
  });

  test("of two that run at once the slower is told, and stops", async () => {
    const log = createMemoryLog();
    const runs = [running(log), running(log)];
    await Promise.all(runs.map((run) => run.total(0)));
    await log.append("a", [added(1)]);
    const loser = await Promise.race(
      runs.map((run, index) =>
        run.ended.then(
          () => -1,
          (error: unknown) => ({ index, error }),
        ),
      ),
    );
    expect(loser).toMatchObject({ error: expect.any(VersionConflict) });
    const winner = runs[typeof loser === "object" && loser.index === 0 ? 1 : 0];
    await log.append("a", [added(2)]);
    await winner?.total(3);
    winner?.stop();
    await winner?.ended;
    expect((await log.checkpoints.read("sum"))?.state).toEqual({ total: 3, count: 2 });
  });

  test("keeps what it folded before an apply that fails, and nothing of that", async () => {
    const log = createMemoryLog();
    await log.append("a", [added(1), added(2), added(13), added(4)]);
    let isBroken = true;
    const fragile: Projection<{ total: number; count: number }> = {
      ...sum,
      checkpointEvery: 2,
      apply(state, event) {
        // It changes what it was given, and fails half way.
        state.total += Number(event.data);
        if (isBroken && event.data === 13) throw new Error("unlucky");
        state.count += 1;
        return state;
      },
    };
    await expect(running(log, fragile).ended).rejects.toThrow("unlucky");
    expect(await log.checkpoints.read("sum")).toEqual({ position: 2, state: { total: 3, count: 2 } });
    isBroken = false;
    expect((await projectOnce(log, fragile)).state).toEqual({ total: 20, count: 4 });
    expect(fragile.initial).toEqual({ total: 0, count: 0 });
  });

  test("writes its checkpoint when it is stopped in the middle", async () => {
    const log = createMemoryLog();
    await log.append("a", [added(1), added(2), added(4)]);
    const over = new AbortController();
    const stopping: typeof sum = {
      ...sum,
      apply(state, event) {
        if (event.data === 2) over.abort();
        return sum.apply(state, event);
      },
    };
    expect(await runProjection(log, stopping, { signal: over.signal })).toEqual({ state: { total: 3, count: 2 }, position: 2 });
    expect((await log.checkpoints.read("sum"))?.position).toBe(2);
  });

  test("waits for a store that is away, also when it goes while the checkpoint is written", async () => {
    const log = createMemoryLog();
    await log.append("a", [added(1)]);
    let failures = 0;
    const unsteady: EventLog = {
      ...log,
      checkpoints: {
        read: log.checkpoints.read,
        async write(...checkpoint) {
          await log.checkpoints.write(...checkpoint);
          failures += 1;
          if (failures === 1) throw new LogUnavailable("the answer was lost", { outcomeUnknown: true });
        },
      },
    };
    const run = running(unsteady);
    while (failures === 0) await new Promise((resolve) => setImmediate(resolve));
    await log.append("a", [added(2)]);
    await run.total(3);
    run.stop();
    await run.ended;
    expect((await log.checkpoints.read("sum"))?.state).toEqual({ total: 3, count: 2 });
  });

  test("ends when its log is closed", async () => {
    const log = createMemoryLog();
    const run = running(log);
    await run.total(0);
    await log.close();
    await expect(run.ended).rejects.toThrow(LogUnavailable);
  });
});

test("projectOnce gives the state also where another has carried the projection on", async () => {
  const log = createMemoryLog();
  await log.append("a", [added(1), added(2)]);
  const overtaken: EventLog = {
    ...log,
    checkpoints: {
      read: log.checkpoints.read,
      async write(...checkpoint) {
        await log.checkpoints.write("sum", { position: 9, state: { total: 99, count: 9 } }, 0);
        await log.checkpoints.write(...checkpoint);
      },
    },
  };
  expect((await projectOnce(overtaken, sum)).state).toEqual({ total: 3, count: 2 });
  expect((await log.checkpoints.read("sum"))?.position).toBe(9);
});

test("foldStream gives the state of one stream with its version", async () => {
  const log = createMemoryLog();
  await log.append("a", [added(1), added(2)]);
  await log.append("b", [added(4)]);
  const fold = (stream: string) => foldStream(log, stream, 0, (total, { data }) => total + Number(data));
  expect(await fold("a")).toEqual({ state: 3, version: 2 });
  expect(await fold("nobody")).toEqual({ state: 0, version: 0 });
});
