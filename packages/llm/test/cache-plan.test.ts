/** Which directives are worth sending: by length, by price, by what was the same before. */
import { describe, expect, test } from "vitest";
import {
  anthropic,
  type CachePlanInit,
  type CacheTarget,
  type CompletionRequest,
  cachingRule,
  createCachePlanner,
  type Message,
  openai,
  planDirectives,
  systemMessage,
  UNKNOWN_CAPABILITIES,
  userMessage,
} from "../src/index.ts";

const LONG = systemMessage("word ".repeat(4_000));
const TOOL = { name: "get_weather", description: "x ".repeat(3_000), inputSchema: { type: "object" } };
const CLAUDE: CacheTarget = { model: "claude-sonnet-4-5" };
const GPT: CacheTarget = { model: "gpt-5-mini" };

function request(more: Partial<CompletionRequest> = {}): CompletionRequest {
  return { model: "m", messages: [LONG, userMessage("One?")], ...more };
}

function decisions(target: CacheTarget, init: CachePlanInit = {}, asked = request()) {
  return planDirectives(asked, target, init).considered.map(({ decision }) => decision);
}

describe("what is known to be stable", () => {
  test("nothing is, at a first call of which nothing was said", () => {
    expect(planDirectives(request(), CLAUDE)).toEqual({ directives: [], considered: [] });
  });

  test("what the request's own directives say", () => {
    const cache = [{ stable: "system", timeToLive: "1h" }] as const;
    expect(planDirectives(request({ cache }), CLAUDE, { expectedReuse: 3 }).directives).toEqual(cache);
  });

  test("the system message, what was said before, and the whole prompt where it grows", () => {
    const { directives } = planDirectives(request({ messages: [LONG, ...turns(3)] }), CLAUDE, { shared: 2, grows: true });
    expect(directives).toEqual([{ stable: "system" }, { stable: { messages: 2 } }, { stable: { messages: 4 } }]);
  });

  test("the tools alone where the system message has changed, and nothing where the tools have", () => {
    const asked = request({ tools: [TOOL] });
    expect(planDirectives(asked, CLAUDE, { shared: 0 }).directives).toEqual([{ stable: "tools" }]);
    expect(planDirectives(asked, CLAUDE, { shared: "tools-changed" }).directives).toEqual([]);
  });
});

describe("what is worth it", () => {
  const cache = [{ stable: "system" }] as const;

  test("nothing below the vendor's minimum, which depends on the model", () => {
    const short = request({ cache, messages: [systemMessage("word ".repeat(1_500)), userMessage("One?")] });
    expect(decisions(CLAUDE, {}, short)).toEqual(["pays"]);
    expect(decisions({ model: "claude-haiku-4-5" }, {}, short)).toEqual(["below-minimum"]);
    expect(decisions({ ...CLAUDE, minimumTokens: 8_000 }, {}, short)).toEqual(["below-minimum"]);
  });

  test("five minutes pay for one reuse; an hour for two, by the price list or the published factors", () => {
    const pricing = anthropic().pricing("claude-sonnet-4-5");
    const hour = request({ cache: [{ stable: "system", timeToLive: "1h" }] });
    for (const target of [CLAUDE, { ...CLAUDE, pricing }]) {
      expect(decisions(target, { expectedReuse: 0 }, request({ cache }))).toEqual(["does-not-pay"]);
      expect(decisions(target, { expectedReuse: 1 }, request({ cache }))).toEqual(["pays"]);
      expect(decisions(target, { expectedReuse: 1 }, hour)).toEqual(["does-not-pay"]);
      expect(decisions(target, { expectedReuse: 2 }, hour)).toEqual(["pays"]);
    }
  });

  test("own prices decide: reading at the plain price never pays", () => {
    const pricing = {
      inputPerMillionUsd: 1,
      outputPerMillionUsd: 1,
      cacheReadPerMillionUsd: 1,
      cacheWritePerMillionUsd: 1.25,
      catalogue: "own",
    };
    expect(decisions({ ...CLAUDE, pricing }, { expectedReuse: 100 }, request({ cache }))).toEqual(["does-not-pay"]);
  });

  test("a model that keeps nothing gets nothing", () => {
    const capabilities = { ...UNKNOWN_CAPABILITIES, promptCache: { answer: "no", source: "configuration" } } as const;
    expect(decisions({ ...CLAUDE, capabilities }, {}, request({ cache }))).toEqual(["not-supported"]);
  });

  test("of a vendor that nobody knows, only what is asked for is sent", () => {
    expect(decisions({ model: "mystery-1" }, {}, request({ cache }))).toEqual(["asked"]);
    expect(decisions({ model: "mystery-1" }, { shared: 2 })).toEqual(["unknown-vendor", "unknown-vendor"]);
    // Its wire, once it has answered, tells.
    expect(decisions({ model: "mystery-1", dialect: "anthropic-messages" }, { shared: 2 })).toEqual(["pays", "pays"]);
  });

  test("an object at Google's is made only where a time to live is asked for", () => {
    const target = { model: "gemini-2.5-flash", dialect: "gemini" };
    expect(planDirectives(request({ cache }), target).directives).toEqual([]);
    const hour = [{ stable: "system", timeToLive: "1h" }] as const;
    expect(planDirectives(request({ cache: hour }), target, { expectedReuse: 2 }).directives).toEqual(hour);
  });
});

