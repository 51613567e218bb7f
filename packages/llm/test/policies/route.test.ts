import { createScriptedProvider } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import { type CompletionCall, type RouteRule, route, userMessage } from "../../src/index.ts";

const CALL: CompletionCall = { model: "m", messages: [userMessage("Hello.")] };
const IMAGE = { type: "image", mediaType: "image/png", source: { type: "data", data: "AAAA" } } as const;

function to(id: string, rule: Partial<RouteRule> = {}): RouteRule {
  return {
    provider: createScriptedProvider(
      Array.from({ length: 50 }, () => ({ text: id })),
      { id },
    ),
    ...rule,
  };
}

/** Draws that come in turn. */
function draws(...values: readonly number[]) {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
}

async function answered(rules: readonly RouteRule[], call: Partial<CompletionCall> = {}, random = draws(0)): Promise<string> {
  const { origin } = await route(rules, { random }).complete({ ...CALL, ...call });
  return origin.provider;
}

describe("conditions", () => {
  const tools = [{ name: "f", inputSchema: { type: "object" } }];
  const cases: readonly (readonly [string, RouteRule["when"], Partial<CompletionCall>, boolean])[] = [
    ["models", { models: ["m"] }, {}, true],
    ["models", { models: ["n"] }, {}, false],
    ["tags", { tags: { team: "red" } }, { metadata: { tags: { team: "red" } } }, true],
    ["tags", { tags: { team: "red" } }, {}, false],
    ["a long prompt", { inputTokensMin: 1_000 }, { messages: [userMessage("word ".repeat(2_000))] }, true],
    ["a long prompt", { inputTokensMin: 1_000 }, {}, false],
    ["a short prompt", { inputTokensMax: 50 }, {}, true],
    ["tools", { tools: true }, { tools }, true],
    ["tools", { tools: false }, { tools }, false],
    ["images", { images: true }, { messages: [userMessage([IMAGE])] }, true],
    ["images", { images: true }, {}, false],
    ["output", { output: "json" }, { output: { type: "json" } }, true],
    ["output", { output: "json" }, {}, false],
    ["its own word", { matches: ({ seed }) => seed === 7 }, { seed: 7 }, true],
    ["its own word", { matches: ({ seed }) => seed === 7 }, {}, false],
    ["a capability that is not proven", { capabilities: ["reasoning"] }, {}, false],
  ];
  test.each(cases)("%s: %j for %j", async (_what, when, call, taken) => {
    expect(await answered([to("special", when === undefined ? {} : { when }), to("other", { order: 1 })], call)).toBe(
      taken ? "special" : "other",
    );
  });

  test("a target that is known to lack what is needed, or to be too small, is not eligible", async () => {
    const blind = to("blind", { capabilities: { images: false } });
    const small = to("small", { capabilities: { contextWindowTokens: 10 } });
    expect(await answered([blind, to("seeing", { order: 1 })], { messages: [userMessage([IMAGE])] })).toBe("seeing");
    expect(await answered([small, to("large", { order: 1 })], { messages: [userMessage("word ".repeat(100))] })).toBe("large");
  });

  test("when none takes it, the error says why, rule by rule", async () => {
    const rules = [to("a", { when: { tools: true }, name: "the one with tools" }), to("b", { when: { models: ["x"] } })];
    await expect(answered(rules)).rejects.toMatchObject({
      code: "unsupported",
      detail: expect.stringMatching(/the one with tools is for calls with tools; b:m is not for the model m/),
    });
  });
});

describe("order and weight", () => {
  test("the lowest order goes first, and equals share by weight", async () => {
    const rules = [to("a", { weight: 3 }), to("b", { weight: 1 }), to("late", { order: 1 })];
    expect(await answered(rules, {}, draws(0.74))).toBe("a");
    expect(await answered(rules, {}, draws(0.75))).toBe("b");
    expect(
      route(rules)
        .explain(CALL)
        .map(({ rule, score }) => [rule, score]),
    ).toEqual([
      ["a:m", 0.75],
      ["b:m", 0.25],
      ["late:m", 0],
    ]);
  });

  test("explain says why for each, and sends nothing", () => {
    const rules = [to("a"), to("b", { when: { images: true } }), to("c", { order: 2 })];
    const seen: string[] = [];
    const explained = route(rules, { onRoute: ({ rule }) => seen.push(rule) }).explain(CALL);
    expect(explained.map(({ eligible, reasons }) => [eligible, reasons[0]])).toEqual([
      [true, "comes first"],
      [false, "is for calls with images"],
      [true, "stands behind order 0 with order 2"],
    ]);
    expect(seen).toEqual([]);
  });
});

