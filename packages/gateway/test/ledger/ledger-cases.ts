/** What every ledger does alike. */
import { DragomanError } from "@dragoman/llm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UsageRow } from "../../src/ledger/ledger.ts";
import type { LocalLedger, LocalLedgerOptions } from "../../src/ledger/local-ledger.ts";
import { attempt, fallenBack, NOON, openCall, record, refused } from "./example-calls.ts";

const HOUR = 3_600_000;

export interface LedgerSubject {
  open(options: LocalLedgerOptions): Promise<LocalLedger>;
  /** After the ledger has ended. */
  clean?(): void;
}

export function ledgerCases(name: string, subject: LedgerSubject): void {
  describe(name, () => {
    let ledger: LocalLedger;
    let now = NOON + 2 * HOUR;

    async function reopen(options: LocalLedgerOptions = {}): Promise<void> {
      await ledger?.end();
      ledger = await subject.open({ now: () => now, ...options });
    }

    beforeEach(async () => {
      now = NOON + 2 * HOUR;
      ledger = await subject.open({ now: () => now });
    });

    afterEach(async () => {
      await ledger.end();
      subject.clean?.();
    });

    function settle(...records: readonly ReturnType<typeof record>[]): void {
      for (const one of records) {
        ledger.open(one);
        ledger.close(one);
      }
    }

    describe("keeps calls", () => {
      test("gives back a record as it was, before and after it is in the tables", async () => {
        const one = fallenBack("c1", {
          tags: { project: 'a"b', $x: "1" },
          session: "s",
          user: "u",
          team: "t",
          firstTokenMs: 12.5,
        });
        settle(one);
        expect(await ledger.call("c1")).toEqual(one);
        await ledger.calls({});
        expect(await ledger.call("c1")).toEqual(one);
      });

      test("does not know a call that was never there, nor one that is still open", async () => {
        ledger.open(openCall("open"));
        expect(await ledger.call("open")).toBeUndefined();
        expect(await ledger.call("never")).toBeUndefined();
        expect((await ledger.calls({})).calls).toEqual([]);
        expect(ledger.openCount).toBe(1);
      });

      test("refuses to open an id twice: open, settled, or in the tables", async () => {
        ledger.open(openCall("c1"));
        expect(() => ledger.open(openCall("c1"))).toThrow(/invalid_request.*c1 is in the ledger already/);
        ledger.close(record("c1"));
        expect(() => ledger.open(openCall("c1"))).toThrow(/invalid_request/);
        await ledger.calls({});
        expect(() => ledger.open(openCall("c1"))).toThrow(/invalid_request/);
      });

      test("keeps the first of two settlements", async () => {
        settle(record("c1", { costUsd: 0.01 }));
        ledger.close(record("c1", { costUsd: 5, knownCostUsd: 5 }));
        await ledger.calls({});
        ledger.close(record("c1", { costUsd: 7, knownCostUsd: 7 }));
        expect((await ledger.usage({ by: [] }))[0]).toMatchObject({ calls: 1, costUsd: 0.01 });
      });

      test("keeps a refused call that was never opened, and none of an id that is another's: open, settled, or in the tables", async () => {
        expect(ledger.refuse(refused("r1"))).toBe(true);
        ledger.open(openCall("c1"));
        expect(ledger.refuse(refused("c1"))).toBe(false);
        expect(ledger.openCount).toBe(1);
        ledger.close(record("c1"));
        expect(ledger.refuse(refused("c1"))).toBe(false);
        expect((await ledger.calls({ outcome: ["refused"] })).calls.map(({ id }) => id)).toEqual(["r1"]);
        expect(ledger.refuse(refused("c1"))).toBe(false);
        expect((await ledger.call("c1"))?.outcome).toBe("answered");
      });

      test("cuts what is too long, and keeps secrets out", async () => {
        const tags = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`t${index}`, "v".repeat(900)]));
        settle(
          record("c1", {
            detail: "x".repeat(5_000),
            session: "s".repeat(5_000),
            tags,
            usage: { inputTokens: 1, outputTokens: 1, raw: "r".repeat(9_000) },
            attempts: [attempt({ detail: "key sk-abcdefgh12345678 is wrong" })],
            warnings: Array.from({ length: 80 }, () => "w"),
          }),
        );
        const kept = await ledger.call("c1");
        expect(kept?.detail).toHaveLength(2_000);
        expect(kept?.session).toHaveLength(500);
        expect(kept?.session?.endsWith("…")).toBe(true);
        expect(Object.keys(kept?.tags ?? {})).toHaveLength(32);
        expect(kept?.usage).toEqual({ inputTokens: 1, outputTokens: 1 });
        expect(kept?.attempts[0]?.detail).toBe("key *** is wrong");
        expect(kept?.warnings).toHaveLength(50);
        expect((await ledger.calls({ of: { session: ["s".repeat(5_000)] } })).calls).toHaveLength(1);
      });
    });

    describe("lists calls", () => {
      test("newest first, in pages that neither repeat nor leave out, also within one moment", async () => {
        for (let index = 0; index < 25; index++) settle(record(`c${index}`, { startedAt: NOON + Math.floor(index / 6) }));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await ledger.calls({ countMax: 4, ...(cursor === undefined ? {} : { cursor }) });
          seen.push(...page.calls.map(({ id }) => id));
          cursor = page.cursor;
        } while (cursor !== undefined);
        expect(seen).toHaveLength(25);
        expect(new Set(seen).size).toBe(25);
        expect(seen[0]).toBe("c24");
      });

      test("by span, dimensions, tags and outcome", async () => {
        settle(
          record("a", { startedAt: NOON, team: "red", tags: { env: "prod" } }),
          record("b", { startedAt: NOON + 10, team: "blue", tags: { env: "prod" } }),
          fallenBack("c", { startedAt: NOON + 20, team: "red" }),
          record("d", { startedAt: NOON + 30, team: "red", outcome: "failed" }),
        );
        const ids = async (filter: Parameters<LocalLedger["calls"]>[0]) => (await ledger.calls(filter)).calls.map(({ id }) => id);
        expect(await ids({ from: NOON + 10, to: NOON + 30 })).toEqual(["c", "b"]);
        expect(await ids({ of: { team: ["red"] } })).toEqual(["d", "c", "a"]);
        expect(await ids({ of: { team: ["red", "blue"], key: ["k_1"] }, outcome: ["answered"] })).toEqual(["c", "b", "a"]);
        expect(await ids({ tags: { env: "prod" } })).toEqual(["b", "a"]);
        expect(await ids({ of: { provider: ["anthropic"] } })).toEqual(["c"]);
        expect(await ids({ of: { provider: ["openai"], model: ["claude"] } })).toEqual([]);
        expect(await ids({ of: { provider: ["mistral"] } })).toEqual([]);
        expect(await ids({ of: { key: [] } })).toEqual([]);
      });

      test("refuses a cursor and a count that are none", async () => {
        await expect(ledger.calls({ cursor: "nonsense" })).rejects.toThrow(/invalid_request.*cursor/);
        await expect(ledger.calls({ countMax: 0 })).rejects.toThrow(/invalid_request/);
      });
    });

    describe("adds up", () => {
      const sums = ({ by: _by, durationP50Ms: _p50, durationP95Ms: _p95, firstTokenP50Ms: _first, ...rest }: UsageRow) => rest;

      test("one row of nothing where there are no calls, and no row by a dimension", async () => {
        expect(await ledger.usage({ by: [] })).toHaveLength(1);
        expect((await ledger.usage({ by: [] }))[0]).toMatchObject({ by: {}, calls: 0, costUsd: 0 });
        expect(await ledger.usage({ by: ["key"] })).toEqual([]);
      });

      test("calls as a whole by what calls have", async () => {
        settle(
          record("a", { team: "red" }),
          fallenBack("b", { team: "red" }),
          record("c", { cached: { ageMs: 5, savedUsd: 0.5 }, attempts: [], costUsd: 0, knownCostUsd: 0, usage: {} }),
        );
        ledger.close(refused("d", { team: "red" }));
        const [red, none] = await ledger.usage({ by: ["team"] });
        expect(red?.by).toEqual({ team: "red" });
        expect(none?.by).toEqual({});
        expect(sums(red ?? failed())).toEqual({
          calls: 3,
          attempts: 3,
          outcomes: { answered: 2, refused: 1 },
          inputTokens: 240,
          outputTokens: 100,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          reasoningTokens: 0,
          costUsd: 0.04,
          failedCostUsd: 0.01,
          unpriced: 0,
          estimated: 0,
          cached: 0,
          savedUsd: 0,
        });
        expect(none).toMatchObject({ calls: 1, cached: 1, savedUsd: 0.5 });
      });

      test("each attempt where it was made, by provider and model", async () => {
        settle(
          record("a"),
          fallenBack("b"),
          record("twice", {
            attempts: [attempt({ outcome: "failed", costUsd: 0.005 }), attempt({ number: 2 })],
            costUsd: 0.015,
            knownCostUsd: 0.015,
          }),
        );
        const rows = await ledger.usage({ by: ["provider", "model"] });
        expect(rows.map(({ by }) => by)).toEqual([
          { provider: "openai", model: "gpt-5" },
          { provider: "anthropic", model: "claude" },
        ]);
        expect(rows[0]).toMatchObject({ calls: 3, attempts: 4, costUsd: 0.035, failedCostUsd: 0.015, outcomes: { answered: 3 } });
        expect(rows[1]).toMatchObject({ calls: 1, attempts: 1, inputTokens: 100, costUsd: 0.02, failedCostUsd: 0 });
        expect((await ledger.usage({ by: ["day"], of: { provider: ["anthropic"] } }))[0]).toMatchObject({
          calls: 1,
          costUsd: 0.02,
        });
      });

      test("counts what is not known instead of taking it for nothing", async () => {
        const { costUsd: _costUsd, ...unpriced } = record("a", { knownCostUsd: 0, estimated: true });
        const { costUsd: _ofAttempt, ...free } = attempt({ estimated: true });
        settle({ ...unpriced, attempts: [free] });
        expect((await ledger.usage({ by: [] }))[0]).toMatchObject({ unpriced: 1, estimated: 1, costUsd: 0 });
        expect((await ledger.usage({ by: ["provider"] }))[0]).toMatchObject({ unpriced: 1, estimated: 1, costUsd: 0 });
      });

      test("by hour, day and month of a place, over the change of the clocks", async () => {
        const autumn = Date.UTC(2026, 9, 24, 23, 30);
        for (let index = 0; index < 4; index++) settle(record(`c${index}`, { startedAt: autumn + index * HOUR }));
        const labels = async (unit: "hour" | "day" | "month", timeZone: string) =>
          (await ledger.usage({ by: [unit], timeZone })).map(({ by, calls }) => `${by[unit]} ${calls}`).toSorted();
        expect(await labels("hour", "Europe/Berlin")).toEqual([
          "2026-10-25T01:00+02:00 1",
          "2026-10-25T02:00+01:00 1",
          "2026-10-25T02:00+02:00 1",
          "2026-10-25T03:00+01:00 1",
        ]);
        expect(await labels("day", "UTC")).toEqual(["2026-10-24 1", "2026-10-25 3"]);
        expect(await labels("day", "America/New_York")).toEqual(["2026-10-24 4"]);
        expect(await labels("month", "Pacific/Auckland")).toEqual(["2026-10 4"]);
      });

      test("by tags, whatever their names", async () => {
        settle(record("a", { tags: { 'pro"ject': "x", "$.y": "1" } }), record("b", { tags: { "$.y": "2" } }), record("c"));
        const rows = await ledger.usage({ by: ['tag:pro"ject', "tag:$.y"] });
        const values = rows.map(({ by }) => [by['tag:pro"ject'], by["tag:$.y"]]);
        expect(values).toHaveLength(3);
        expect(values).toEqual(
          expect.arrayContaining([
            ["x", "1"],
            [undefined, "2"],
            [undefined, undefined],
          ]),
        );
      });

      test("the dearest first, and no more than asked for", async () => {
        for (let index = 1; index <= 5; index++)
          settle(record(`c${index}`, { key: `k${index}`, costUsd: index, knownCostUsd: index }));
        expect((await ledger.usage({ by: ["key"], countMax: 2 })).map(({ by }) => by.key)).toEqual(["k5", "k4"]);
      });

      test("percentiles within one per cent of the real ones", async () => {
        for (let index = 1; index <= 200; index++) settle(record(`c${index}`, { durationMs: index * 10, firstTokenMs: index }));
        ledger.close(refused("r", { durationMs: 900_000 }));
        const [row] = await ledger.usage({ by: [] });
        expect(Math.abs((row?.durationP50Ms ?? 0) / 1_000 - 1)).toBeLessThan(0.011);
        expect(Math.abs((row?.durationP95Ms ?? 0) / 1_900 - 1)).toBeLessThan(0.011);
        expect(Math.abs((row?.firstTokenP50Ms ?? 0) / 100 - 1)).toBeLessThan(0.011);
      });

      test("money to the last billionth, where floating point would err", async () => {
        for (let index = 0; index < 1_000; index++) settle(record(`c${index}`, { costUsd: 0.1, knownCostUsd: 0.1 }));
        settle(
          record("dear", { costUsd: 8_000_000, knownCostUsd: 8_000_000 }),
          record("cheap", { costUsd: 1e-9, knownCostUsd: 1e-9 }),
        );
        expect((await ledger.usage({ by: [] }))[0]?.costUsd).toBe(8_000_100.000000001);
      });

      test("refuses what is no dimension, and what is no time zone", async () => {
        await expect(ledger.usage({ by: ["tag:"] })).rejects.toThrow(/invalid_request/);
        await expect(ledger.usage({ by: ["key", "key"] })).rejects.toThrow(/twice/);
        await expect(ledger.usage({ by: ["day"], timeZone: "Europe/Atlantis" })).rejects.toThrow(/Atlantis/);
      });

      test("takes questions at the same time one after the other", async () => {
        settle(record("a"), record("b", { key: "k_2" }));
        const [one, other] = await Promise.all([ledger.usage({ by: ["key"] }), ledger.usage({ by: [] })]);
        expect(one).toHaveLength(2);
        expect(other[0]?.calls).toBe(2);
      });
    });

    describe("tells what is used", () => {
      test("by open calls at what is reserved, by settled ones at what they took, wherever they stand", async () => {
        settle(record("old", { startedAt: NOON - HOUR }), record("in-tables"));
        await ledger.calls({});
        settle(record("waiting", { startedAt: NOON + 1 }));
        ledger.open(openCall("open", { startedAt: NOON + 2 }));
        ledger.close(refused("refused"));
        const of = { key: "k_1" };
        expect(ledger.used("requests", of, NOON).amount).toBe(3);
        expect(ledger.used("tokens", of, NOON).amount).toBe(130 + 130 + 150);
        expect(ledger.used("input-tokens", of, NOON).amount).toBe(90 + 90 + 100);
        expect(ledger.used("output-tokens", of, NOON).amount).toBe(40 + 40 + 50);
        expect(ledger.used("usd", of, NOON).amount).toBe(0.04);
        expect(ledger.used("concurrency", of, NOON)).toEqual({ amount: 1, slices: [] });
        expect(ledger.used("requests", { key: "k_2" }, NOON)).toEqual({ amount: 0, slices: [] });
        expect(ledger.used("requests", {}, NOON - 2 * HOUR).amount).toBe(4);
      });

      test("at a target by attempts that were made there, and by open calls that ask it first", async () => {
        settle(fallenBack("a"));
        await ledger.calls({});
        settle(fallenBack("b"));
        ledger.open(openCall("c", { firstTarget: { provider: "anthropic", model: "claude" } }));
        ledger.open(openCall("d"));
        expect(ledger.used("usd", { provider: "anthropic" }, NOON).amount).toBe(0.06);
        expect(ledger.used("requests", { provider: "openai", key: "k_1" }, NOON).amount).toBe(2);
        expect(ledger.used("requests", { provider: "mistral" }, NOON).amount).toBe(0);
        expect(ledger.used("tokens", { model: "claude" }, NOON).amount).toBe(150 + 150 + 150);
      });

      test("in slices of time, at most sixty, oldest first, which add up", async () => {
        for (let index = 0; index < 240; index++) settle(record(`c${index}`, { startedAt: NOON + index * 20_000 }));
        const { amount, slices } = ledger.used("requests", {}, NOON);
        expect(amount).toBe(240);
        expect(slices.length).toBeLessThanOrEqual(60);
        expect(slices.length).toBeGreaterThan(30);
        expect(slices.reduce((sum, slice) => sum + slice.amount, 0)).toBe(240);
        expect(slices.map(({ at }) => at)).toEqual(slices.map(({ at }) => at).toSorted((one, other) => one - other));
        expect(slices.at(-1)?.at).toBe(NOON + 239 * 20_000);
        await ledger.calls({});
        expect(ledger.used("requests", {}, NOON)).toEqual({ amount, slices });
      });

      test("may be taken off the ledger as a function", () => {
        const { used } = ledger;
        expect(used("requests", {}, NOON).amount).toBe(0);
      });
    });

    describe("prices anew", () => {
      test("each attempt as it is told, the call as their sum, and tells what came of it", async () => {
        settle(record("a"), fallenBack("b"), record("other", { startedAt: NOON + HOUR }));
        const report = await ledger.reprice({ to: NOON + 1 }, ({ attempts }) => ({
          attempts: attempts.map((one) => (one.provider === "openai" ? { costUsd: 0.5, catalogue: "own" } : undefined)),
        }));
        expect(report).toEqual({ calls: 2, changed: 2, beforeUsd: 0.04, afterUsd: 1.02 });
        expect(await ledger.call("b")).toMatchObject({ costUsd: 0.52, knownCostUsd: 0.52, catalogue: "2026-03" });
        expect(await ledger.call("a")).toMatchObject({ costUsd: 0.5, catalogue: "own" });
        expect((await ledger.usage({ by: ["provider"] })).map(({ costUsd }) => costUsd)).toEqual([1.01, 0.02]);
        expect((await ledger.usage({ by: [] }))[0]?.failedCostUsd).toBe(0.5);
      });

      test("takes a price away where there is none, and leaves what is not told", async () => {
        settle(record("a"), record("b"));
        const unknown = { attempts: [{ costUsd: undefined, catalogue: "2027" }] };
        const report = await ledger.reprice({}, ({ id }) => (id === "a" ? unknown : undefined));
        expect(report).toMatchObject({ calls: 2, changed: 1, afterUsd: 0.01 });
        expect(await ledger.call("a")).not.toHaveProperty("costUsd");
        expect((await ledger.usage({ by: [] }))[0]).toMatchObject({ unpriced: 1, costUsd: 0.01 });
      });
    });

    describe("ships and forgets", () => {
      test("settled calls after a number, again when their price changed, and never a number twice", async () => {
        settle(record("a"), record("b"), record("c"));
        const first = await ledger.unshipped(0, 2);
        expect(first.map(({ record: { id } }) => id)).toEqual(["a", "b"]);
        const rest = await ledger.unshipped(first.at(-1)?.sequence ?? 0, 10);
        expect(rest.map(({ record: { id } }) => id)).toEqual(["c"]);
        const last = rest.at(-1)?.sequence ?? 0;
        await ledger.reprice({}, ({ id }) => (id === "a" ? { attempts: [{ costUsd: 1, catalogue: "own" }] } : undefined));
        await ledger.forget(NOON + HOUR);
        settle(record("d", { startedAt: NOON + 2 * HOUR }));
        const later = await ledger.unshipped(last, 10);
        expect(later.map(({ record: { id } }) => id)).toEqual(["d"]);
        expect(later[0]?.sequence).toBeGreaterThan(last + 1);
      });

      test("calls that began before, with all that hangs on them, and says how many", async () => {
        for (let index = 0; index < 250; index++) settle(record(`c${index}`, { startedAt: NOON + index }));
        expect(await ledger.forget(NOON + 240)).toBe(240);
        expect((await ledger.calls({})).calls.map(({ id }) => id)).toHaveLength(10);
        expect((await ledger.usage({ by: ["provider"] }))[0]).toMatchObject({ calls: 10, attempts: 10 });
        expect(await ledger.call("c0")).toBeUndefined();
        expect(await ledger.forget(NOON)).toBe(0);
      });
    });

    describe("content", () => {
      const content = { request: { model: "m", messages: [{ role: "user", b: 1, a: "ü" }] }, answer: "Grüße" };

      test("is not kept unless it is asked for", async () => {
        expect(await ledger.keepContent("a", content)).toBe(false);
        expect(await ledger.content("a")).toBeUndefined();
      });

      test("comes back, and goes with its call or when the time of a call that never was is over", async () => {
        await reopen({ content: true });
        settle(record("a"));
        expect(await ledger.keepContent("a", content)).toBe(true);
        expect(await ledger.keepContent("a", { ...content, answer: "other" })).toBe(false);
        now = NOON;
        expect(await ledger.keepContent("orphan", content)).toBe(true);
        expect(await ledger.content("a")).toEqual(content);
        await ledger.reprice({}, () => ({ attempts: [{ costUsd: 1, catalogue: "own" }] }));
        expect(await ledger.content("a")).toEqual(content);
        await ledger.forget(NOON + 1);
        expect(await ledger.content("a")).toBeUndefined();
        expect(await ledger.content("orphan")).toBeUndefined();
      });

      test("is bounded, each and all", async () => {
        await reopen({ content: true, contentBytesMax: 3_000, contentsBytesMax: 4_000 });
        expect(await ledger.keepContent("large", { ...content, answer: "x".repeat(3_000) })).toBe(false);
        for (let index = 0; index < 5; index++)
          expect(await ledger.keepContent(`c${index}`, { ...content, answer: noise(index) })).toBe(true);
        expect(await ledger.content("c0")).toBeUndefined();
        expect(await ledger.content("c4")).toEqual({ ...content, answer: noise(4) });
      });
    });

    test("has ended when it has ended", async () => {
      ledger.open(openCall("late"));
      await ledger.end();
      await ledger.end();
      expect(() => ledger.open(openCall("c1"))).toThrow(DragomanError);
      expect(() => ledger.close(record("late"))).not.toThrow();
    });
  });
}

/** Text that does not compress well, the same for the same seed. */
function noise(seed: number): string {
  let state = seed + 1;
  return Array.from({ length: 2_000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 90));
  }).join("");
}

function failed(): never {
  throw new Error("there is no row");
}
