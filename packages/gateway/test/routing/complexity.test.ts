import { describe, expect, it } from "vitest";
import { complexityOf } from "../../src/routing/complexity-of.ts";
import { judgeComplexity } from "../../src/routing/judge-complexity.ts";
import { LABELLED_PROMPTS, type LabelledPrompt } from "./labelled-prompts.ts";
import { asking } from "./routing-fixture.ts";

const DEFAULTS = { mode: "shadow", simple: "b:small", simpleBelow: 0.35, margin: 0.1 } as const;

function verdictOf(text: string): string | undefined {
  return judgeComplexity(asking("smart", text), DEFAULTS)?.verdict;
}

function measured(prompts: readonly LabelledPrompt[]) {
  const judged = prompts.map(({ label, text }) => ({ label, verdict: verdictOf(text) }));
  const count = (label: string, verdict: string) => judged.filter((one) => one.label === label && one.verdict === verdict).length;
  const rightlySimple = count("simple", "simple");
  return {
    precision: rightlySimple / (rightlySimple + count("hard", "simple")),
    recall: rightlySimple / prompts.filter(({ label }) => label === "simple").length,
    abstained: judged.filter(({ verdict }) => verdict === "abstained").length / judged.length,
    hardAsSimple: count("hard", "simple"),
  };
}

describe("the complexity scorer", () => {
  it("is held against a hundred labelled prompts, half of which the weights were not set by", () => {
    expect(LABELLED_PROMPTS).toHaveLength(100);
    const heldOut = measured(LABELLED_PROMPTS.filter((_, index) => index % 2 === 1));
    // The figures of docs/routing.md.
    expect(heldOut).toEqual({ precision: 1, recall: 24 / 25, abstained: 3 / 50, hardAsSimple: 0 });
    const all = measured(LABELLED_PROMPTS);
    expect(all).toEqual({ precision: 1, recall: 46 / 50, abstained: 7 / 100, hardAsSimple: 0 });
  });

  it("abstains where it has nothing to go by: other languages, nothing at all, no text", () => {
    const texts = ["", "Beweise den Satz von Bolzano-Weierstrass ausführlich", "证明存在无穷多个素数", "xyzzy", "42"];
    expect(texts.map(verdictOf)).toEqual(texts.map(() => "abstained"));
    expect(judgeComplexity({ model: "m", messages: [] }, DEFAULTS)?.verdict).toBe("abstained");
  });

  it("reads a short follow-up with the question before it, and knows tools and effort", () => {
    const request = asking("smart", "Prove that the square root of two is irrational.");
    const followUp = {
      ...request,
      messages: [
        ...request.messages,
        { role: "assistant" as const, parts: [{ type: "text" as const, text: "Suppose it were." }] },
        ...asking("", "and now for three").messages,
      ],
    };
    expect(judgeComplexity(followUp, DEFAULTS)?.verdict).toBe("hard");
    const plain = asking("smart", "What is the capital of Australia?");
    const scores = [plain, { ...plain, reasoning: { effort: "high" as const } }, { ...plain, maxOutputTokens: 16 }].map(
      (one) => complexityOf(one).score,
    );
    expect(scores[1]).toBeGreaterThan(scores[0] ?? 1);
    expect(scores[2]).toBeLessThan(scores[0] ?? 0);
  });

  it("does not say anything where it is off", () => {
    expect(judgeComplexity(asking("smart", "Hello!"), { ...DEFAULTS, mode: "off" })).toBeUndefined();
  });

  it.each([
    ["blanks", " "],
    ["line ends", "\n"],
    ["blanks and line ends", "  \n"],
    ["one letter", "a"],
    ["why does", "why does "],
    ["half a pattern", "write a a a a a a a a "],
    ["list items", "\n- "],
    ["braces", "{;"],
    ["digits and dots", "1."],
    ["surrogates", "😀"],
  ])("takes no longer over a megabyte of %s than over a few kilobytes", (_name, piece) => {
    const megabyte = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const small = megabyte.slice(0, 8_000);
    // Both are cut to the same excerpt, so that the same work is done; a pattern that blows up would show on either.
    const steps = [small, megabyte].map((text) => {
      const begin = process.cpuUsage();
      complexityOf(asking("smart", text));
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / 1_000;
    });
    for (const cpuMs of steps) expect(cpuMs).toBeLessThan(100);
  });
});
