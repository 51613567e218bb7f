import {
  checkStream,
  createScriptedProvider,
  type FakeVendor,
  type ScriptedAnswer,
  startFakeVendor,
} from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  anthropic,
  createFold,
  DragomanError,
  ERROR_TABLE,
  type ErrorCode,
  failedAttempts,
  fallback,
  openai,
  type Provider,
  Secret,
  type StreamEvent,
  textOf,
  toDragomanError,
  userMessage,
} from "../../src/index.ts";

const CALL = { model: "m", messages: [userMessage("Hello.")] };

function scripted(id: string, ...script: readonly ScriptedAnswer[]) {
  return createScriptedProvider(script, { id });
}

async function eventsOf(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  expect(checkStream(all)).toEqual([]);
  return all;
}

function folded(events: readonly StreamEvent[]) {
  const fold = createFold();
  for (const event of events) fold.push(event);
  return fold.completion();
}

/** What happens after an error of each code. Written out, so that a change of the table is seen here. */
const GOES_ON: Readonly<Record<ErrorCode, boolean>> = {
  invalid_request: false,
  unsupported: true,
  schema_unsupported: false,
  request_too_large: false,
  context_overflow: false,
  content_refused: false,
  authentication: true,
  permission_denied: true,
  quota_exceeded: true,
  rate_limited: true,
  overloaded: true,
  model_not_found: true,
  unknown_model: true,
  ambiguous_model: false,
  model_loading: true,
  provider_unavailable: true,
  connection_failed: true,
  timeout: true,
  aborted: false,
  stream_truncated: true,
  invalid_response: true,
  vendor_error: true,
  invalid_output: true,
  configuration: true,
  not_found: false,
  method_not_allowed: false,
  internal: false,
};

describe("which errors another target is asked after", () => {
  test.each(Object.keys(ERROR_TABLE) as ErrorCode[])("%s", async (code) => {
    const second = scripted("second", { text: "Here." });
    const outcome = fallback([scripted("first", { error: code }), second]).complete(CALL);
    if (!GOES_ON[code]) {
      await expect(outcome).rejects.toMatchObject({ code });
      expect(second.requests).toEqual([]);
      return;
    }
    const completion = await outcome;
    expect(completion.origin.provider).toBe("second");
    expect(failedAttempts(completion)).toMatchObject([{ provider: "first", model: "m", outcome: "failed", code }]);
    expect(completion.warnings[0]).toMatchObject({ type: "fallback" });
  });

  test("a content refusal is carried on only when that is asked for", async () => {
    const targets = () => [scripted("first", { error: "content_refused" }), scripted("second", { text: "Here." })];
    await expect(fallback(targets()).complete(CALL)).rejects.toMatchObject({ code: "content_refused" });
    const completion = await fallback(targets(), { afterContentRefusal: true }).complete(CALL);
    expect(completion.origin.provider).toBe("second");
  });

  test("an overflow goes only to a window that is known to be larger", async () => {
    const target = (id: string, window: number | undefined) => ({
      provider: scripted(id, { error: "context_overflow" }),
      ...(window === undefined ? {} : { capabilities: { contextWindowTokens: window } }),
    });
    const large = { provider: scripted("large", { text: "It fits." }), capabilities: { contextWindowTokens: 200_000 } };
    const chain = fallback([target("first", 8_000), target("equal", 8_000), target("unknown", undefined), large]);
    const completion = await chain.complete(CALL);
    expect(completion.origin.provider).toBe("large");
    expect(failedAttempts(completion).map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ["first", "failed"],
      ["equal", "skipped"],
      ["unknown", "skipped"],
    ]);
  });
});

test("an overflow goes first to who was named for it, also where its window is unknown", async () => {
  const window = (tokens: number) => ({ capabilities: { contextWindowTokens: tokens } });
  const larger = { provider: scripted("larger", { text: "never" }), ...window(200_000) };
  const named = { provider: scripted("named", { text: "It fits." }), forOverflow: true };
  const first = { provider: scripted("first", { error: "context_overflow" }), ...window(8_000) };
  const completion = await fallback([first, larger, named]).complete(CALL);
  expect(completion.origin.provider).toBe("named");
});

