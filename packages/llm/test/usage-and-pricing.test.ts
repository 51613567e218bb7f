import { checkUsage, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anthropic,
  type Cost,
  costOf,
  fold,
  gemini,
  mergeUsage,
  moonshot,
  openai,
  type Pricing,
  type Provider,
  type ProviderOptions,
  Secret,
  sumUsage,
  systemMessage,
  type Usage,
  userMessage,
} from "../src/index.ts";
import { usage } from "./arbitraries.ts";

const COUNTS = [
  "inputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "cacheWriteOneHourTokens",
  "outputTokens",
  "reasoningTokens",
] as const;

const rate = fc.double({ min: 0, max: 100, noNaN: true });
const pricing: fc.Arbitrary<Pricing> = fc.record(
  {
    catalogue: fc.constant("test 1"),
    inputPerMillionUsd: rate,
    outputPerMillionUsd: rate,
    cacheReadPerMillionUsd: rate,
    cacheWritePerMillionUsd: rate,
    cacheWriteOneHourPerMillionUsd: rate,
    tiers: fc.constant([
      { inputTokensAbove: 100_000, inputPerMillionUsd: 7 },
      { inputTokensAbove: 200_000, inputPerMillionUsd: 9, outputPerMillionUsd: 11 },
    ]),
  },
  { requiredKeys: ["catalogue"] },
);

const FULL = {
  catalogue: "test 1",
  inputPerMillionUsd: 3,
  outputPerMillionUsd: 15,
  cacheReadPerMillionUsd: 0.3,
  cacheWritePerMillionUsd: 3.75,
  cacheWriteOneHourPerMillionUsd: 6,
} as const;

describe("usage", () => {
  test("of several calls is the sum of what all of them know", () => {
    fc.assert(
      fc.property(fc.array(usage, { minLength: 1, maxLength: 5 }), (usages) => {
        const sum = sumUsage(usages);
        expect(checkUsage(sum)).toEqual([]);
        for (const count of COUNTS) {
          const known = usages.map((one) => one[count]);
          expect(sum[count]).toBe(
            known.includes(undefined) ? undefined : known.reduce<number>((total, value) => total + (value ?? 0), 0),
          );
        }
      }),
    );
    expect(sumUsage([])).toEqual({});
  });

  test("reported again goes over what was known, and what is left out stays", () => {
    fc.assert(
      fc.property(usage, usage, (earlier, later) => {
        expect(mergeUsage(earlier, later)).toEqual({ ...earlier, ...later });
        expect(mergeUsage(earlier, {})).toEqual(earlier);
        expect(mergeUsage({}, later)).toEqual(later);
        expect(mergeUsage(later, later)).toEqual(later);
      }),
    );
  });

  test("of 0 is known, and is no gap", () => {
    expect(sumUsage([{ inputTokens: 0 }, { inputTokens: 2 }])).toEqual({ inputTokens: 2 });
    expect(mergeUsage({ outputTokens: 5 }, { outputTokens: 0 })).toEqual({ outputTokens: 0 });
  });
});

describe("the cost of a usage", () => {
  test("is never negative, never NaN, and its parts make its total", () => {
    fc.assert(
      fc.property(usage, pricing, (used, prices) => {
        const cost = costOf(used, prices);
        if (cost === undefined) {
          const unknownRate = prices.inputPerMillionUsd === undefined || prices.outputPerMillionUsd === undefined;
          expect(used.inputTokens === undefined || used.outputTokens === undefined || unknownRate).toBe(true);
          return;
        }
        for (const figure of [cost.totalUsd, cost.inputUsd, cost.outputUsd]) {
          expect(Number.isFinite(figure)).toBe(true);
          expect(figure).toBeGreaterThanOrEqual(0);
        }
        expect(cost.totalUsd).toBeCloseTo(cost.inputUsd + cost.outputUsd, 12);
        expect(cost.catalogue).toBe("test 1");
      }),
      { numRuns: 300 },
    );
  });

  test("does not fall when more was used", () => {
    fc.assert(
      fc.property(usage, fc.nat(10_000), (used, more) => {
        if (used.inputTokens === undefined || used.outputTokens === undefined) return;
        const dearer = { ...used, outputTokens: used.outputTokens + more };
        expect(costOf(dearer, FULL)?.totalUsd).toBeGreaterThanOrEqual(costOf(used, FULL)?.totalUsd ?? 0);
      }),
    );
  });

  test("prices every part of an inclusive input at its own rate", () => {
    const used: Usage = {
      inputTokens: 1_000_000,
      cacheReadTokens: 400_000,
      cacheWriteTokens: 300_000,
      cacheWriteOneHourTokens: 100_000,
      outputTokens: 200_000,
      reasoningTokens: 150_000,
    };
    // 300 000 fresh, 400 000 read, 200 000 kept five minutes, 100 000 kept an hour; reasoning is output like any other.
    const inputUsd = 0.3 * 3 + 0.4 * 0.3 + 0.2 * 3.75 + 0.1 * 6;
    expectCost(costOf(used, FULL), inputUsd, 0.2 * 15);
  });

  test("takes the rates of the highest tier that the input exceeds, for the whole request", () => {
    const tiers = [
      { inputTokensAbove: 200_000, inputPerMillionUsd: 6, outputPerMillionUsd: 22.5 },
      { inputTokensAbove: 500_000, inputPerMillionUsd: 12 },
    ];
    const prices = { ...FULL, tiers };
    const used = (inputTokens: number) => ({ inputTokens, outputTokens: 1_000_000 });
    expectCost(costOf(used(200_000), prices), 0.6, 15);
    expectCost(costOf(used(200_001), prices), 200_001 * 6e-6, 22.5);
    expectCost(costOf(used(500_001), prices), 500_001 * 12e-6, 22.5);
  });

  test("is unknown where a total or a rate is unknown", () => {
    const used = { inputTokens: 1, outputTokens: 1 };
    expect(costOf(used, undefined)).toBeUndefined();
    expect(costOf({ inputTokens: 1 }, FULL)).toBeUndefined();
    expect(costOf({ outputTokens: 1 }, FULL)).toBeUndefined();
    expect(costOf(used, { catalogue: "own", inputPerMillionUsd: 1 })).toBeUndefined();
    expect(costOf(used, { catalogue: "own", outputPerMillionUsd: 1 })).toBeUndefined();
    expect(costOf({ inputTokens: 0, outputTokens: 0 }, FULL)).toMatchObject({ totalUsd: 0 });
  });

  test("is estimated where tokens have no rate of their own", () => {
    const { cacheReadPerMillionUsd: _read, ...without } = FULL;
    const used = { inputTokens: 10, cacheReadTokens: 4, outputTokens: 1 };
    expect(costOf(used, FULL)).not.toHaveProperty("estimated");
    expect(costOf(used, without)).toMatchObject({ estimated: true, inputUsd: 10 * 3e-6 });
    expect(costOf({ ...used, cacheReadTokens: 0 }, without)).not.toHaveProperty("estimated");
    expect(costOf({ inputTokens: 1, outputTokens: 1, inputAudioTokens: 1 }, FULL)).toMatchObject({ estimated: true });
  });
});

