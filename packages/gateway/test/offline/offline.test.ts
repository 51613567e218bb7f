import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { completeConfiguration } from "../../src/config/complete-configuration.ts";
import { createMemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { ledgerStandings } from "../../src/offline/ledger-standings.ts";
import { openLedgerReader } from "../../src/offline/open-ledger-reader.ts";
import { NOON, openCall, record, refused } from "../ledger/example-calls.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "dragoman-offline-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it("reads a ledger beside the process that writes it, newer calls included", async () => {
  const file = join(folder(), "calls.db");
  const writer = await openSqliteLedger({ file, content: true });
  writer.open(openCall("one"));
  writer.close(record("one"));
  expect((await writer.calls({})).calls).toHaveLength(1);
  const reader = await openLedgerReader(file);
  expect((await reader.calls({})).calls.map(({ id }) => id)).toEqual(["one"]);
  writer.open(openCall("two"));
  writer.close(record("two", { startedAt: NOON + 1 }));
  expect((await writer.calls({})).calls).toHaveLength(2);
  expect(await reader.call("two")).toMatchObject({ outcome: "answered" });
  expect(await reader.usage({ by: ["day"] })).toMatchObject([{ calls: 2 }]);
  await reader.end();
  await writer.end();
});

it("makes no file, and says what to do about one that is not there", async () => {
  const file = join(folder(), "none.db");
  await expect(openLedgerReader(file)).rejects.toMatchObject({ code: "configuration" });
  expect(existsSync(file)).toBe(false);
});

it("derives from the ledger where limits stand: by window, by subject, without what was refused", async () => {
  const ledger = createMemoryLedger({ now: () => NOON + 60_000 });
  const calls = [
    record("a", { team: "search" }),
    record("b", { team: "search", startedAt: NOON - 7_200_000 }),
    record("c", { team: "ads" }),
    refused("d", { team: "ads" }),
  ];
  for (const call of calls) ledger.close(call);
  const { limits } = completeConfiguration({
    teams: { search: {}, ads: {} },
    limits: [
      { name: "hourly", metric: "requests", amount: 10, window: { type: "rolling", ms: 3_600_000 } },
      { name: "today", metric: "usd", amount: 1, window: { type: "calendar", unit: "day", timeZone: "UTC" }, each: ["team"] },
      { name: "once", metric: "concurrency", amount: 1 },
    ],
  });
  const standings = await ledgerStandings(ledger, limits, NOON + 60_000);
  expect(standings.map(({ rule, subject, used }) => ({ rule, subject, used }))).toEqual([
    { rule: "hourly", subject: {}, used: 2 },
    { rule: "today", subject: { team: "search" }, used: 0.02 },
    { rule: "today", subject: { team: "ads" }, used: 0.01 },
  ]);
  expect(standings[1]).toMatchObject({ since: Date.UTC(2026, 2, 29), resetsAt: Date.UTC(2026, 2, 30) });
  await ledger.end();
});