describe("targets that are passed over", () => {
  test("one that is known to lack what the request needs, with the reason", async () => {
    const blind = { provider: scripted("blind"), capabilities: { images: false } };
    const seeing = scripted("seeing", { text: "A cat." });
    const image = { type: "image", mediaType: "image/png", source: { type: "data", data: "AAAA" } } as const;
    const completion = await fallback([blind, seeing]).complete({ model: "m", messages: [userMessage([image])] });
    expect(failedAttempts(completion)).toMatchObject([{ provider: "blind", outcome: "skipped", detail: "it lacks images" }]);
    expect(blind.provider.requests).toEqual([]);
  });

  test("all of them: an error that says why each", async () => {
    const target = { provider: scripted("plain"), capabilities: { tools: false } };
    const tools = [{ name: "f", inputSchema: { type: "object" } }];
    await expect(fallback([target]).complete({ ...CALL, tools })).rejects.toMatchObject({
      code: "unsupported",
      detail: expect.stringContaining("it lacks tools"),
    });
  });

  test("another model of a provider whose key is dead; not one of a provider that is only busy", async () => {
    const dead = scripted("dead", { error: "authentication" }, { text: "never" });
    const busy = scripted("busy", { error: "rate_limited" }, { text: "The other model." });
    const chain = fallback([
      { provider: dead, model: "a" },
      { provider: dead, model: "b" },
      { provider: busy, model: "a" },
      { provider: busy, model: "b" },
    ]);
    const completion = await chain.complete(CALL);
    expect(completion.origin).toMatchObject({ provider: "busy", model: "b" });
    expect(failedAttempts(completion).map(({ outcome }) => outcome)).toEqual(["failed", "skipped", "failed"]);
  });

  test("another provider of the same account whose key is dead", async () => {
    const account = {};
    const model = scripted("model", { text: "never" });
    const chain = fallback([
      { provider: scripted("first", { error: "authentication" }), account },
      { provider: model, account },
      { provider: scripted("other", { text: "Here." }), account: {} },
    ]);
    const completion = await chain.complete(CALL);
    expect(completion.origin.provider).toBe("other");
    expect(failedAttempts(completion).map(({ outcome }) => outcome)).toEqual(["failed", "skipped"]);
    expect(model.requests).toEqual([]);
  });

  test("one that says that it sent nothing, which tells nothing of its provider", async () => {
    const skipped = [{ provider: "busy", model: "a", outcome: "skipped", detail: "no room" }] as const;
    const refusing: Provider = {
      ...scripted("busy"),
      complete: ({ model }) =>
        model === "a"
          ? Promise.reject(new DragomanError({ code: "quota_exceeded", detail: "no room", attempts: skipped }))
          : scripted("busy", { text: "The other model." }).complete(CALL),
    };
    const completion = await fallback([
      { provider: refusing, model: "a" },
      { provider: refusing, model: "b" },
    ]).complete(CALL);
    expect(failedAttempts(completion)).toMatchObject([{ outcome: "skipped", code: "quota_exceeded", detail: "no room" }]);
    expect(failedAttempts(completion)[0]).not.toHaveProperty("durationMs");
  });

  test("no target at all is refused when the policy is made", () => {
    expect(() => fallback([])).toThrow(/at least one target/);
  });
});

describe("answers that are judged", () => {
  test("one that will not do is refused with the reason, and its cost is told beside the answer", async () => {
    const first = scripted("first", { text: "I cannot.", usage: { inputTokens: 9, outputTokens: 2 } });
    const chain = fallback([first, scripted("second", { text: "I can." })], {
      accept: ({ message }) => (textOf(message).includes("cannot") ? "it gave up" : true),
    });
    const completion = await chain.complete(CALL);
    expect(textOf(completion.message)).toBe("I can.");
    expect(failedAttempts(completion)).toMatchObject([{ outcome: "refused", inputTokens: 9, outputTokens: 2 }]);
    expect(failedAttempts(completion)[0]?.detail).toContain("it gave up");
    expect(completion.usage.inputTokens).not.toBe(9);
  });

  test("streams are judged when they are held back in full, and say that they were not otherwise", async () => {
    const chain = (commit: "first-token" | "full") =>
      fallback([scripted("first", { text: "bad" }), scripted("second", { text: "good" })], {
        commit,
        accept: ({ message }) => textOf(message) !== "bad",
      });
    const full = await eventsOf(chain("full").stream(CALL));
    expect(textOf(folded(full).message)).toBe("good");
    expect(full.some(({ type }) => type === "restart")).toBe(false);
    const early = folded(await eventsOf(chain("first-token").stream(CALL)));
    expect(textOf(early.message)).toBe("bad");
    expect(early.warnings).toMatchObject([{ type: "unsupported", detail: expect.stringContaining('commit: "full"') }]);
  });
});

