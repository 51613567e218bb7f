/** A PostgreSQL that several nodes share, when it is slow, silent or gone: calls, limits and the ledger meanwhile and after it is back. */
import { type Completion, toDragomanError } from "@dragoman/llm";
import { Pool } from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import type { Gateway } from "../../src/gateway.ts";
import { rule } from "../limits/metering.ts";
import { asking, caller, type GatewayNodes, startGatewayNodes, until } from "../nodes/gateway-nodes.ts";
import { startSharedDatabase } from "../nodes/shared-database.ts";
import { type Relay, startRelay } from "./relay.ts";
import { footing } from "./scenarios/footing.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

/** Of a budget that is used up, and of one of which a node leases enough for the test. */
const [LITTLE, MUCH] = [60, 10_000] as const;
const DAY: LimitRule["window"] = { type: "calendar", unit: "day", timeZone: "UTC" };
const SLOW_MS = 400;

function limits(amount: number): readonly LimitRule[] {
  return [rule({ name: "shared", amount, window: DAY }), rule({ name: "session", amount, window: DAY, each: ["session"] })];
}

describe.skipIf(database === undefined)(`a shared store${reason ? ` (${reason})` : ""}`, () => {
  let names = 0;
  let url = "";
  let relay: Relay;
  let pool: Pool;
  let nodes: GatewayNodes;

  beforeEach(async () => {
    url = (await database?.server.createDatabase(`footing_${names++}`)) ?? "";
    relay = await startRelay(url);
    pool = new Pool({ connectionString: url, max: 1 });
    pool.on("error", () => {});
    nodes = await startGatewayNodes(url, { cache: { enabled: true, store: "store" } });
  });

  afterEach(async () => {
    await relay.open();
    await nodes.close();
    await pool.end();
    await relay.close();
  });

  /** Calls in one session, and what those that were answered cost. */
  function callsOf(gateway: Gateway) {
    const answered: Completion[] = [];
    let count = 0;

    async function call(session = "one"): Promise<string> {
      count += 1;
      const asked = { ...asking(`question ${count}`), metadata: { session } };
      try {
        answered.push(await gateway.as(caller(`call-${count}`)).complete(asked));
        return "answered";
      } catch (thrown) {
        return toDragomanError(thrown).code;
      }
    }

    return { answered, call, refusals: () => count - answered.length };
  }

  /** Every answer was asked of the vendor and is in PostgreSQL, each once and at its price; nothing else was sent. */
  async function checkAccounts(gateway: Gateway, { answered, refusals }: ReturnType<typeof callsOf>): Promise<void> {
    const kept = async () => {
      const { rows } = await pool.query<{ outcome: string; count: string; nano: string }>(
        "select outcome, count(*) as count, sum(known_nano_usd) as nano from dragoman.calls group by outcome",
      );
      return Object.fromEntries(
        rows.map(({ outcome, count, nano }) => [outcome, { count: Number(count), usd: Number(nano) / 1e9 }]),
      );
    };
    const isCopied = async () => {
      // A question has them copied now, and not within a second.
      await gateway.ledger.calls({ countMax: 1 });
      return ((await kept()).answered?.count ?? 0) >= answered.length;
    };
    await until(isCopied, "all calls are copied");
    const { answered: well, refused } = await kept();
    expect(well?.count).toBe(answered.length);
    expect(well?.usd).toBeCloseTo(
      answered.reduce((sum, { cost }) => sum + (cost?.totalUsd ?? Number.NaN), 0),
      9,
    );
    expect(refused?.count ?? 0).toBe(refusals());
    expect(nodes.vendor.requests).toHaveLength(answered.length);
  }

  async function started(amount: number) {
    const gateway = await nodes.start("one", { url: relay.url, configuration: { limits: limits(amount) } });
    const calls = callsOf(gateway);
    // It may take the first of them longer than a call waits to lease room.
    await until(async () => (await calls.call()) === "answered", "there is room");
    for (let index = 0; index < 3; index++) expect(await calls.call()).toBe("answered");
    return { gateway, calls };
  }

  test.each([
    [footing("PostgreSQL is slow"), () => relay.slow(SLOW_MS)],
    [footing("PostgreSQL is there and never answers"), () => relay.silence()],
  ])("%s", async (_name, begin) => {
    const { gateway, calls } = await started(MUCH);
    begin();
    // The cache is in PostgreSQL as well: it has 250 ms of the first calls.
    while (!nodes.notices.some(({ event }) => event === "cache.store-left-alone")) expect(await calls.call()).toBe("answered");
    const beganAt = performance.now();
    for (let index = 0; index < 5; index++) expect(await calls.call()).toBe("answered");
    // Less than one of them would have waited.
    expect(performance.now() - beganAt).toBeLessThan(2 * SLOW_MS);
    expect(await calls.call("another")).toBe("rate_limited");
    await relay.open();
    await until(async () => (await calls.call("another")) === "answered", "its limit has room again");
    expect(gateway.running).toBe(0);
    await checkAccounts(gateway, calls);
  });

  test(footing("PostgreSQL is gone"), async () => {
    const { gateway, calls } = await started(LITTLE);
    const { key, entry } = await gateway.tenancy.createKey({ name: "known" }, "test");
    await relay.shut();
    let last = "";
    for (let index = 0; index <= LITTLE && last !== "rate_limited"; index++) last = await calls.call();
    expect(last).toBe("rate_limited");
    expect(calls.answered.length).toBeGreaterThan(4);
    expect(calls.answered.length).toBeLessThanOrEqual(LITTLE);
    expect(gateway.tenancy.authenticate(key, {}).key).toBe(entry.id);
    expect((await gateway.ledger.calls({ outcome: ["answered"] })).calls).toHaveLength(calls.answered.length);
    await until(() => nodes.notices.some(({ event }) => event === "limits.cut-off"), "it is told");
    expect(nodes.notices.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["ledger.alone", "ledger.ship-behind", "cache.store-left-alone"]),
    );
    await relay.open();
    await until(async () => {
      await calls.call();
      return calls.answered.length >= LITTLE;
    }, "the rest of the budget is used");
    expect(await calls.call()).not.toBe("answered");
    expect(calls.answered).toHaveLength(LITTLE);
    await checkAccounts(gateway, calls);
  });

  test(footing("PostgreSQL is gone when a node starts"), async () => {
    await relay.shut();
    await expect(nodes.start("one", { url: relay.url })).rejects.toMatchObject({
      code: "configuration",
      detail: expect.stringContaining("PostgreSQL cannot be used"),
    });
    await relay.open();
    const { gateway, calls } = await started(LITTLE);
    await checkAccounts(gateway, calls);
  });
});
