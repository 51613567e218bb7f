/** A real process that is killed, and gateways that follow it under its name and on its file, over a real PostgreSQL. */
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import { rule } from "../limits/metering.ts";
import { asking, caller, startGatewayNodes, until } from "./gateway-nodes.ts";
import { startNodeProcess } from "./processes.ts";
import { startSharedDatabase } from "./shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

const DAY: LimitRule["window"] = { type: "calendar", unit: "day", timeZone: "UTC" };
/** The second is a count for each key, which exists only once somebody calls. */
const limits = [
  rule({ name: "all", amount: 2_000, window: DAY }),
  rule({ name: "each", amount: 2_000, window: DAY, each: ["key"], of: { key: ["k_1", "k_2"] } }),
];

describe.skipIf(database === undefined)(`a node that was killed and starts again${reason ? ` (${reason})` : ""}`, () => {
  test.each([
    ["is closed at once", true],
    ["gets no call", false],
  ])("and %s: what it had used is in PostgreSQL as its file has it", async (_what, isClosedAtOnce) => {
    const url = (await database?.server.createDatabase(`restarted_${isClosedAtOnce}`)) ?? "";
    const pool = new Pool({ connectionString: url, max: 2 });
    pool.on("error", () => {});
    const nodes = await startGatewayNodes(url, { limits });
    const killed = await startNodeProcess(
      { node: "one", file: join(nodes.folder, "one.db"), baseUrl: nodes.vendor.baseUrl, limits },
      url,
    );
    onTestFinished(async () => {
      await killed.stop();
      await nodes.close();
      await pool.end();
    });
    void killed.call(100_000);
    await until(() => killed.answered.size >= 100, "the node is in the midst of it");
    await killed.kill();

    const again = await nodes.start("one");
    const counted = async () =>
      (await again.ledger.usage({ by: [], outcome: ["answered", "interrupted"] })).reduce((sum, { calls }) => sum + calls, 0);
    const told = async () => (await pool.query("select label, used::integer from dragoman.counters order by label")).rows;
    const expected = [
      { label: "all", used: await counted() },
      { label: "each, key k_1", used: await counted() },
    ];
    if (isClosedAtOnce) {
      await again.close();
      expect(await told()).toEqual(expected);
    } else await expect.poll(told, { timeout: 5_000 }).toEqual(expected);
    const { rows } = await pool.query("select distinct epoch::integer, orphan from dragoman.leases");
    expect(rows).toEqual([{ epoch: 2, orphan: isClosedAtOnce }]);
  });

  test("its standings have what others use, a moment after they used it, though nobody calls it", async () => {
    const url = (await database?.server.createDatabase("standings")) ?? "";
    const nodes = await startGatewayNodes(url, { limits });
    onTestFinished(() => nodes.close());
    const [one, idle] = await Promise.all([nodes.start("one"), nodes.start("idle")]);
    const used = () => idle.meter.standings().find(({ rule: name }) => name === "all")?.used;
    expect(used()).toBe(0);
    for (let count = 1; count <= 3; count += 1) {
      await one.as(caller(`call-${count}`)).complete(asking(String(count)));
      await until(() => used() === count, "the other node knows of it", 5_000);
    }
  });
});
