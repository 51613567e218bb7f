/** What holds for every price list and every usage. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cost, costOf, type Pricing, sumCosts, sumUsage, type Usage } from "../src/index.ts";

const rate = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
const perhaps = fc.option(rate, { nil: undefined });

const RATES = {
  inputPerMillionUsd: rate,
  outputPerMillionUsd: rate,
  cacheReadPerMillionUsd: perhaps,
  cacheWritePerMillionUsd: perhaps,
  cacheWriteOneHourPerMillionUsd: perhaps,
  inputAudioPerMillionUsd: perhaps,
  outputAudioPerMillionUsd: perhaps,
  toolCallsPerThousandUsd: perhaps,
  webSearchesPerThousandUsd: perhaps,
  fileSearchesPerThousandUsd: perhaps,
};

/** Without fields that are undefined: absent is unknown. */
function defined<T extends object>(fields: object): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Dearer by a factor over each border, in every rate. */
const TIER_FACTORS = [1.5, 2] as const;
const BORDERS = [100_000, 300_000] as const;

const pricing = fc.record(RATES).map((rates): Pricing => {
  const known = defined<Record<string, number>>(rates);
  const tiers = BORDERS.map((inputTokensAbove, index) => {
    const factor = TIER_FACTORS[index] ?? 1;
    return { inputTokensAbove, ...Object.fromEntries(Object.entries(known).map(([name, value]) => [name, value * factor])) };
  });
  return { catalogue: "laws", ...known, tiers, batchFactor: 0.5 };
});

const count = (max: number) => fc.nat(max);

/** Parts that fit into their totals, audio apart from the cache. */
function usageUpTo(max: number): fc.Arbitrary<Usage> {
  return fc
    .record({
      fresh: count(max / 5),
      read: count(max / 5),
      five: count(max / 5),
      hour: count(max / 5),
      audio: count(max / 5),
      written: count(50_000),
      spoken: count(50_000),
      web: count(20),
      files: count(20),
      others: count(20),
    })
    .map(({ fresh, read, five, hour, audio, written, spoken, web, files, others }) => ({
      inputTokens: fresh + read + five + hour + audio,
      cacheReadTokens: read,
      cacheWriteTokens: five + hour,
      cacheWriteOneHourTokens: hour,
      inputAudioTokens: audio,
      outputTokens: written + spoken,
      outputAudioTokens: spoken,
      toolCalls: web + files + others,
      webSearchCalls: web,
      fileSearchCalls: files,
    }));
}

const parts = ({ inputUsd, outputUsd, toolsUsd = 0 }: Cost): number => inputUsd + outputUsd + toolsUsd;
const total = (cost: Cost | undefined): number => cost?.totalUsd ?? Number.NaN;
const SLACK = 1e-9;

