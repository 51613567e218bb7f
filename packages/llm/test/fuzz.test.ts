import { describe, expect, test } from "vitest";
import type { Dialect, StreamParser } from "../src/dialect.ts";
import { createOpenAIChatDialect } from "../src/dialects/openai-chat/index.ts";
import type { StreamEvent } from "../src/stream.ts";
import { BUILT_IN_SUBJECTS } from "../src/testing/fuzz/built-in-subjects.ts";
import { type FuzzCase, type FuzzFailure, fuzzDialect } from "../src/testing/fuzz/index.ts";

const peers = BUILT_IN_SUBJECTS.map((subject) => subject.dialect);

describe("a short round", () => {
  test.each(BUILT_IN_SUBJECTS)("$name keeps the laws on wrong input", (subject) => {
    const { failures, tried, complete } = fuzzDialect(subject, { rounds: 500, seed: 20, peers });
    expect(failures.map(({ kind, caseNumber, detail }) => ({ kind, caseNumber, detail }))).toEqual([]);
    expect(complete).toBe(true);
    expect(Object.values(tried).every((count) => count > 0)).toBe(true);
  });

  test("the same seed tries the same cases", () => {
    const one = fuzzDialect(broken({ parseResponse: boom }), { rounds: 60, seed: 4 });
    const other = fuzzDialect(broken({ parseResponse: boom }), { rounds: 60, seed: 4 });
    expect(one.failures.length).toBeGreaterThan(0);
    expect(other).toEqual(one);
  });

  test("a single case can be tried again", () => {
    const subject = broken({ parseResponse: boom });
    const [first] = fuzzDialect(subject, { rounds: 200 }).failures;
    const again = fuzzDialect(subject, { from: first?.caseNumber ?? 0, rounds: 1 });
    expect(again.failures).toHaveLength(1);
  });
});

describe("planted defects", () => {
  const failuresOf = (changes: Partial<Dialect>) => fuzzDialect(broken(changes), { rounds: 400 }).failures;

  test("a crash of each reader is found and made small", () => {
    const laws = failuresOf({ parseResponse: boom, parseError: boom, parseRequest: boomUnlessPlain, parseStream: boom });
    expect(new Set(laws.map((failure) => failure.kind))).toEqual(new Set(["stream", "body", "error", "request"]));
    expect(laws.every((failure) => failure.law.startsWith("TypeError"))).toBe(true);
    expect(smallestBody(laws)?.length).toBeLessThan(20);
  });

  test("a stream that ends early and still succeeds is found", () => {
    const laws = failuresOf({
      parseStream: (context) => onEnd(good.parseStream(context), (out) => turnIntoSuccess(out)),
    }).map((failure) => failure.law);
    expect(laws).toContain("truncated success");
  });

  test("a second terminal event is found", () => {
    const laws = failuresOf({
      parseStream: (context) =>
        onEnd(good.parseStream(context), (out) => {
          const last = out.at(-1);
          if (last !== undefined) out.push(last);
        }),
    }).map((failure) => failure.law);
    expect(laws.some((law) => law.includes("after the terminal event"))).toBe(true);
  });

  test("more events than the bytes can hold are found", () => {
    const dialect: Partial<Dialect> = {
      parseStream: (context) => {
        const parser = good.parseStream(context);
        return {
          end: (out) => parser.end(out),
          push(event, out) {
            parser.push(event, out);
            for (let count = 0; count < 3000; count++) out.push({ type: "usage", usage: {} });
          },
        };
      },
    };
    const laws = fuzzDialect(broken(dialect), { rounds: 20 }).failures.map((failure) => failure.law);
    expect(laws).toContain("flood");
  });

  test("figures that contradict each other are found", () => {
    const laws = failuresOf({
      parseResponse: (body, context) => ({
        ...good.parseResponse(body, context),
        usage: { outputTokens: 1, reasoningTokens: 2 },
      }),
    }).map((failure) => failure.law);
    expect(laws.some((law) => law.startsWith("usage"))).toBe(true);
  });

  test("a prototype that comes from the wire is found", () => {
    const laws = failuresOf({
      parseResponse: (body, context) => ({ ...good.parseResponse(body, context), vendor: Object.create({ admin: true }) }),
    }).map((failure) => failure.law);
    expect(laws).toContain("prototype");
  });

  test("a request that JSON cannot hold is found", () => {
    const laws = failuresOf({
      parseRequest: (input) => {
        const parsed = good.parseRequest(input);
        return { ...parsed, request: { ...parsed.request, seed: Number.NaN } };
      },
    }).map((failure) => failure.law);
    expect(laws).toContain("not JSON");
  });
});

const good = createOpenAIChatDialect();

function broken(changes: Partial<Dialect>): { readonly name: string; readonly dialect: Dialect } {
  return { name: "broken", dialect: { ...good, ...changes } };
}

function boom(): never {
  throw new TypeError("boom");
}

/** The corpus itself is made with plain requests, so those are read. */
function boomUnlessPlain(input: Parameters<Dialect["parseRequest"]>[0]): ReturnType<Dialect["parseRequest"]> {
  const parsed = good.parseRequest(input);
  return parsed.request.messages.length === 1 && parsed.request.temperature === undefined ? parsed : boom();
}

function onEnd(parser: StreamParser, change: (out: StreamEvent[]) => void): StreamParser {
  return {
    push: (event, out) => parser.push(event, out),
    end(out) {
      parser.end(out);
      change(out);
    },
  };
}

function turnIntoSuccess(out: StreamEvent[]): void {
  const last = out.at(-1);
  if (last?.type === "error" && last.error.code === "stream_truncated" && out.some((event) => event.type === "start")) {
    out[out.length - 1] = { type: "finish", finish: { reason: "stop" }, usage: {} };
  }
}

function smallestBody(failures: readonly FuzzFailure[]): string | undefined {
  const found = failures.map((failure): FuzzCase | undefined => failure.smallest).find((tried) => tried?.kind === "body");
  return found?.kind === "body" ? found.text : undefined;
}
