/** Real processes on one SQLite file, each killed in the middle of its calls and followed by the next. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import { AT_ONCE, allRecords, beginCounts, expectAtRest, expectStandings, expectSums, expectWithinBounds } from "./laws.ts";
import { heldCall, type MoneyProcess, startMoneyProcess } from "./money-process.ts";
import { DAYS, NOW, rule, YEAR } from "./rules.ts";
import { runSampled } from "./seed.ts";
import { openWireGateway } from "./wire-gateway.ts";
import { byCallName, expectWireBook } from "./wire-laws.ts";
import { startWireVendors } from "./wire-vendors.ts";

const SEED = 77;
/** After so many calls each process is killed; the letters are of their calls' names. */
const KILLS = { a: 130, b: 45, c: 90 };
/** More than any of them comes to. */
const CALLS = 2_000;

const RULES: readonly LimitRule[] = [
  rule({ name: "teams", metric: "usd", amount: 0.0012, window: YEAR, each: ["team"] }),
  rule({ name: "dan", metric: "usd", amount: 0.0008, window: DAYS, of: { key: ["dan"] } }),
  rule({ name: "tokens", metric: "tokens", amount: 2_500, window: DAYS, each: ["key"] }),
  rule({ name: AT_ONCE, metric: "concurrency", amount: 8, window: NOW, each: ["key"] }),
];

test("kill -9 in the middle, again and again: no call is missing, none is there twice, and budgets hold", {
  timeout: 60_000,
}, async () => {
  const vendors = await startWireVendors();
  const folder = mkdtempSync(join(tmpdir(), "dragoman-money-"));
  const processes: MoneyProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(processes.map((one) => one.kill()));
    await vendors.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const store = { type: "sqlite" as const, file: join(folder, "gateway.db") };

  await runSampled(SEED, [KILLS], async () => {
    for (const [letter, ends] of Object.entries(KILLS)) {
      const one = await startMoneyProcess({ store, urls: vendors.urls, rules: RULES, letter, seed: SEED + ends, count: CALLS });
      processes.push(one);
      one.go();
      await one.untilEnded(ends);
      await one.kill();
    }
    const gateway = await openWireGateway({ store, urls: vendors.urls, rules: RULES });
    beginCounts(gateway, []);
    const ledger = await allRecords(gateway.ledger);
    const records = byCallName(ledger);
    const outcomes = [...records.values()].map(({ outcome }) => outcome);
    const ended = processes.flatMap((one) => [...one.ended]);

    expect(ended.filter((id) => !records.has(id))).toEqual([]);
    // What was done in the instant before a kill was not told of any more.
    expect(ended.filter((id) => records.get(id)?.outcome === "interrupted")).toEqual([]);
    for (const one of processes) for (const id of one.answered) expect(records.get(id)?.outcome, id).toBe("answered");
    for (const letter of Object.keys(KILLS)) expect(records.get(heldCall(letter))?.outcome).toBe("interrupted");
    expect(outcomes).toEqual(expect.arrayContaining(["answered", "refused"]));
    await expectWireBook(records, vendors);
    await expectSums(gateway.ledger, ledger);
    expectAtRest(gateway);
    expectStandings(gateway.meter.standings(), RULES, ledger, { isComplete: true });
    expectWithinBounds(RULES, ledger);
    await gateway.close();
  });
});
