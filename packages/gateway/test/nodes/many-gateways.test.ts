/** Several gateways over one PostgreSQL, in one process: what they share, and what a server that is slow or away does to them. */
import { toDragomanError } from "@dragoman/llm";
import { Pool } from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import type { Gateway } from "../../src/gateway.ts";
import { rule } from "../limits/metering.ts";
import { asking, caller, type GatewayNodes, startGatewayNodes, until } from "./gateway-nodes.ts";
import { startSharedDatabase } from "./shared-database.ts";
import { startSlowProxy } from "./slow-proxy.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

const DAY: LimitRule["window"] = { type: "calendar", unit: "day", timeZone: "UTC" };
const limits = (amount: number): LimitRule[] => [rule({ name: "shared", amount, window: DAY })];

describe.skipIf(database === undefined)(`several gateways${reason ? ` (${reason})` : ""}`, () => {
  let names = 0;
  let url = "";
  let nodes: GatewayNodes | undefined;

  beforeEach(async () => {
    url = (await database?.server.createDatabase(`case_${names++}`)) ?? "";
  });

  afterEach(async () => {
    await nodes?.close();
    nodes = undefined;
  });

  async function nodesOf(...given: Parameters<typeof startGatewayNodes> extends [string, ...infer Rest] ? Rest : never) {
    nodes = await startGatewayNodes(url, ...given);
    return nodes;
  }

  async function callAll(gateway: Gateway, name: string, count: number, atOnce = 8) {
    const outcomes = { answered: 0, refused: 0 };
    let next = 0;
    async function worker(): Promise<void> {
      for (let index = next++; index < count; index = next++) {
        const error = await gateway
          .as(caller(`${name}-${index}`))
          .complete(asking(`${name} ${index}`))
          .then(() => undefined, toDragomanError);
        if (error === undefined) outcomes.answered += 1;
        else if (error.code === "rate_limited" || error.code === "quota_exceeded") outcomes.refused += 1;
        else throw error;
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker));
    return outcomes;
  }

  test("one limit holds for all of them, to the last call, also for one that is added while they run", async () => {
    const { start, vendor } = await nodesOf({ limits: limits(100) });
    const [one, other] = await Promise.all([start("one"), start("other")]);
    const first = Promise.all([callAll(one, "one", 70), callAll(other, "other", 70)]);
    const added = await start("added");
    const outcomes = [...(await first), await callAll(added, "added", 30)];
    const answered = outcomes.reduce((sum, outcome) => sum + outcome.answered, 0);
    expect(vendor.requests.length).toBe(answered);
    expect(answered).toBeLessThanOrEqual(100);
    // What others hold and do not use comes back in their next round.
    let late = 0;
    await until(async () => {
      for (const [name, gateway] of Object.entries({ one, other, added }))
        late += (await callAll(gateway, `${name}-late-${late}-${Math.random()}`, 1, 1)).answered;
      return answered + late >= 100;
    }, "the last of the limit is used");
    expect(answered + late).toBe(100);
    const kept = async () => (await one.ledger.usage({ by: [], outcome: ["answered"] }))[0]?.calls;
    await until(async () => (await kept()) === 100, "the calls of all nodes are in PostgreSQL");
    expect(added.meter.standings()[0]).toMatchObject({ rule: "shared", amount: 100 });
  });

  test("a key that one node makes works on another within a second, and no longer once it is revoked", async () => {
    const { start } = await nodesOf();
    const [one, other] = await Promise.all([start("one"), start("other")]);
    const { key, entry } = await one.tenancy.createKey({ name: "shared" }, "test");
    const works = () => {
      try {
        return other.tenancy.authenticate(key, {}).key === entry.id;
      } catch {
        return false;
      }
    };
    await until(works, "the key works on the other node", 1_000);
    await other.tenancy.revokeKey(entry.id, "test");
    await until(
      () => {
        try {
          one.tenancy.authenticate(key, {});
          return false;
        } catch {
          return true;
        }
      },
      "the key works no longer",
      1_000,
    );
  });

  test("an answer that one node has cached is given by another", async () => {
    const { start, vendor } = await nodesOf({ cache: { enabled: true, store: "store" } });
    const [one, other] = await Promise.all([start("one"), start("other")]);
    await one.as(caller("a")).complete(asking());
    // No answer waits for the store that keeps it.
    const pool = new Pool({ connectionString: url, max: 1 });
    const isKept = async () => (await pool.query("select from dragoman.responses")).rowCount === 1;
    await until(isKept, "it is kept").finally(() => pool.end());
    const hit = await other.as(caller("b")).complete(asking());
    expect(hit.cached).toBeDefined();
    expect(vendor.requests.length).toBe(1);
  });

  test("a node with another pepper does not start, and is told which variable to set", async () => {
    const { start } = await nodesOf();
    await start("one");
    await expect(start("other", { pepper: "another pepper, which is long enough too" })).rejects.toMatchObject({
      code: "configuration",
      advice: expect.stringContaining("DRAGOMAN_PEPPER"),
    });
  });

  test("a second process of one name leaves the first without leases, and the first says so", async () => {
    const { start, notices } = await nodesOf({ limits: limits(100) });
    const one = await start("same");
    await one.as(caller("a")).complete(asking());
    const again = await start("same");
    await again.as(caller("b")).complete(asking());
    await until(() => notices.some(({ message }) => message.includes("another process renews")), "the first is told");
    await again.as(caller("c")).complete(asking());
  });

  test("tables of a newer program are not touched", async () => {
    const { start } = await nodesOf();
    await (await start("one")).close();
    const { Client } = await import("pg");
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("update dragoman.schema_version set version = 99");
    await client.end();
    await expect(start("other")).rejects.toMatchObject({
      code: "configuration",
      detail: expect.stringContaining("have version 99"),
    });
  });

  test("a slow server slows no call that has room", async () => {
    const proxy = await startSlowProxy(url);
    const { start } = await nodesOf({ limits: limits(100_000) });
    const gateway = await start("one", { url: proxy.url });
    await callAll(gateway, "warm", 30);
    await until(
      () => gateway.meter.check({ key: "k_1" }, "call", { requests: 9, inputTokens: 1, outputTokens: 1 }) === undefined,
      "room",
    );
    proxy.delayMs = 150;
    const beganAt = performance.now();
    for (let index = 0; index < 8; index += 1) await gateway.as(caller(`slow-${index}`)).complete(asking(`slow ${index}`));
    // One wait for the server would alone take twice the delay.
    expect((performance.now() - beganAt) / 8).toBeLessThan(100);
    proxy.delayMs = 0;
    await gateway.close();
    await proxy.close();
  });
});
