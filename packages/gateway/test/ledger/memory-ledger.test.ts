import { expect, test } from "vitest";
import { createMemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { NOON, record } from "./example-calls.ts";
import { ledgerCases } from "./ledger-cases.ts";

ledgerCases("the ledger in memory", { open: async (options) => createMemoryLedger(options) });

test("the ledger in memory keeps the latest calls, and no more than it may", async () => {
  const ledger = createMemoryLedger({ callsMax: 200 });
  for (let index = 0; index < 1_000; index++) ledger.close(record(`c${index}`, { startedAt: NOON + index }));
  const { calls } = await ledger.calls({ countMax: 1_000 });
  expect(calls.length).toBeLessThanOrEqual(200);
  expect(calls.length).toBeGreaterThan(150);
  expect(calls[0]?.id).toBe("c999");
  expect((await ledger.usage({ by: ["provider"] }))[0]?.attempts).toBe(calls.length);
  await ledger.end();
});