const PRICES = {
  inputPerMillionUsd: 2_000,
  outputPerMillionUsd: 8_000,
  cacheReadPerMillionUsd: 200,
  cacheWritePerMillionUsd: 2_500,
  cacheWriteOneHourPerMillionUsd: 4_000,
  tiers: [{ inputTokensAbove: 60, inputPerMillionUsd: 5_000 }],
};

const VENDORS: readonly [FakeVendorName, string, (options: ProviderOptions) => Provider][] = [
  ["anthropic", "claude-sonnet-4-5", anthropic],
  ["openai", "gpt-5-mini", openai],
  ["openai", "gpt-5-mini", (options) => openai({ ...options, wire: "chat" })],
  ["gemini", "gemini-3-flash-preview", gemini],
  ["moonshot", "kimi-k2-thinking", moonshot],
];

describe.each(VENDORS)("a completion of %s", (vendor, model, create) => {
  test("costs what its usage says, whole or streamed, first or from the cache", async () => {
    const fake = await startFakeVendor(vendor);
    try {
      const provider = create({ baseUrl: fake.baseUrl, key: new Secret("any-key"), prices: { [model]: PRICES } });
      const messages = [systemMessage("You know everything. ".repeat(20)), userMessage("Why?")];
      const call = { model, messages, cache: [{ stable: "system", timeToLive: "1h" }], maxOutputTokens: 500 } as const;
      const answers = [
        await provider.complete(call),
        await fold(provider.stream(call)),
        await provider.complete({ ...call, messages: [userMessage("Why?")] }),
      ];
      for (const { usage, cost } of answers) {
        expect(checkUsage(usage)).toEqual([]);
        const { inputUsd, outputUsd } = calculated(usage);
        expectCost(cost, inputUsd, outputUsd);
        expect(cost?.catalogue).toBe("own");
      }
      expect(answers[0]?.cost?.totalUsd).not.toBe(answers[2]?.cost?.totalUsd);
    } finally {
      await fake.close();
    }
  });
});

/** The same sum written down another way: token by token. */
function calculated(usage: Usage): { readonly inputUsd: number; readonly outputUsd: number } {
  const inputRate = (usage.inputTokens ?? Number.NaN) > 60 ? 5_000 : 2_000;
  const kinds: number[] = new Array(usage.inputTokens).fill(inputRate);
  kinds.fill(PRICES.cacheReadPerMillionUsd, 0, usage.cacheReadTokens ?? 0);
  const writesAt = usage.cacheReadTokens ?? 0;
  const oneHour = usage.cacheWriteOneHourTokens ?? 0;
  kinds.fill(PRICES.cacheWritePerMillionUsd, writesAt, writesAt + (usage.cacheWriteTokens ?? 0));
  kinds.fill(PRICES.cacheWriteOneHourPerMillionUsd, writesAt, writesAt + oneHour);
  const inputUsd = kinds.reduce((total, rate) => total + rate / 1e6, 0);
  return { inputUsd, outputUsd: ((usage.outputTokens ?? Number.NaN) * PRICES.outputPerMillionUsd) / 1e6 };
}

function expectCost(cost: Cost | undefined, inputUsd: number, outputUsd: number): void {
  expect(cost?.inputUsd).toBeCloseTo(inputUsd, 9);
  expect(cost?.outputUsd).toBeCloseTo(outputUsd, 9);
  expect(cost?.totalUsd).toBeCloseTo(inputUsd + outputUsd, 9);
}
