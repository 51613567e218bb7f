/**
 * `pattern` without its danger. A regular expression that comes with a schema may backtrack for hours on a text of sixty
 * characters. A plainly harmless one runs as it is; any other runs under a deadline in a context of its own, and one that
 * misses it is left unchecked, with a warning.
 */
import type { Context } from "node:vm";
import type { Warning } from "../warning.ts";

/** Milliseconds that one text may take. */
const TEXT_TIMEOUT_MS = 50;
/** Milliseconds that all texts of one validation may take, so that a long list cannot add up to a freeze. */
const TOTAL_TIMEOUT_MS = 250;
/** Characters of a pattern. */
const PATTERN_LENGTH_MAX = 1000;
/**
 * Choices in a pattern. V8 translates a pattern to machine code at its second use, which no deadline interrupts: `a?`
 * sixty times, followed by `a` sixty times, takes it 1.7 s, twice as many 60 s; with 24 choices it stays below 20 ms.
 */
const CHOICES_MAX = 24;
/** Characters of a text that a harmless pattern reads without a deadline. */
const PLAIN_TEXT_LENGTH_MAX = 1000;
/** Characters of a pattern that may count as harmless. */
const PLAIN_PATTERN_LENGTH_MAX = 300;

/** What a validator needs of a regular expression. */
export interface PatternTest {
  test(text: string): boolean;
  /** Tells patterns apart. */
  toString(): string;
}

export interface PatternEngine {
  readonly engine: { (pattern: string, flags: string): PatternTest; readonly code: string };
  /** The patterns that were left unchecked so far, one warning each. */
  warnings(): readonly Warning[];
}

/** One engine serves one validation: its deadline is for all patterns together. */
export async function createPatternEngine(): Promise<PatternEngine> {
  const vm = await import("node:vm");
  const script = new vm.Script("expression.test(text)");
  const unchecked = new Map<string, string>();
  let context: Context | undefined;
  let leftMs = TOTAL_TIMEOUT_MS;

  function testWithDeadline(expression: RegExp, text: string): boolean {
    const timeoutMs = Math.min(TEXT_TIMEOUT_MS, Math.ceil(leftMs));
    if (timeoutMs <= 0) return leaveUnchecked(expression.source, "the time for all patterns was used up");
    context ??= vm.createContext(Object.create(null) as Context);
    context.expression = expression;
    context.text = text;
    const startMs = performance.now();
    try {
      return script.runInContext(context, { timeout: timeoutMs }) === true;
    } catch {
      return leaveUnchecked(expression.source, `it took longer than ${timeoutMs} ms`);
    } finally {
      leftMs -= performance.now() - startMs;
    }
  }

  function leaveUnchecked(pattern: string, reason: string): true {
    if (!unchecked.has(pattern)) unchecked.set(pattern, reason);
    return true;
  }

  function createTest(pattern: string, flags: string): PatternTest {
    const name = () => `/${pattern}/${flags}`;
    const isTooLarge = pattern.length > PATTERN_LENGTH_MAX || choicesIn(pattern) > CHOICES_MAX;
    const expression = isTooLarge ? undefined : compile(pattern, flags);
    if (expression === undefined) {
      const reason = isTooLarge ? "it is too large" : "it is no regular expression of JavaScript";
      return { test: () => leaveUnchecked(pattern, reason), toString: name };
    }
    const harmless = isHarmless(pattern);
    const test = (text: string) => {
      if (harmless && text.length <= PLAIN_TEXT_LENGTH_MAX) return expression.test(text);
      return unchecked.has(expression.source) || testWithDeadline(expression, text);
    };
    return { test, toString: name };
  }

  return {
    engine: Object.assign(createTest, { code: "createTest" }),
    warnings: () =>
      [...unchecked].map(([pattern, reason]) => ({
        type: "other",
        detail: `a pattern was left unchecked: ${reason}`,
        value: pattern.slice(0, 200),
      })),
  };
}

/** Many patterns of the wild are not valid with the flag `u`, as they escape what needs no escape. */
function compile(pattern: string, flags: string): RegExp | undefined {
  for (const attempt of new Set([flags, ""])) {
    try {
      return new RegExp(pattern, attempt);
    } catch {
      // The next attempt, or none.
    }
  }
  return undefined;
}

/**
 * True when the pattern surely takes little more than quadratic time: one unbounded repetition at most, of a single
 * character or class, no back reference, and few choices. What merely looks dangerous runs under the deadline.
 */
function isHarmless(pattern: string): boolean {
  if (pattern.length > PLAIN_PATTERN_LENGTH_MAX || choicesIn(pattern) > 6) return false;
  const plain = withoutClasses(pattern);
  if (plain.includes("\\") || /\)(?:[*+]|\{)/.test(plain)) return false;
  const counted = plain.match(/\{\d+(?:,\d+)?\}/g) ?? [];
  const short = counted.every((range) => (range.match(/\d+/g) ?? []).every((bound) => Number(bound) <= 100));
  return countOf(plain, /[*+]|\{\d+,\}/g) <= 1 && short && counted.length <= 4;
}

/** Optional items, ranges (three each, as V8 unrolls them so far), and groups that may hold alternatives. */
function choicesIn(pattern: string): number {
  const plain = withoutClasses(pattern);
  const alternatives = plain.includes("|") ? countOf(plain, /\(/g) : 0;
  return countOf(plain, /[^(]\?/g) + 3 * countOf(plain, /\{\d+,\d+\}/g) + alternatives;
}

/** The pattern with each escape and each class as one letter; back references stay. */
function withoutClasses(pattern: string): string {
  return pattern.replace(/\\[^1-9k]/gs, "x").replace(/\[[^\]]*\]/g, "x");
}

function countOf(text: string, shape: RegExp): number {
  return text.match(shape)?.length ?? 0;
}
