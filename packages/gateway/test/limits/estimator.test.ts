import { type CompletionCall, estimateTokens, type Tool, userMessage } from "@dragoman/llm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEstimator } from "../../src/limits/create-estimator.ts";
import { createPromptSize } from "../../src/limits/prompt-size.ts";
import { createRecentFigures } from "../../src/limits/recent-figures.ts";

const KEY = { key: "k", provider: "openai", model: "m" };
const call = (given: Partial<CompletionCall> = {}): CompletionCall => ({
  model: "m",
  messages: [userMessage("x".repeat(3_600))],
  ...given,
});
const PRICE = { catalogue: "own", inputPerMillionUsd: 1, outputPerMillionUsd: 10 };

/** So many answers of these lengths, each to an estimate of its own. */
function learn(estimator: ReturnType<typeof createEstimator>, outputs: readonly number[], key = KEY, inputTokens?: number): void {
  for (const outputTokens of outputs) {
    const { inputTokens: estimatedInputTokens } = estimator.estimate(key, call(), undefined);
    estimator.learn(key, { estimatedInputTokens }, inputTokens === undefined ? { outputTokens } : { inputTokens, outputTokens });
  }
}

describe("output", () => {
  test("of the first calls is a thousand tokens, or as many as may be written", () => {
    const estimator = createEstimator();
    expect(estimator.estimate(KEY, call(), undefined).outputTokens).toBe(1_000);
    expect(estimator.estimate(KEY, call({ maxOutputTokens: 200 }), undefined).outputTokens).toBe(200);
    expect(estimator.estimate(KEY, call({ maxOutputTokens: 9_000 }), undefined).outputTokens).toBe(1_000);
  });

  test("is what nineteen of twenty answers of this key and model have stayed within", () => {
    const estimator = createEstimator();
    learn(
      estimator,
      Array.from({ length: 60 }, (_, index) => (index % 20 === 0 ? 5_000 : 100 + (index % 10))),
    );
    expect(estimator.estimate(KEY, call(), undefined).outputTokens).toBe(109);
    expect(estimator.estimate(KEY, call({ maxOutputTokens: 50 }), undefined).outputTokens).toBe(50);
    expect(estimator.estimate({ ...KEY, model: "other" }, call(), undefined).outputTokens).toBe(1_000);
    expect(estimator.estimate({ ...KEY, key: "other" }, call(), undefined).outputTokens).toBe(1_000);
  });

  test("a long answer counts before there are enough to tell a habit", () => {
    const estimator = createEstimator();
    learn(estimator, [6_000]);
    expect(estimator.estimate(KEY, call(), undefined).outputTokens).toBe(6_000);
  });

  test("follows a change of habit", () => {
    const estimator = createEstimator();
    learn(
      estimator,
      Array.from({ length: 200 }, () => 4_000),
    );
    learn(
      estimator,
      Array.from({ length: 64 }, () => 300),
    );
    expect(estimator.estimate(KEY, call(), undefined).outputTokens).toBe(300);
  });

  test("of which nothing is told teaches nothing", () => {
    const estimator = createEstimator();
    for (let count = 0; count < 20; count += 1) estimator.learn(KEY, { estimatedInputTokens: 100 }, {});
    expect(estimator.estimate(KEY, call(), undefined)).toMatchObject({ inputTokens: 1_004, outputTokens: 1_000 });
  });
});