describe("a cost", () => {
  test("is the sum of its parts, none of which is negative", () => {
    fc.assert(
      fc.property(usageUpTo(600_000), pricing, fc.constantFrom("standard", "batch"), (usage, prices, mode) => {
        const cost = costOf(usage, prices, mode);
        if (cost === undefined) throw new Error("all that is needed is known");
        expect(cost.totalUsd).toBeCloseTo(parts(cost), 9);
        for (const figure of [cost.inputUsd, cost.outputUsd, cost.toolsUsd ?? 0]) expect(figure).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("does not fall with more of anything, over the borders of tiers as well", () => {
    const more = fc.constantFrom("inputTokens", "outputTokens", "toolCalls");
    fc.assert(
      fc.property(usageUpTo(600_000), pricing, more, count(400_000), (usage, prices, name, added) => {
        const dearer = { ...usage, [name]: (usage[name] ?? 0) + added };
        expect(total(costOf(dearer, prices))).toBeGreaterThanOrEqual(total(costOf(usage, prices)) - SLACK);
      }),
    );
  });

  test("of two requests is the cost of both together, while that stays below the lowest border", () => {
    fc.assert(
      fc.property(usageUpTo(50_000), usageUpTo(50_000), pricing, (one, other, prices) => {
        const together = costOf(sumUsage([one, other]), prices);
        const apart = sumCosts([costOf(one, prices), costOf(other, prices)]);
        expect(total(together)).toBeCloseTo(total(apart), 8);
        expect(together?.toolsUsd ?? 0).toBeCloseTo(apart?.toolsUsd ?? 0, 8);
        expect(together?.estimated).toBe(apart?.estimated);
      }),
    );
  });

  test("is unknown without a total or the rate of one that is not nothing", () => {
    const gap = fc.constantFrom("inputTokens", "outputTokens", "inputPerMillionUsd", "outputPerMillionUsd");
    fc.assert(
      fc.property(usageUpTo(600_000), pricing, gap, (usage, prices, name) => {
        const needsNoRate = name === "outputPerMillionUsd" && usage.outputTokens === 0;
        const known = { ...usage, [name]: undefined };
        const rates = { ...prices, [name]: undefined, tiers: [] };
        const cost = name.endsWith("Tokens") ? costOf(defined(known), prices) : costOf(usage, defined(rates));
        if (needsNoRate) expect(cost).toBeDefined();
        else expect(cost).toBeUndefined();
      }),
    );
  });

  test("is marked where a tool was called whose rate nobody knows, and only the tool adds nothing", () => {
    fc.assert(
      fc.property(usageUpTo(90_000), pricing, (usage, prices) => {
        const { toolCallsPerThousandUsd: _all, webSearchesPerThousandUsd: _web, ...without } = { ...prices, tiers: [] };
        const cost = costOf(usage, without);
        const unknown = (usage.toolCalls ?? 0) > (usage.fileSearchCalls ?? 0);
        if (unknown) expect(cost?.estimated).toBe(true);
        const { webSearchCalls: _searches, ...untold } = { ...usage, toolCalls: usage.fileSearchCalls ?? 0 };
        expect(total(cost)).toBeCloseTo(total(costOf(untold, without)), 9);
      }),
    );
  });

  test("of a batch is the batch's part of the tokens, and the tools in full", () => {
    fc.assert(
      fc.property(usageUpTo(600_000), pricing, (usage, prices) => {
        const [standard, batch] = [costOf(usage, prices), costOf(usage, prices, "batch")];
        expect(batch?.inputUsd).toBeCloseTo((standard?.inputUsd ?? 0) / 2, 9);
        expect(batch?.outputUsd).toBeCloseTo((standard?.outputUsd ?? 0) / 2, 9);
        expect(batch?.toolsUsd).toBe(standard?.toolsUsd);
        const { batchFactor: _factor, ...unknown } = prices;
        expect(costOf(usage, unknown, "batch")).toBeUndefined();
      }),
    );
  });
});

describe("rates", () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  const cheap = { catalogue: "own", inputPerMillionUsd: 1, outputPerMillionUsd: 1 };

  test("of tools: each kind its own, the rest that of all", () => {
    const prices = {
      ...cheap,
      webSearchesPerThousandUsd: 10,
      fileSearchesPerThousandUsd: 2.5,
      toolCallsPerThousandUsd: 30,
      requestsPerThousandUsd: 5,
    };
    const used = { inputTokens: 0, outputTokens: 0, toolCalls: 7, webSearchCalls: 3, fileSearchCalls: 2 };
    const cost = costOf(used, prices);
    expect(cost?.toolsUsd).toBeCloseTo(0.03 + 0.005 + 0.06 + 0.005, 12);
    expect(cost).not.toHaveProperty("estimated");
    expect(costOf({ inputTokens: 0, outputTokens: 0 }, cheap)).not.toHaveProperty("toolsUsd");
  });

  test.each([
    ["00:59", 1],
    ["01:00", 2],
    ["03:59", 2],
    ["04:00", 1],
    ["22:59", 1],
    ["23:00", 3],
    ["00:29", 3],
    ["00:30", 1],
  ])("at %s of the day are those of the hour", (time, inputUsd) => {
    const hours = [
      { fromUtc: "01:00", toUtc: "04:00", inputPerMillionUsd: 2 },
      { fromUtc: "23:00", toUtc: "00:30", inputPerMillionUsd: 3 },
    ];
    const at = new Date(`2026-05-04T${time}:00Z`);
    expect(costOf(usage, { ...cheap, hours }, "standard", at)?.inputUsd).toBe(inputUsd);
  });

  test("of a tier go over those of the hour", () => {
    const prices = {
      ...cheap,
      hours: [{ fromUtc: "00:00", toUtc: "24:00", inputPerMillionUsd: 2 }],
      tiers: [{ inputTokensAbove: 500_000, inputPerMillionUsd: 7 }],
    };
    expect(costOf(usage, prices)?.inputUsd).toBe(7);
    expect(costOf({ ...usage, inputTokens: 500_000 }, prices)?.inputUsd).toBe(1);
  });
});
