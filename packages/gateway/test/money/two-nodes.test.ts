/** Nodes over one real PostgreSQL: one is closed in the middle, one is added, one is killed and comes back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import { sliceMax } from "../../src/nodes/leases/slice-size.ts";
import type { GatewayObserver } from "../../src/telemetry/observer.ts";
import { PEPPER, until } from "../nodes/gateway-nodes.ts";
import { startSharedDatabase } from "../nodes/shared-database.ts";
import { isCounted, usedFigures } from "./counted.ts";
import { AT_ONCE, allRecords, bySubject, expectExactly, expectSums, expectWithinBounds, isAtRest, type Lost } from "./laws.ts";
import { heldCall, LEASE_LOST, startMoneyProcess } from "./money-process.ts";
import { DAYS, NOW, rule, YEAR } from "./rules.ts";
import { runSampled, sampleOf } from "./seed.ts";
import { type Door, drive, functionDoor } from "./wire-driver.ts";
import { openWireGateway } from "./wire-gateway.ts";
import { byCallName, expectWireBook, expectWireSeen } from "./wire-laws.ts";
import { wireCall } from "./wire-plan.ts";
import { startWireVendors } from "./wire-vendors.ts";
import { createWitness } from "./witness.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

const SEED = 1_205;
/** Over the nodes of this process; the one that is killed makes its own beside them. */
const CALLS = 1_000;
const CALLS_BEFORE_KILL = 120;
const LEASE_MS = 1_000;

const RULES: readonly LimitRule[] = [
  rule({ name: "teams", metric: "usd", amount: 0.03, window: YEAR, each: ["team"] }),
  rule({ name: "dan", metric: "usd", amount: 0.008, window: DAYS, of: { key: ["dan"] } }),
  rule({ name: "tokens", metric: "tokens", amount: 15_000, window: DAYS, each: ["key"] }),
  rule({ name: AT_ONCE, metric: "concurrency", amount: 100, window: NOW, each: ["key"] }),
];

/** A call may wait so long for a lease before its time begins to run. Milliseconds. */
const SLACK_MS = 300;

/** What the dead node held of each limit beyond what it had said to be in use, by the limit's label. */
const LEASES_OF_DEAD = `
  select c.label, l.units - l.used as lost, l.orphan
  from dragoman.leases l join dragoman.counters c using (counter) where l.node = 'killed'`;