describe("what goes out", () => {
  test("four marks at most; those on the oldest messages go", () => {
    const messages = [LONG, ...turns(9)];
    const ends = [2, 4, 6, 8, 10].map((count) => ({ stable: { messages: count } }));
    const { directives, considered } = planDirectives(request({ messages, cache: [{ stable: "system" }, ...ends] }), CLAUDE);
    expect(directives).toEqual([
      { stable: "system" },
      { stable: { messages: 6 } },
      { stable: { messages: 8 } },
      { stable: { messages: 10 } },
    ]);
    expect(considered.filter(({ decision }) => decision === "too-many")).toHaveLength(2);
  });

  test("two marks at one place are one", () => {
    const cache = [{ stable: "system" }, { stable: { messages: 1 } }] as const;
    expect(planDirectives(request({ cache }), CLAUDE).directives).toHaveLength(1);
  });

  test("a longer time never stands behind a shorter one", () => {
    const cache = [{ stable: "system" }, { stable: { messages: 2 }, timeToLive: "1h" }] as const;
    const { directives } = planDirectives(request({ cache }), CLAUDE, { expectedReuse: 3 });
    expect(directives.map(({ timeToLive }) => timeToLive)).toEqual(["1h", "1h"]);
  });

  test("where the vendor keeps by itself, at most a key", () => {
    expect(planDirectives(request(), GPT, { shared: 2, key: "session-7" }).directives).toEqual([
      { stable: "system", key: "session-7" },
    ]);
    expect(planDirectives(request(), GPT, { shared: 2 }).directives).toEqual([]);
    const short = request({ messages: [userMessage("One?")] });
    expect(planDirectives(short, GPT, { shared: 1, key: "session-7" }).directives).toEqual([]);
  });
});

test.each([
  ["claude-haiku-4-5-20251001", "marks", 4096],
  ["anthropic.claude-sonnet-4-5-20250929-v1:0", "marks", 1024],
  ["claude-3.5-haiku", "marks", 2048],
  ["gpt-4.1-mini", "automatic", 1024],
  ["gemini-2.5-flash", "objects", 1024],
  ["gemini-3.1-pro-preview", "objects", 4096],
])("%s: %s from %i tokens on", (model, way, minimumTokens) => {
  expect(cachingRule({ model })).toEqual({ way, minimumTokens });
});

test("Vertex AI keeps nothing below 2048 tokens, and turbo1 is no o1", () => {
  expect(cachingRule({ model: "gemini-2.5-flash", backend: "vertex" })?.minimumTokens).toBe(2048);
  expect(cachingRule({ model: "turbo1" })).toBeUndefined();
});