describe("input", () => {
  test("is counted by its length, and corrected by how that has erred", () => {
    const estimator = createEstimator();
    expect(estimator.estimate(KEY, call(), undefined).inputTokens).toBe(1_004);
    learn(
      estimator,
      Array.from({ length: 100 }, () => 10),
      KEY,
      1_506,
    );
    expect(estimator.estimate(KEY, call(), undefined).inputTokens).toBeCloseTo(1_506, -1);
  });

  test("the correction does not run away when many calls are under way at once", () => {
    const estimator = createEstimator();
    for (let round = 0; round < 10; round += 1) {
      const estimates = Array.from({ length: 200 }, () => estimator.estimate(KEY, call(), undefined).inputTokens);
      for (const estimatedInputTokens of estimates) estimator.learn(KEY, { estimatedInputTokens }, { inputTokens: 2_008 });
      expect(estimator.estimate(KEY, call(), undefined).inputTokens).toBeLessThanOrEqual(2_009);
    }
    expect(estimator.estimate(KEY, call(), undefined).inputTokens).toBeGreaterThan(2_000);
  });

  test("a correction stays within reason", () => {
    const estimator = createEstimator();
    learn(
      estimator,
      Array.from({ length: 300 }, () => 10),
      KEY,
      1e9,
    );
    expect(estimator.estimate(KEY, call(), undefined).inputTokens).toBe(8 * 1_004);
  });

  test("is nearly what the library estimates", () => {
    const size = createPromptSize();
    const tools: readonly Tool[] = [
      { name: "read", description: "Reads a file.", inputSchema: { type: "object", properties: { path: { type: "string" } } } },
    ];
    const messages: CompletionCall["messages"] = [
      userMessage("Grüße aus Köln, 你好, и всем остальным."),
      { role: "assistant", parts: [{ type: "tool-call", id: "1", name: "read", arguments: { path: "a.txt" } }] },
      { role: "tool", parts: [{ type: "tool-result", toolCallId: "1", content: [{ type: "text", text: "line\n".repeat(40) }] }] },
      userMessage([{ type: "image", source: { type: "url", url: "https://example.org/cat.png" } }]),
    ];
    const one = { messages, tools, output: { type: "json" as const, schema: { type: "object" } } };
    expect(size(one) / estimateTokens(one).tokens).toBeGreaterThan(0.9);
    expect(size(one) / estimateTokens(one).tokens).toBeLessThan(1.1);
  });

  test("a list that has grown since is measured anew", () => {
    const size = createPromptSize();
    const messages = [userMessage("x".repeat(360))];
    const before = size({ messages });
    messages.push(userMessage("x".repeat(360)));
    expect(size({ messages })).toBe(2 * before);
  });
});

describe("money", () => {
  test("is the price of both, and absent where no price is known", () => {
    const estimator = createEstimator();
    expect(estimator.estimate(KEY, call(), PRICE).usd).toBeCloseTo((1_004 + 10 * 1_000) / 1e6, 9);
    expect(estimator.estimate(KEY, call(), undefined)).toEqual({ requests: 1, inputTokens: 1_004, outputTokens: 1_000 });
    expect(estimator.estimate(KEY, call(), { catalogue: "own", inputPerMillionUsd: 1 }).usd).toBeUndefined();
  });

  test("goes by the hour where the price does", () => {
    const pricing = { ...PRICE, hours: [{ fromUtc: "01:00", toUtc: "09:00", outputPerMillionUsd: 5 }] };
    const at = (hour: number) =>
      createEstimator({ wall: () => Date.UTC(2026, 4, 13, hour) }).estimate(KEY, call(), pricing).usd ?? 0;
    expect(at(12) - at(3)).toBeCloseTo(0.005, 9);
  });
});

test("only so many pairs of key and model are remembered, the least used forgotten first", () => {
  const estimator = createEstimator({ pairsMax: 2 });
  const keys = ["a", "b", "c"].map((key) => ({ ...KEY, key }));
  const [a, b, c] = keys;
  if (a === undefined || b === undefined || c === undefined) throw new Error("three keys");
  learn(estimator, [2_000], a);
  learn(estimator, [3_000], b);
  estimator.estimate(a, call(), undefined);
  learn(estimator, [4_000], c);
  expect(estimator.estimate(a, call(), undefined).outputTokens).toBe(2_000);
  expect(estimator.estimate(b, call(), undefined).outputTokens).toBe(1_000);
});

test("the percentile is that of the latest 64 figures, by the nearest rank", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 300 }), (figures) => {
      const recent = createRecentFigures();
      for (const figure of figures) recent.add(figure);
      const held = figures.slice(-64).toSorted((one, other) => one - other);
      expect([recent.count, recent.percentile95(), recent.max()]).toEqual([
        held.length,
        held[Math.ceil(held.length * 0.95) - 1],
        held.at(-1),
      ]);
    }),
    { numRuns: 200 },
  );
});