describe.skipIf(database === undefined)(`two nodes${reason ? ` (${reason})` : ""}`, () => {
  test("a thousand calls, an end, a beginning and a kill -9: the ledger has all of them once, and budgets hold", {
    timeout: 60_000,
  }, async () => {
    const url = (await database?.server.createDatabase("money")) ?? "";
    const pool = new Pool({ connectionString: url, max: 2 });
    pool.on("error", () => {});
    const vendors = await startWireVendors();
    const folder = mkdtempSync(join(tmpdir(), "dragoman-money-"));
    const witness = createWitness(RULES, { strict: false });
    /** Of nodes of this process: a machine that stands still for a second loses them too. */
    let leasesLost = 0;
    const environment = { DATABASE_URL: url, DRAGOMAN_PEPPER: PEPPER };
    const open = new Set<Gateway>();
    const storeOf = (node: string) => ({
      type: "postgres" as const,
      url: "env:DATABASE_URL",
      file: join(folder, `${node}.db`),
      node,
      leaseMs: LEASE_MS,
    });

    async function start(node: string): Promise<Gateway> {
      const counting: GatewayObserver = {
        noticed: ({ event }) => {
          if (event === LEASE_LOST) leasesLost += 1;
        },
      };
      const observers = [witness.watch().observer, counting];
      const gateway = await openWireGateway({ store: storeOf(node), urls: vendors.urls, rules: RULES, environment, observers });
      open.add(gateway);
      return gateway;
    }

    /** Resolves with what the limits lose: what the dead node held, within the bound that is stated, and as much again for each lease that was lost. */
    async function kill(): Promise<Lost> {
      await killed.untilEnded(CALLS_BEFORE_KILL);
      await killed.kill();
      const { rows } = await pool.query<{ label: string; lost: string; orphan: boolean }>(LEASES_OF_DEAD);
      const held = new Map(rows.map(({ label, lost }) => [label, Number(lost)]));
      const isTaken = rows.some(({ orphan }) => orphan);
      return (one, subject, amount) => {
        const stated = sliceMax(amount, 1);
        const units = isTaken ? stated : (held.get(labelOf(one, subject)) ?? 0);
        expect(units, `${one.name} of ${subject}`).toBeLessThanOrEqual(stated);
        return units + (leasesLost + killed.leasesLost) * stated;
      };
    }

    async function close(gateway: Gateway): Promise<void> {
      open.delete(gateway);
      await gateway.close();
    }

    const killed = await startMoneyProcess(
      { store: storeOf("killed"), urls: vendors.urls, rules: RULES, letter: "k", seed: SEED + 1, count: 5 * CALLS },
      environment,
    );
    onTestFinished(async () => {
      await killed.kill();
      await Promise.all([...open].map(close));
      await pool.end();
      await vendors.close();
      rmSync(folder, { recursive: true, force: true });
    });

    // A call may wait for a lease: more of them at once.
    const plans = sampleOf(wireCall, CALLS, SEED).map((plan) => ({ ...plan, atOnce: plan.atOnce + 8 }));
    await runSampled(SEED, plans, async () => {
      const nodes = await Promise.all([start("one"), start("two")]);
      const doors: Door[] = nodes.map(functionDoor);
      killed.go();
      let death: Promise<Lost> | undefined;
      const made = await drive({
        letter: "n",
        plans,
        doorOf: async (index) => {
          if (index === CALLS * 0.4) {
            death = kill();
            death.catch(() => {});
          }
          if (index === CALLS * 0.6) {
            const [first] = nodes;
            if (first !== undefined) await close(first);
            doors[0] = functionDoor(await start("three"));
          }
          return doors[index % doors.length] ?? Promise.reject(new Error("there is no node"));
        },
      });
      const lost = await death;
      const back = await start("killed");
      await until(() => [...open].every(isAtRest), "all calls have ended, and nothing is held", 30_000);
      for (const gateway of [...open].filter((one) => one !== back)) await close(gateway);
      await close(back);

      const last = await start("last");
      const ledger = await allRecords(last.ledger);
      const records = byCallName(ledger);
      const own = made.map(({ id }) => id);
      const others = [...records.keys()].filter((id) => id.startsWith("call-k"));
      expectExactly(records, [...own, ...others]);
      expect([...killed.ended].filter((id) => !records.has(id))).toEqual([]);
      expect([...killed.ended].filter((id) => records.get(id)?.outcome === "interrupted")).toEqual([]);
      for (const id of killed.answered) expect(records.get(id)?.outcome, id).toBe("answered");
      expect(records.get(heldCall("k"))?.outcome).toBe("interrupted");
      await expectWireBook(records, vendors);
      expectWireSeen(made, records);
      await expectSums(last.ledger, ledger);
      expectWithinBounds(RULES, ledger, { slackMs: SLACK_MS, ...(lost === undefined ? {} : { lost }) });
      expect(witness.broken).toEqual([]);
      // All have given back what they held: what is in use is what the calls of all nodes used, and no call is under way.
      const { rows } = await pool.query<{ label: string; used: string }>("select label, used from dragoman.counters");
      const used = rows.map(({ label, used: units }) => [label, Number(units)] as const).filter(([, units]) => units !== 0);
      expect(Object.fromEntries(used)).toEqual(countersOf(ledger));
    });
  });
});

/** How PostgreSQL names a count. */
function labelOf({ name, each }: LimitRule, subject: string): string {
  return [name, ...each.map((dimension) => `${dimension} ${subject}`)].join(", ");
}

function countersOf(ledger: ReadonlyMap<string, CallRecord>): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const one of RULES) {
    const { metric } = one;
    if (!isCounted(metric)) continue;
    for (const [subject, own] of bySubject(one, ledger))
      counters[labelOf(one, subject)] = own.reduce((sum, record) => sum + usedFigures(record)[metric], 0);
  }
  return counters;
}
