/** Money over the wire: calls over loopback HTTP to fake vendors that fail in every way, on a SQLite file that is closed and opened in the middle. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompletionCall, fold } from "@dragoman/llm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LimitRule } from "../../src/configuration.ts";
import type { Gateway } from "../../src/gateway.ts";
import { createServer } from "../../src/http/server.ts";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import { until } from "../nodes/gateway-nodes.ts";
import { principalOf } from "./keys.ts";
import { AT_ONCE, allRecords, beginCounts, expectAtRest, expectExactly, expectStandings, expectSums } from "./laws.ts";
import { HELD } from "./money-process.ts";
import { nanoOf } from "./prices.ts";
import { DAYS, NOW, rule, YEAR } from "./rules.ts";
import { runSampled, sampleOf } from "./seed.ts";
import { drive, functionDoor, holdStream, httpDoor, type MadeWireCall } from "./wire-driver.ts";
import { openWireGateway } from "./wire-gateway.ts";
import { byCallName, expectWireBook, expectWireSeen } from "./wire-laws.ts";
import { routeOf, type WireCall, wireCall } from "./wire-plan.ts";
import { startWireVendors, type WireVendors } from "./wire-vendors.ts";
import { createWitness } from "./witness.ts";

const CALLS = 700;
const SEED = 511;

const RULES: readonly LimitRule[] = [
  rule({ name: "teams", metric: "usd", amount: 0.02, window: YEAR, each: ["team"] }),
  rule({ name: "dan", metric: "usd", amount: 0.012, window: DAYS, of: { key: ["dan"] } }),
  rule({ name: "second vendor", metric: "usd", amount: 0.05, window: DAYS, of: { provider: ["anthropic"] } }),
  rule({ name: "tokens", metric: "tokens", amount: 13_000, window: DAYS, each: ["key"] }),
  rule({ name: AT_ONCE, metric: "concurrency", amount: 7, window: NOW, each: ["key"] }),
];

/** What a client is told by a gateway that is about to end. */
const STOPPING = "503";
const isOverHttp = (index: number): boolean => index % 4 === 3;

let vendors: WireVendors;
let folder: string;
beforeAll(async () => {
  vendors = await startWireVendors();
  folder = mkdtempSync(join(tmpdir(), "dragoman-money-"));
});
afterAll(async () => {
  await vendors.close();
  rmSync(folder, { recursive: true, force: true });
});

test("every request of a vendor is in the ledger once, at what the vendor told", { timeout: 60_000 }, async () => {
  const plans = sampleOf(wireCall, CALLS, SEED);
  await runSampled(SEED, plans, async () => {
    const witness = createWitness(RULES, { strict: true });

    async function open() {
      const gateway = await openWireGateway({
        store: { type: "sqlite", file: join(folder, "gateway.db") },
        urls: vendors.urls,
        rules: RULES,
        observers: [witness.watch().observer],
      });
      const server = createServer({ gateway });
      const url = await server.listen({ port: 0 });
      const close = async (): Promise<void> => {
        await gateway.close();
        await server.close();
      };
      return { gateway, close, asFunction: functionDoor(gateway), overHttp: httpDoor(url) };
    }

    let world = await open();
    const made = await drive({
      letter: "w",
      plans,
      doorOf: async (index) => {
        if (index % 250 === 249) {
          await world.close();
          world = await open();
        }
        return isOverHttp(index) ? world.overHttp : world.asFunction;
      },
    });
    await until(() => world.gateway.running === 0, "all calls have ended");
    const records = await expectAllLaws(world.gateway);
    await world.close();
    world = await open();
    beginCounts(world.gateway, ["anthropic"]);
    expect(await expectAllLaws(world.gateway, true)).toEqual(records);
    await world.close();
    const outcomes = [...records.values()].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(expect.arrayContaining(["answered", "failed", "cut", "aborted", "refused"]));

    async function expectAllLaws(gateway: Gateway, isComplete = false): Promise<ReadonlyMap<string, CallRecord>> {
      const ledger = await allRecords(gateway.ledger);
      const records = byCallName(ledger);
      // A client over HTTP may have left before the gateway heard of it, or have come when it took no more.
      const isUnheard = ({ seen }: MadeWireCall): boolean =>
        seen?.type === "left" || (seen?.type === "failed" && seen.code === STOPPING);
      const unheard = made.filter((one, index) => !records.has(one.id) && isOverHttp(index) && isUnheard(one));
      const heard = made.filter((one) => !unheard.includes(one));
      expectExactly(
        records,
        heard.map(({ id }) => id),
      );
      expect(heard.length).toBeGreaterThan(CALLS * 0.95);
      await expectWireBook(records, vendors);
      expectWireSeen(made, records);
      await expectSums(gateway.ledger, ledger);
      expectAtRest(gateway);
      expectStandings(gateway.meter.standings(), RULES, ledger, { isComplete });
      witness.checkBounds();
      expect(witness.broken).toEqual([]);
      return records;
    }
  });
});

test("the same request costs the same, whole and streamed, to the billionth", async () => {
  const gateway = await openWireGateway({ store: { type: "memory" }, urls: vendors.urls, rules: [] });
  const provider = gateway.as({ principal: principalOf("dan") });
  const routes = [
    routeOf({ trouble: "none", way: "complete", fallsBack: false }),
    routeOf({ trouble: "500", way: "complete", fallsBack: true }),
  ];
  const requests = routes.flatMap((model) =>
    Array.from({ length: 25 }, (_, index): CompletionCall => {
      const text = `call-t00000${" same".repeat(index)}${" each".repeat(index % 7)}`;
      return { model, messages: [{ role: "user", parts: [{ type: "text", text }] }], maxOutputTokens: 3 + index };
    }),
  );
  await Promise.all(
    requests.map(async (request) => {
      const [whole, streamed] = await Promise.all([provider.complete(request), fold(provider.stream(request))]);
      expect(whole.cost?.totalUsd).toBeGreaterThan(0);
      expect(streamed.cost?.totalUsd).toBe(whole.cost?.totalUsd);
    }),
  );
  const [complete, stream] = await Promise.all(
    (["complete", "stream"] as const).map(async (operation) => {
      const { calls } = await gateway.ledger.calls({ countMax: 1_000 });
      const own = calls.filter((record) => record.operation === operation);
      return own.map(({ knownCostUsd, usage, route }) =>
        [route, nanoOf(knownCostUsd), usage.inputTokens, usage.outputTokens].join(" "),
      );
    }),
  );
  expect(complete).toHaveLength(requests.length);
  expect(stream?.toSorted()).toEqual(complete?.toSorted());
  await gateway.close();
});

test("a reader that stands still while the gateway closes: its call is interrupted, once, and what it reads later adds nothing", async () => {
  const file = join(folder, "still.db");
  const open = () => openWireGateway({ store: { type: "sqlite", file }, urls: vendors.urls, rules: [] });
  const gateway = await open();
  const plan: WireCall = { ...HELD, words: 3 };
  const events = await holdStream(gateway, { id: "call-s00000", plan, seen: undefined });
  await gateway.close();
  const again = await open();
  const [record, ...others] = [...(await allRecords(again.ledger)).values()];
  expect(others).toEqual([]);
  expect(record).toMatchObject({ id: "call-s00000", outcome: "interrupted", estimated: true, costUsd: record?.reserved.usd });
  while ((await events.next()).done !== true);
  expect([...(await allRecords(again.ledger)).values()]).toEqual([record]);
  await again.close();
});