describe("when nobody answers", () => {
  test("the error is the one after which it pays best to try again, and names every attempt", async () => {
    const chain = fallback([scripted("a", { error: "model_not_found" }), scripted("b", { error: "rate_limited" })]);
    const error = await chain.complete(CALL).then(() => undefined, toDragomanError);
    expect(error).toMatchObject({ code: "rate_limited", provider: "b", retryable: true });
    expect(error?.attempts).toMatchObject([
      { provider: "a", code: "model_not_found" },
      { provider: "b", code: "rate_limited" },
    ]);
    expect(error?.cause).toBeInstanceOf(AggregateError);
  });

  test("the whole call's limit holds for all targets together", async () => {
    let now = 0;
    const slow = scripted("slow", { error: "timeout" });
    const late = scripted("late", { text: "never" });
    const ticking: Provider = {
      ...slow,
      complete: (call) => {
        now += 5_000;
        return slow.complete(call);
      },
    };
    const chain = fallback([ticking, late], { now: () => now });
    await expect(chain.complete({ ...CALL, timeouts: { totalMs: 5_000 } })).rejects.toMatchObject({ code: "timeout" });
    expect(late.requests).toEqual([]);
  });
});

describe("over the wire", () => {
  let first: FakeVendor;
  let second: FakeVendor;
  beforeAll(async () => {
    first = await startFakeVendor("openai");
    second = await startFakeVendor("anthropic");
  });
  afterAll(() => Promise.all([first.close(), second.close()]));

  function chain(fault: string, options = {}) {
    return fallback(
      [
        { provider: openai({ baseUrl: first.baseUrl, key: new Secret("k") }), model: fault },
        { provider: anthropic({ baseUrl: second.baseUrl, key: new Secret("k") }), model: "claude-sonnet-4-5" },
      ],
      options,
    );
  }
  const messages = [userMessage("one two three four five six seven eight")];

  test.each(["fault-429", "fault-500", "fault-reset", "fault-html", "fault-empty"])(
    "a stream that fails before its first token is changed over without a trace: %s",
    async (fault) => {
      const events = await eventsOf(chain(fault).stream({ model: "any", messages }));
      expect(events.filter(({ type }) => type === "restart" || type === "start").length).toBe(1);
      const completion = folded(events);
      expect(completion.origin).toMatchObject({ provider: "anthropic", model: "claude-sonnet-4-5" });
      expect(completion.finish.reason).toBe("stop");
      expect(failedAttempts(completion)).toHaveLength(1);
    },
  );

  test.each(["fault-cut", "fault-reset-mid", "fault-malformed", "fault-no-terminator", "fault-error-in-200"])(
    "one that fails after it is begun anew, and what came before does not count: %s",
    async (fault) => {
      const events = await eventsOf(chain(fault).stream({ model: "any", messages }));
      const restart = events.find((event) => event.type === "restart");
      expect(restart).toMatchObject({ error: { provider: "openai" }, reason: expect.stringContaining("anthropic:claude") });
      const whole = await chain("fault-500").complete({ model: "any", messages });
      expect(textOf(folded(events).message)).toBe(textOf(whole.message));
    },
  );

  test("held back in full, the caller never sees the one that broke", async () => {
    const events = await eventsOf(chain("fault-cut", { commit: "full" }).stream({ model: "any", messages }));
    expect(events.some(({ type }) => type === "restart")).toBe(false);
    expect(folded(events).origin.provider).toBe("anthropic");
  });

  test("where it may not begin anew, the error is that of the stream that was given out", async () => {
    const never = scripted("never", { text: "never" });
    const cut = { provider: openai({ baseUrl: first.baseUrl, key: new Secret("k") }), model: "fault-cut" };
    const targets = [scripted("busy", { error: "rate_limited" }), cut, never];
    const events = await eventsOf(fallback(targets, { afterCommit: "fail" }).stream({ model: "m", messages }));
    expect(events.at(-1)).toMatchObject({ type: "error", error: { code: "stream_truncated", provider: "openai" } });
    expect(never.requests).toEqual([]);
  });

  test("an abort ends it, whoever is being asked", async () => {
    const controller = new AbortController();
    const events: StreamEvent[] = [];
    for await (const event of chain("fault-stall").stream({ model: "any", messages, signal: controller.signal })) {
      events.push(event);
      if (event.type === "text-delta") controller.abort();
    }
    expect(events.at(-1)).toMatchObject({ type: "error", error: { code: "aborted" } });
    await first.waitForAbort();
  });
});

