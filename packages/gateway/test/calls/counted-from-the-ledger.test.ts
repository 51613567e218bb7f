import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamEvent } from "@dragoman/llm";
import { type FakeVendorOptions, startFakeVendor } from "@dragoman/llm/testing";
import { expect, onTestFinished, test } from "vitest";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";

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
