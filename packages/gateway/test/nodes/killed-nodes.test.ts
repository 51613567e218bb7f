/** Real processes over a real PostgreSQL, of which one or the other is killed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DragomanError } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";
import { Pool } from "pg";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import { sliceMax } from "../../src/nodes/leases/slice-size.ts";
import { rule } from "../limits/metering.ts";
import { asking, caller, startGatewayNodes, until } from "./gateway-nodes.ts";
import { startNodeProcess } from "./processes.ts";
import { startSharedDatabase } from "./shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

const DAY: LimitRule["window"] = { type: "calendar", unit: "day", timeZone: "UTC" };

async function emptyDatabase(name: string) {
  const url = (await database?.server.createDatabase(name)) ?? "";
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {});
  onTestFinished(() => pool.end());
  return { url, pool };
}

describe.skipIf(database === undefined)(`nodes that die${reason ? ` (${reason})` : ""}`, () => {
  test("a node that is killed gives its lease back, loses no call that was answered, and adds none twice", async () => {
    const { url, pool } = await emptyDatabase("killed");
    const vendor = await startFakeVendor("openai");
    const folder = mkdtempSync(join(tmpdir(), "dragoman-nodes-"));
    const amount = 2_000;
    const order = (node: string) => ({
      node,
      file: join(folder, `${node}.db`),
      baseUrl: vendor.baseUrl,
      limits: [rule({ name: "shared", amount, window: DAY })],
    });
    const [one, other] = await Promise.all(["one", "other"].map((node) => startNodeProcess(order(node), url)));
    if (one === undefined || other === undefined) throw new Error("no processes");
    onTestFinished(async () => {
      await Promise.all([one.stop(), other.stop()]);
      await vendor.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const calls = other.call(60);
    void one.call(100_000);
    await until(() => one.answered.size >= 100, "the node is in the midst of it");
    await one.kill();
    await calls;

    const held = async () => {
      const { rows } = await pool.query("select node, units, used, orphan from dragoman.leases where node = 'one'");
      return rows[0];
    };
    const atDeath = await held();
    expect(Number(atDeath.units) - Number(atDeath.used)).toBeLessThanOrEqual(sliceMax(amount, 1));
    await until(async () => (await held()).orphan === true, "its lease is taken back");
    // What it had told of stays spent.
    expect(Number((await held()).units)).toBe(Number(atDeath.used));

    const again = await startNodeProcess(order("one"), url);
    await again.call(5);
    await again.stop();
    await other.stop();
    const answered = new Set([...one.answered, ...other.answered, ...again.answered]);
    const { rows } = await pool.query("select id, outcome from dragoman.calls");
    const kept = new Set(rows.map(({ id }) => id));
    expect(kept.size).toBe(rows.length);
    expect([...answered].filter((id) => !kept.has(id))).toEqual([]);
    expect(vendor.requests.length).toBeLessThanOrEqual(rows.length);
    expect(rows.filter(({ outcome }) => outcome === "interrupted").length).toBeGreaterThan(0);
    // What is in use by all is what the calls of all have used.
    const { rows: counters } = await pool.query("select committed, used from dragoman.counters");
    expect(Number(counters[0].used)).toBe(rows.filter(({ outcome }) => outcome !== "refused").length);
    expect(counters[0].committed).toBe(counters[0].used);
  });

  test("a server that is killed and comes back: calls go on with what is leased, and all of them are copied", async () => {
    const { url, pool } = await emptyDatabase("away");
    const nodes = await startGatewayNodes(url, { limits: [rule({ name: "shared", amount: 10_000, window: DAY })] });
    onTestFinished(() => nodes.close());
    const gateway = await nodes.start("one");
    // As a client does: one that finds no room for a moment comes again.
    const answer = (id: string) =>
      until(async () => {
        const answered = gateway.as(caller(crypto.randomUUID())).complete(asking(id));
        return answered.then(
          () => true,
          (error: unknown) => (isRateLimited(error) ? false : Promise.reject(error)),
        );
      }, id);
    for (let index = 0; index < 10; index += 1) await answer(`before-${index}`);
    await database?.server.kill();
    for (let index = 0; index < 10; index += 1) await answer(`away-${index}`);
    await until(() => nodes.notices.some(({ event }) => event === "ledger.ship-behind"), "the backlog is told");
    await until(() => nodes.notices.some(({ event }) => event === "limits.cut-off"), "the lost server is told");
    // Of this node alone, and that is told.
    expect((await gateway.ledger.calls({ outcome: ["answered"] })).calls.length).toBe(20);
    expect(nodes.notices.map(({ event }) => event)).toContain("ledger.alone");
    await answer("away-last");
    await database?.server.restart();
    await until(() => nodes.notices.some(({ event }) => event === "limits.shared-again"), "the server is back");
    await answer("after");
    await until(async () => {
      const { rows } = await pool.query("select count(*) as count from dragoman.calls where outcome = 'answered'");
      return Number(rows[0].count) === 22;
    }, "all calls are copied");
  });
});

function isRateLimited(error: unknown): boolean {
  return DragomanError.is(error) && error.code === "rate_limited";
}