test("what is asked beside the call is asked of the first target, and all are closed once", async () => {
  const closed: string[] = [];
  const target = (id: string): Provider => ({ ...scripted(id), close: async () => void closed.push(id) });
  const [a, b] = [target("a"), target("b")];
  const chain = fallback([a, b, { provider: a, model: "other" }]);
  expect(chain.id).toBe("a");
  await chain.close?.();
  expect(closed).toEqual(["a", "b"]);
});

describe("how long it goes on", () => {
  test("an abort stops it, whatever the target made of it", async () => {
    const controller = new AbortController();
    const first: Provider = {
      ...scripted("first"),
      complete: () => {
        controller.abort();
        return Promise.reject(new DragomanError({ code: "overloaded", detail: "busy" }));
      },
    };
    let asked = false;
    const heedless: Provider = {
      ...scripted("second"),
      complete: (call) => {
        asked = true;
        return scripted("second", { text: "never" }).complete({ ...call, signal: new AbortController().signal });
      },
    };
    const outcome = fallback([first, heedless]).complete({ ...CALL, signal: controller.signal });
    await expect(outcome).rejects.toMatchObject({ code: "overloaded" });
    expect(asked).toBe(false);
  });

  test("a target's own times are laid over the call's, and the whole never grows beyond what is left", async () => {
    let now = 0;
    const seen: unknown[] = [];
    const watched = (id: string, answer: ScriptedAnswer): Provider => {
      const inner = scripted(id, answer);
      return {
        ...inner,
        complete: (call) => {
          seen.push(call.timeouts);
          now += 400;
          return inner.complete(call);
        },
      };
    };
    const chain = fallback(
      [
        { provider: watched("first", { error: "timeout" }), timeouts: { firstByteMs: 50 } },
        { provider: watched("second", { text: "Here." }), timeouts: { totalMs: 5_000 } },
      ],
      { now: () => now },
    );
    await chain.complete({ ...CALL, timeouts: { firstByteMs: 900, idleMs: 70, totalMs: 1_000 } });
    expect(seen).toEqual([
      { firstByteMs: 50, idleMs: 70, totalMs: 1_000 },
      { firstByteMs: 900, idleMs: 70, totalMs: 600 },
    ]);
  });

  test("the same model of the same provider is not asked twice", async () => {
    const one = scripted("one", { error: "overloaded" }, { text: "never" });
    await expect(fallback([one, { provider: one, model: "m" }]).complete(CALL)).rejects.toMatchObject({
      attempts: [{ outcome: "failed" }, { outcome: "skipped", detail: "it was tried already" }],
    });
    expect(one.requests).toHaveLength(1);
  });
});

test("what an attempt cost is told, where it is known", async () => {
  const first = scripted("first", { text: "bad" });
  const priced: Provider = {
    ...first,
    complete: async (call) => ({
      ...(await first.complete(call)),
      cost: { totalUsd: 0.25, inputUsd: 0.25, outputUsd: 0, catalogue: "own" },
    }),
  };
  const chain = fallback([priced, scripted("second", { text: "good" })], { accept: ({ message }) => textOf(message) === "good" });
  const completion = await chain.complete(CALL);
  expect(failedAttempts(completion)).toMatchObject([{ costUsd: 0.25 }]);
  expect(completion.cost).toBeUndefined();
});

test("when all fail, the error keeps what the caller was shown, not what came after unseen", async () => {
  const origin = { dialect: "scripted", provider: "shown", model: "m" };
  const shown: Provider = {
    ...scripted("shown"),
    async *stream() {
      yield { type: "start", id: "1", origin };
      yield { type: "text-start", index: 0 };
      yield { type: "text-delta", index: 0, text: "half" };
      yield { type: "text-end", index: 0 };
      yield { type: "error", error: new DragomanError({ code: "stream_truncated", detail: "cut" }) };
    },
  };
  const events = await eventsOf(fallback([shown, scripted("unseen", { error: "overloaded" })]).stream(CALL));
  const last = events.at(-1);
  expect(last?.type === "error" && last.partial && textOf(last.partial.message)).toBe("half");
  expect(events.some(({ type }) => type === "restart")).toBe(false);
});

test("it can be used as long as one target can", async () => {
  const gone: Provider = {
    ...scripted("gone"),
    availability: async () => ({ available: false, reason: "no-key", detail: "no key", nextStep: "set one" }),
  };
  expect(await fallback([gone, scripted("there")]).availability()).toMatchObject({
    available: true,
    detail: expect.stringContaining("there stands in for gone"),
  });
  expect(await fallback([gone]).availability()).toMatchObject({ available: false, reason: "no-key" });
});
