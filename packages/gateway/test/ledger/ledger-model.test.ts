/** Random courses of calls, held against a ledger of three lines: a list of records. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallRecord, OpenCall } from "../../src/ledger/call-record.ts";
import type { UsageRow } from "../../src/ledger/ledger.ts";
import type { LocalLedger } from "../../src/ledger/local-ledger.ts";
import { createMemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { attempt, NOON, openCall, record } from "./example-calls.ts";

interface Step {
  readonly kind: "open" | "close" | "close-again" | "write" | "restart";
  readonly pick: number;
  readonly key: string;
  readonly nanoUsd: number;
  readonly failedNanoUsd: number;
  readonly minute: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("open", "open", "open", "open", "close", "close", "close", "close-again", "write", "restart"),
  pick: fc.nat(),
  key: fc.constantFrom("k1", "k2", "k3"),
  nanoUsd: fc.integer({ min: 0, max: 2_000_000_000 }),
  failedNanoUsd: fc.integer({ min: 0, max: 1_000 }),
  minute: fc.integer({ min: 0, max: 3_000 }),
});

/** One that answered after a failed attempt elsewhere. */
function answer(call: OpenCall, { nanoUsd, failedNanoUsd }: Step): CallRecord {
  const costUsd = (nanoUsd + failedNanoUsd) / 1e9;
  return record(call.id, {
    ...call,
    costUsd,
    knownCostUsd: costUsd,
    attempts: [
      attempt({ outcome: "failed", provider: "mistral", costUsd: failedNanoUsd / 1e9 }),
      attempt({ number: 2, costUsd: nanoUsd / 1e9 }),
    ],
  });
}

/** What a restart makes of an open call. */
function interrupted({ id, startedAt, key, reserved }: OpenCall): Pick<CallRecord, "id" | "startedAt" | "key" | "knownCostUsd"> {
  return { id, startedAt, key, knownCostUsd: reserved.usd ?? 0 };
}

const nano = (usd: number): number => Math.round(usd * 1e9);

async function runCourse(steps: readonly Step[], openLedger: () => Promise<LocalLedger>, canRestart: boolean): Promise<void> {
  let ledger = await openLedger();
  const open: OpenCall[] = [];
  const settled: Pick<CallRecord, "id" | "startedAt" | "key" | "knownCostUsd">[] = [];
  for (const [index, one] of steps.entries()) {
    if (one.kind === "open") {
      const call = openCall(`c${index}`, { startedAt: NOON + one.minute * 60_000, key: one.key });
      ledger.open(call);
      open.push(call);
    } else if (one.kind === "close") {
      const [call] = open.splice(one.pick % Math.max(1, open.length), 1);
      if (call === undefined) continue;
      const closed = answer(call, one);
      ledger.close(closed);
      settled.push(closed);
    } else if (one.kind === "close-again") {
      const before = settled[one.pick % Math.max(1, settled.length)];
      if (before !== undefined) ledger.close(answer(openCall(before.id), one));
    } else if (one.kind === "write") {
      await ledger.calls({ countMax: 1 });
    } else if (canRestart) {
      await ledger.end();
      ledger = await openLedger();
      expect(
        ledger
          .recover()
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(open.map(({ id }) => id).toSorted());
      settled.push(...open.splice(0).map(interrupted));
    }
    const since = NOON + (one.pick % 3_000) * 60_000;
    const held = [...settled.map(({ knownCostUsd, ...rest }) => ({ ...rest, usd: knownCostUsd }))];
    for (const { reserved, ...rest } of open) held.push({ ...rest, usd: reserved.usd ?? 0 });
    const expected = held.filter(({ key, startedAt }) => key === one.key && startedAt >= since);
    expect(ledger.used("requests", { key: one.key }, since).amount).toBe(expected.length);
    expect(nano(ledger.used("usd", { key: one.key }, since).amount)).toBe(expected.reduce((sum, { usd }) => sum + nano(usd), 0));
  }
  const ids = (await ledger.calls({ countMax: 1_000 })).calls.map(({ id }) => id);
  expect(ids.toSorted()).toEqual(settled.map(({ id }) => id).toSorted());
  const rows = await ledger.usage({ by: ["key", "day"], timeZone: "Asia/Kathmandu" });
  expect(rows.map(({ calls }) => calls).reduce((sum, one) => sum + one, 0)).toBe(settled.length);
  const total = settled.reduce((sum, { knownCostUsd }) => sum + nano(knownCostUsd), 0);
  expect(rows.reduce((sum, { costUsd }) => sum + nano(costUsd), 0)).toBe(total);
  await ledger.end();
}

test("thousands of random steps come to what a list of records comes to", async () => {
  const course = fc.array(step, { minLength: 60, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(course, (steps) => runCourse(steps, async () => createMemoryLedger(), false)),
    { numRuns: 20 },
  );
});

test("also where the process ends in between, and another takes over", async () => {
  const course = fc.array(step, { minLength: 40, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(course, async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "dragoman-ledger-"));
      await runCourse(steps, () => openSqliteLedger({ file: join(folder, "gateway.sqlite") }), true);
      rmSync(folder, { recursive: true, force: true });
    }),
    { numRuns: 4 },
  );
});

test("by provider and by key a thousand calls come to the same in all", async () => {
  const ledger = createMemoryLedger();
  for (let index = 0; index < 1_000; index++) {
    const call = openCall(`c${index}`, { key: `k${index % 7}` });
    ledger.close(answer(call, { kind: "close", pick: 0, key: "", nanoUsd: index * 7 + 1, failedNanoUsd: index, minute: 0 }));
  }
  const sum = (rows: readonly UsageRow[], figure: "costUsd" | "failedCostUsd"): number =>
    rows.reduce((total, row) => total + nano(row[figure]), 0);
  const [byTarget, byKey] = [await ledger.usage({ by: ["provider", "model"] }), await ledger.usage({ by: ["key"] })];
  expect(byTarget).toHaveLength(2);
  expect(byKey).toHaveLength(7);
  expect(sum(byTarget, "costUsd")).toBe(sum(byKey, "costUsd"));
  expect(sum(byTarget, "failedCostUsd")).toBe((999 * 1_000) / 2);
  expect(sum(byKey, "failedCostUsd")).toBe((999 * 1_000) / 2);
  await ledger.end();
});
