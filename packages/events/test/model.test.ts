/** Any log, under writers that interleave, against a model of what a log is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryLog, type EventLog, type ExpectedVersion, type StoredEvent, VersionConflict } from "@dragoman/events";
import { openPostgresLog } from "@dragoman/events/postgres";
import { openSqliteLog } from "@dragoman/events/sqlite";
import { startPostgres } from "@dragoman/events/testing";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "dragoman-events-"));
const { server, reason } = await startPostgres();
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server?.stop();
});

/** An append of one of two writers. */
interface Step {
  readonly writer: number;
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  readonly texts: readonly string[];
  /** Whether the writer waits for the answer before anything else happens. */
  readonly isAwaited: boolean;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  writer: fc.nat(1),
  stream: fc.constantFrom("a", "b", "ü-\u{1f680}"),
  expectedVersion: fc.oneof(fc.constant("any" as const), fc.nat(6)),
  texts: fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 3 }),
  isAwaited: fc.boolean(),
});

interface Outcome {
  readonly step: Step;
  readonly events?: readonly StoredEvent[];
  readonly conflict?: VersionConflict;
}

async function play(logs: readonly EventLog[], steps: readonly Step[]): Promise<readonly Outcome[]> {
  const outcomes: Promise<Outcome>[] = [];
  for (const step of steps) {
    const { writer, stream, expectedVersion, texts, isAwaited } = step;
    const events = texts.map((text) => ({ type: "thing.noted", data: { text } }));
    const outcome = (logs[writer] ?? logs[0])?.append(stream, events, { expectedVersion }).then(
      (result): Outcome => ({ step, events: result.events }),
      (error: unknown): Outcome => {
        if (error instanceof VersionConflict) return { step, conflict: error };
        throw error;
      },
    );
    if (outcome === undefined) continue;
    outcomes.push(outcome);
    if (isAwaited) await outcome;
  }
  return Promise.all(outcomes);
}

/** What holds of any order in which the appends may have happened. */
function check(all: readonly StoredEvent[], outcomes: readonly Outcome[]): void {
  const added = outcomes.flatMap(({ events = [] }) => events);
  expect(all).toEqual([...added].sort((one, other) => one.position - other.position));
  for (const [, ofStream] of Map.groupBy(all, ({ stream }) => stream)) {
    expect(ofStream.map(({ version }) => version)).toEqual(ofStream.map((_, index) => index + 1));
  }
  for (const { step, events, conflict } of outcomes) {
    if (events !== undefined) {
      const first = events[0]?.version ?? 0;
      if (step.expectedVersion !== "any") expect(first).toBe(step.expectedVersion + 1);
      expect(events.map(({ version }) => version)).toEqual(step.texts.map((_, index) => first + index));
      expect(events.map(({ data }) => data)).toEqual(step.texts.map((text) => ({ text })));
    } else {
      expect(step.expectedVersion).not.toBe("any");
      expect(conflict?.actualVersion).not.toBe(step.expectedVersion);
    }
  }
}

/** Without overlap there is only one order, and the model says what happens in it. */
function checkInTurn(steps: readonly Step[], outcomes: readonly Outcome[]): void {
  const versions = new Map<string, number>();
  for (const [index, { stream, expectedVersion, texts }] of steps.entries()) {
    const version = versions.get(stream) ?? 0;
    const isTaken = expectedVersion === "any" || expectedVersion === version;
    expect(outcomes[index]?.events !== undefined).toBe(isTaken);
    if (isTaken) versions.set(stream, version + texts.length);
    else expect(outcomes[index]?.conflict?.actualVersion).toBe(version);
  }
}

async function holds(open: () => Promise<readonly EventLog[]>, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 12 }), fc.boolean(), async (steps, isInTurn) => {
      const played = isInTurn ? steps.map((step) => ({ ...step, isAwaited: true })) : steps;
      const logs = await open();
      try {
        const outcomes = await play(logs, played);
        const all: StoredEvent[] = [];
        for await (const event of logs[0]?.readAll() ?? []) all.push(event);
        check(all, outcomes);
        if (isInTurn) checkInTurn(played, outcomes);
      } finally {
        for (const log of logs) await log.close();
      }
    }),
    { numRuns: runs },
  );
}

describe("whatever two writers append in whatever order, every append is whole and in its place", () => {
  let stores = 0;

  test("in memory", async () => {
    await holds(async () => {
      const log = createMemoryLog();
      return [log, log];
    }, 100);
  });

  test("in SQLite", async () => {
    await holds(async () => {
      const file = join(folder, `model-${stores++}.db`);
      return [await openSqliteLog({ file }), await openSqliteLog({ file })];
    }, 15);
  });

  test.skipIf(server === undefined)(`in PostgreSQL${reason ? ` (${reason})` : ""}`, async () => {
    await holds(async () => {
      const options = { connectionString: server?.connectionString ?? "", schema: `model_${stores++}`, connectionsMax: 2 };
      return [await openPostgresLog(options), await openPostgresLog(options)];
    }, 10);
  });
});