describe("a session", () => {
  const first: CompletionRequest = { model: "m", messages: [LONG, userMessage("One?")] };
  const next = (...more: readonly Message[]): CompletionRequest => ({ ...first, messages: [...first.messages, ...more] });
  const completion = (cacheReadTokens?: number, cacheWriteTokens?: number) => ({
    usage: { inputTokens: 6_000, outputTokens: 10, ...defined({ cacheReadTokens, cacheWriteTokens }) },
  });

  /** Plans and settles; `read` is what the vendor says. */
  function session(target: CacheTarget = CLAUDE) {
    let time = 0;
    const planner = createCachePlanner({ now: () => time });
    return {
      planner,
      call(request: CompletionRequest, read: number | undefined, atSeconds = time / 1000) {
        time = atSeconds * 1000;
        const planned = planner.plan("s", request, target);
        return { planned, outcome: planner.settle(planned, completion(read)) };
      },
    };
  }

  test("begins with nothing, marks what repeats, and then expects it", () => {
    const { call, planner } = session();
    expect(call(first, 0)).toMatchObject({
      planned: { directives: [] },
      outcome: { expectedTokens: 0, miss: { reason: "first-call" } },
    });
    const second = call(next(...turns(2)), 0);
    expect(second.planned.directives).toEqual([{ stable: "system" }, { stable: { messages: 2 } }, { stable: { messages: 4 } }]);
    expect(second.outcome.miss?.reason).toBe("first-call");
    const third = call(next(...turns(4)), 5_500);
    expect(third.planned.expectedTokens).toBeGreaterThan(5_000);
    expect(third.outcome.miss).toBeUndefined();
    expect(planner.report()).toMatchObject([{ session: "s", calls: 3, hitTokens: 5_500, misses: { "first-call": 2 } }]);
  });

  test("names the message that has changed, or the tools", () => {
    const { call } = session();
    call(first, 0);
    call(next(...turns(2)), 0);
    const changed = { ...first, messages: [systemMessage(`${LONG.parts[0]?.text} and a date`), userMessage("One?")] };
    expect(call(changed, 0).outcome.miss).toEqual({ reason: "prefix-changed", detail: expect.any(String), message: 0 });
    call(changed, 0);
    expect(call({ ...changed, tools: [TOOL] }, 0).outcome.miss).toMatchObject({
      reason: "prefix-changed",
      detail: "the tools are not what they were",
    });
  });

  test("tells what was too old from what just was not there", () => {
    const { call } = session();
    call(first, 0, 0);
    call(next(...turns(2)), 0, 10);
    expect(call(next(...turns(4)), 0, 20).outcome.miss?.reason).toBe("unknown");
    expect(call(next(...turns(6)), 0, 400).outcome.miss?.reason).toBe("expired");
  });

  test("takes an hour once its calls come further apart than five minutes", () => {
    const planner = createCachePlanner({ now: () => time, expectedReuse: 3 });
    let time = 0;
    const plan = (request: CompletionRequest) => {
      const planned = planner.plan("s", request, CLAUDE);
      planner.settle(planned, completion(0));
      return planned.directives.map(({ timeToLive }) => timeToLive);
    };
    plan(first);
    time += 60_000;
    expect(plan(next(...turns(2)))).toEqual([undefined, undefined, undefined]);
    time += 900_000;
    expect(plan(next(...turns(4)))).toEqual(["1h", "1h", "1h"]);
  });

  test("says what is too short to be kept", () => {
    const { call } = session();
    expect(call({ model: "m", messages: [userMessage("Hello.")] }, 0).outcome.miss?.reason).toBe("below-minimum");
  });

  test("expects of a vendor that keeps by itself any shared beginning", () => {
    const { call } = session(GPT);
    call(first, 0);
    const { planned } = call({ ...first, messages: [LONG, userMessage("Two?")] }, 5_120);
    expect(planned.expectedTokens).toBeGreaterThan(5_000);
  });

  test("claims no miss where the vendor says nothing of hits, and no savings without a price", () => {
    const { call, planner } = session();
    call(first, undefined);
    call(next(...turns(2)), undefined);
    const { outcome } = call(next(...turns(4)), undefined);
    expect(outcome).toEqual({ expectedTokens: expect.any(Number) });
    expect(planner.report()[0]).toMatchObject({ callsWithUnknownHits: 3, callsWithUnknownSavings: 3 });
  });

  test("what hits saved is the difference to the full price, less what writing cost above it", () => {
    const { planner } = session();
    const pricing = anthropic().pricing("claude-sonnet-4-5");
    const planned = planner.plan("s", first, { ...CLAUDE, pricing });
    const written = planner.settle(planned, completion(0, 5_000)).savedUsd;
    const read = planner.settle(planner.plan("s", first, { ...CLAUDE, pricing }), completion(5_000, 0)).savedUsd;
    expect(written).toBeCloseTo((-5_000 * 0.75) / 1e6, 10);
    expect(read).toBeCloseTo((5_000 * 2.7) / 1e6, 10);
    const noRate = { inputPerMillionUsd: 3, outputPerMillionUsd: 15, catalogue: "own" };
    expect(
      planner.settle(planner.plan("s", first, { ...CLAUDE, pricing: noRate }), completion(5_000, 0)).savedUsd,
    ).toBeUndefined();
  });

  test("remembers a bounded number of sessions", () => {
    const planner = createCachePlanner({ sessionsMax: 2 });
    for (const name of ["a", "b", "a", "c"]) planner.settle(planner.plan(name, first, CLAUDE), completion(0));
    expect(planner.report().map(({ session: name }) => name)).toEqual(["a", "c"]);
    expect(planner.end("a")).toBe(true);
    expect(planner.end("a")).toBe(false);
  });
});

test("the bundled price lists know what reading costs, so that savings are known", () => {
  expect(openai().pricing("gpt-4.1-mini")?.cacheReadPerMillionUsd).toBeGreaterThan(0);
  expect(anthropic().pricing("claude-sonnet-4-5")?.cacheWriteOneHourPerMillionUsd).toBeGreaterThan(0);
});

/** Turns of a talk: user, assistant, user … */
function turns(count: number): readonly Message[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? ({ role: "assistant", parts: [{ type: "text", text: `Answer ${index}.` }] } as const)
      : userMessage(`Question ${index}?`),
  );
}

function defined<Value extends object>(value: Value): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]: NonNullable<Value[Key]>;
  };
}