describe("sessions", () => {
  test("stay with their target while it is eligible, and are forgotten when there are too many", async () => {
    const rules = [to("a"), to("b")];
    const model = route(rules, { random: draws(0.9, 0.1), sessionsMax: 2 });
    const of = async (session: string, call: Partial<CompletionCall> = {}) =>
      (await model.complete({ ...CALL, ...call, metadata: { session } })).origin.provider;
    // The draws are 0.9, 0.1, 0.9, …: without its session the second call would go to a.
    expect([await of("1"), await of("1"), await of("1")]).toEqual(["b", "b", "b"]);
    expect(model.explain({ ...CALL, metadata: { session: "1" } })[1]?.reasons).toEqual(["has the session"]);
  });

  test("move where their target cannot take the request", async () => {
    const rules = [to("plain", { capabilities: { images: false } }), to("seeing", { order: 1 })];
    const model = route(rules);
    const metadata = { session: "1" };
    expect((await model.complete({ ...CALL, metadata })).origin.provider).toBe("plain");
    const seeing = await model.complete({ ...CALL, messages: [userMessage([IMAGE])], metadata });
    expect(seeing.origin.provider).toBe("seeing");
  });
});

test("streams go the same way, and a request that nobody takes ends in one error event", async () => {
  const model = route([to("a", { when: { tools: false } })]);
  const types = [];
  for await (const event of model.stream(CALL)) types.push(event.type);
  expect(types.at(-1)).toBe("finish");
  const events = [];
  const call = { ...CALL, tools: [{ name: "f", inputSchema: { type: "object" } }] };
  for await (const event of model.stream(call)) events.push(event);
  expect(events).toMatchObject([{ type: "error", error: { code: "unsupported" } }]);
});

test("no rule, or a weight below 0, is refused when the policy is made", () => {
  expect(() => route([])).toThrow(expect.objectContaining({ code: "configuration" }));
  expect(() => route([to("a", { weight: -1 })])).toThrow(expect.objectContaining({ code: "configuration" }));
});

test("the session unused for longest is forgotten first", async () => {
  const model = route([to("a"), to("b")], { random: draws(0.9, 0.9, 0.9, 0.1), sessionsMax: 2 });
  const of = async (session: string) => (await model.complete({ ...CALL, metadata: { session } })).origin.provider;
  const reasonFor = (session: string) => model.explain({ ...CALL, metadata: { session } })[1]?.reasons;
  for (const session of ["1", "2", "3"]) expect(await of(session)).toBe("b");
  expect(reasonFor("1")).toEqual(["weight 1 of 2"]);
  expect(reasonFor("3")).toEqual(["has the session"]);
});

test("a capability is told only where all targets agree, and a price only where there is one target", () => {
  const pricing = { inputPerMillionUsd: 1, outputPerMillionUsd: 2, catalogue: "own" };
  const priced = (id: string, capabilities: RouteRule["capabilities"] = {}) => {
    const { provider } = to(id);
    return { provider: { ...provider, pricing: () => pricing }, capabilities };
  };
  const both = route([
    priced("a", { tools: true, images: true, contextWindowTokens: 10, outputTokensMax: 8 }),
    priced("b", { tools: true, images: false, contextWindowTokens: 20, outputTokensMax: 4 }),
  ]);
  const { tools, images, contextWindowTokens, outputTokensMax } = both.capabilities("m");
  expect([tools.answer, images.answer, contextWindowTokens, outputTokensMax]).toEqual(["yes", "unknown", 20, 4]);
  expect(both.pricing("m")).toBeUndefined();
  expect(route([priced("a")]).pricing("m")).toEqual(pricing);
});
