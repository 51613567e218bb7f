import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamEvent } from "@dragoman/llm";
import { type FakeVendorOptions, startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";

const YEAR = { type: "calendar", unit: "year", timeZone: "UTC" } as const;
const call = (text = "hello") => ({
  model: "a",
  messages: [{ role: "user" as const, parts: [{ type: "text" as const, text }] }],
});
const caller = (requestId: string) => ({ principal: { key: "k", team: "t", restrictions: {} }, requestId });

async function world(more: PartialGatewayConfiguration, options: FakeVendorOptions = {}) {
  const vendor = await startFakeVendor("openai", options);
  const folder = mkdtempSync(join(tmpdir(), "dragoman-restart-"));
  const open = () =>
    createGateway(
      completeConfiguration({
        store: `sqlite:${join(folder, "g.db")}`,
        models: { a: { targets: ["openai:gpt-4.1-mini"] } },
        teams: { t: {} },
        ...more,
        providers: { openai: { baseUrl: vendor.baseUrl, key: "env:K", options: { wire: "chat" } } },
      }),
      { environment: { K: "sk-0123456789abcdef0123" } },
    );
  onTestFinished(async () => {
    await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { open, vendor };
}

test("an answer that is shared is in the budget after a restart as before it", async () => {
  const { open } = await world({
    cache: { enabled: true },
    limits: [{ name: "budget", metric: "usd", amount: 1, window: YEAR }],
  });
  const gateway = await open();
  // The first reads slowly, the second overtakes it.
  const first = gateway.as(caller("first")).stream(call())[Symbol.asyncIterator]();
  await first.next();
  for await (const event of gateway.as(caller("second")).stream(call())) void (event satisfies StreamEvent);
  while ((await first.next()).done !== true);
  const before = gateway.meter.standings()[0]?.used;
  await gateway.close();
  const again = await open();
  const after = again.meter.standings()[0]?.used;
  await again.close();
  expect(after).toBe(before);
});

test("the first call after the start counts once in a limit of its vendor", async () => {
  const { open } = await world({
    limits: [{ name: "vendor", metric: "usd", amount: 1, window: YEAR, of: { provider: ["openai"] }, each: ["provider"] }],
  });
  const gateway = await open();
  const { cost } = await gateway.as(caller("one")).complete(call());
  const used = gateway.meter.standings()[0]?.used;
  await gateway.close();
  expect(used).toBeCloseTo(cost?.totalUsd ?? 0, 9);
});

test("the first call after the start finds room for itself in a limit of its vendor", async () => {
  const { open } = await world({
    limits: [{ name: "vendor", metric: "requests", amount: 1, window: YEAR, of: { provider: ["openai"] } }],
  });
  const gateway = await open();
  await gateway
    .as(caller("one"))
    .complete(call())
    .finally(() => gateway.close());
});

describe("requests count after a restart as before it", () => {
  const requests = { name: "requests", metric: "requests", amount: 10, window: YEAR } as const;

  async function expectSame(
    open: () => Promise<Gateway>,
    use: (gateway: Gateway) => Promise<void>,
    count: number,
  ): Promise<void> {
    const used = ({ meter }: Gateway) => meter.standings().find(({ rule }) => rule === requests.name)?.used;
    const gateway = await open();
    await use(gateway);
    expect(used(gateway)).toBe(count);
    await gateway.close();
    const again = await open();
    expect(used(again)).toBe(count);
    await again.close();
  }

  test("a call that was left in line is none", async () => {
    const queue = { type: "queue", waitMaxMs: 60_000, lengthMax: 5 } as const;
    const { open } = await world(
      { limits: [requests, { name: "at once", metric: "concurrency", amount: 1, overflow: queue }] },
      { chunkDelayMs: 5 },
    );
    const leaveInLine = async (gateway: Gateway): Promise<void> => {
      const stream = gateway.as(caller("one")).stream(call())[Symbol.asyncIterator]();
      await stream.next();
      const controller = new AbortController();
      const waiting = gateway.as(caller("two")).complete({ ...call(), signal: controller.signal });
      controller.abort();
      await expect(waiting).rejects.toThrow();
      while ((await stream.next()).done !== true);
    };
    await expectSame(open, leaveInLine, 1);
  });

  test("an answer of the cache is one", async () => {
    const { open } = await world({ cache: { enabled: true }, limits: [requests] });
    const askThrice = async (gateway: Gateway): Promise<void> => {
      for (const id of ["one", "two", "three"]) await gateway.as(caller(id)).complete(call());
    };
    await expectSame(open, askThrice, 3);
  });

  test("a call for which no target had room is none", async () => {
    const { open } = await world({
      limits: [requests, { name: "vendor", metric: "tokens", amount: 1, window: YEAR, of: { provider: ["openai"] } }],
    });
    const ask = async (gateway: Gateway): Promise<void> => {
      await expect(gateway.as(caller("one")).complete(call())).rejects.toThrow();
    };
    await expectSame(open, ask, 0);
  });
});

describe("two calls under one id", () => {
  test("at once: the one that was let in keeps its record, the other is refused under an id of its own", async () => {
    const { open } = await world({});
    const gateway = await open();
    const [first, second] = await Promise.allSettled(["same", "same"].map((id) => gateway.as(caller(id)).complete(call())));
    const { calls } = await gateway.ledger.calls({});
    await gateway.close();
    expect(first?.status).toBe("fulfilled");
    expect(second).toMatchObject({ status: "rejected", reason: { code: "invalid_request", field: "requestId" } });
    expect(calls).toHaveLength(2);
    expect(calls.find(({ id }) => id === "same")).toMatchObject({ outcome: "answered", estimated: false });
    expect(calls.find(({ id }) => id !== "same")).toMatchObject({ outcome: "refused", code: "invalid_request" });
  });

  test("where the second is refused before: the first keeps its record", async () => {
    const { open } = await world({ limits: [{ name: "one", metric: "requests", amount: 1, window: YEAR }] });
    const gateway = await open();
    const [first, second] = await Promise.allSettled(["same", "same"].map((id) => gateway.as(caller(id)).complete(call())));
    const record = await gateway.ledger.call("same");
    await gateway.close();
    expect([first?.status, second?.status]).toEqual(["fulfilled", "rejected"]);
    expect(record).toMatchObject({ outcome: "answered" });
  });
});

test("a call that comes while the gateway stops is in the ledger as refused", async () => {
  const { open } = await world({}, { chunkDelayMs: 5 });
  const gateway = await open();
  const stream = gateway.as(caller("runs")).stream(call())[Symbol.asyncIterator]();
  await stream.next();
  const drained = gateway.drain(60_000);
  await expect(gateway.as(caller("late")).complete(call())).rejects.toThrow(/stopping/);
  while ((await stream.next()).done !== true);
  await drained;
  expect(await gateway.ledger.call("late")).toMatchObject({ outcome: "refused", code: "provider_unavailable" });
  await gateway.close();
});
