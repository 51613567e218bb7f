import { getEventListeners } from "node:events";
import { createScriptedProvider, type FakeVendor, type ScriptedAnswer, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cache,
  DragomanError,
  type LimitOptions,
  limit,
  openai,
  type Provider,
  Secret,
  toDragomanError,
  userMessage,
} from "../../src/index.ts";
import { createManualClock } from "./manual-clock.ts";

const CALL = { model: "m", messages: [userMessage("Hello.")] };

/** A provider whose calls end when they are told to. */
function held(answer: ScriptedAnswer = { text: "Hi." }) {
  const waiting: (() => void)[] = [];
  const started: string[] = [];
  const scripted = createScriptedProvider(Array.from({ length: 50 }, () => answer));
  const provider: Provider = {
    ...scripted,
    async complete(call) {
      started.push(call.metadata?.user ?? "");
      await new Promise<void>((resolve) => waiting.push(resolve));
      return scripted.complete(call);
    },
  };
  return { provider, started, endOne: () => waiting.shift()?.() };
}

function limited(options: LimitOptions, provider: Provider = held().provider) {
  const clock = createManualClock();
  return { clock, model: limit(provider, { clock, ...options }) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("requests per minute", () => {
  test("a minute's worth goes at once, the next when its time comes", async () => {
    const scripted = createScriptedProvider(Array.from({ length: 4 }, () => ({ text: "Hi." })));
    const { clock, model } = limited({ requestsPerMinute: 2, queue: { waitMaxMs: 60_000 } }, scripted);
    await Promise.all([model.complete(CALL), model.complete(CALL)]);
    const third = model.complete(CALL);
    await clock.pass(29_000);
    expect(scripted.requests).toHaveLength(2);
    await clock.pass(1_001);
    await third;
    expect(scripted.requests).toHaveLength(3);
  });

  test("one that would wait too long is refused, and told when to come back", async () => {
    const scripted = createScriptedProvider([{ text: "Hi." }, { text: "Hi." }]);
    const { clock, model } = limited({ requestsPerMinute: 1, queue: { waitMaxMs: 10_000 } }, scripted);
    await model.complete(CALL);
    const error = await model.complete(CALL).then(() => undefined, toDragomanError);
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 60_000, retryable: true });
    await clock.pass(error?.retryAfterMs ?? 0);
    await model.complete(CALL);
    scripted.assertUsedUp();
  });
});

describe("tokens per minute", () => {
  const usage = (tokens: number) => ({ text: "Hi.", usage: { inputTokens: tokens, outputTokens: 0 } });

  test("are settled by what was used: more is made good by waiting, less is given back", async () => {
    const scripted = createScriptedProvider([usage(1_800), usage(10), usage(10)]);
    const { clock, model } = limited(
      { tokensPerMinute: 1_200, outputTokensEstimate: 100, queue: { waitMaxMs: 60_000 } },
      scripted,
    );
    await model.complete(CALL);
    const second = model.complete(CALL);
    await clock.pass(30_000);
    expect(scripted.requests).toHaveLength(1);
    await clock.pass(10_000);
    await second;
    await model.complete(CALL);
    scripted.assertUsedUp();
  });

  test("a call that was turned away costs none", async () => {
    const scripted = createScriptedProvider([{ error: "authentication" }, usage(1)]);
    const { model } = limited({ tokensPerMinute: 150, outputTokensEstimate: 100 }, scripted);
    await expect(model.complete(CALL)).rejects.toMatchObject({ code: "authentication" });
    await model.complete(CALL);
  });

  test("a call larger than a minute's worth gets through when all of it is there", async () => {
    const scripted = createScriptedProvider([usage(1), usage(5_000)]);
    const { clock, model } = limited({ tokensPerMinute: 1_000 }, scripted);
    await model.complete(CALL);
    const large = model.complete({ ...CALL, messages: [userMessage("x".repeat(20_000))] });
    await clock.pass(1_000);
    await large;
  });
});

describe("concurrency", () => {
  test("so many run at once; who waits takes turns with others, however many calls one has", async () => {
    const { provider, started, endOne } = held();
    const { model } = limited({ concurrency: 1 }, provider);
    const of = (user: string) => model.complete({ ...CALL, metadata: { user } });
    const calls = [of("greedy"), of("greedy"), of("greedy"), of("modest"), of("other")];
    for (let count = 1; count <= calls.length; count++) {
      await turn();
      expect(started).toHaveLength(count);
      endOne();
    }
    await Promise.all(calls);
    expect(started).toEqual(["greedy", "greedy", "modest", "other", "greedy"]);
  });

  test("a queue that is full refuses; 0 never queues", async () => {
    const { provider, endOne } = held();
    const { model } = limited({ concurrency: 1, queue: { lengthMax: 0 } }, provider);
    const first = model.complete(CALL);
    await turn();
    await expect(model.complete(CALL)).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: expect.any(Number) });
    endOne();
    await first;
  });

  test("a call that is aborted while it waits leaves the queue, and the next one moves up", async () => {
    const { provider, started, endOne } = held();
    const { model } = limited({ concurrency: 1 }, provider);
    const controller = new AbortController();
    const first = model.complete(CALL);
    const aborted = model.complete({ ...CALL, metadata: { user: "gone" }, signal: controller.signal });
    const last = model.complete({ ...CALL, metadata: { user: "last" } });
    await turn();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "aborted" });
    endOne();
    await first;
    await turn();
    endOne();
    await last;
    expect(started).toEqual(["", "last"]);
  });

  test("one that has waited too long is refused, and closing refuses all who wait", async () => {
    const { provider, endOne } = held();
    const { clock, model } = limited({ concurrency: 1, queue: { waitMaxMs: 1_000 } }, provider);
    const running = model.complete(CALL);
    const late = expect(model.complete(CALL)).rejects.toMatchObject({ code: "rate_limited" });
    await clock.pass(1_000);
    await late;
    const waiting = expect(model.complete(CALL)).rejects.toMatchObject({ code: "provider_unavailable" });
    await turn();
    await model.close?.();
    await waiting;
    endOne();
    await running;
  });
});

test.each(["requestsPerMinute", "tokensPerMinute", "concurrency"] as const)(
  "a %s of 0 lets nothing through and is refused",
  (name) => {
    expect(() => limited({ [name]: 0 })).toThrow(expect.objectContaining({ code: "configuration", field: name }));
  },
);

describe("streams", () => {
  let vendor: FakeVendor;
  beforeAll(async () => {
    vendor = await startFakeVendor("openai");
  });
  afterAll(() => vendor.close());

  function overWire(options: LimitOptions) {
    return limit(openai({ baseUrl: vendor.baseUrl, key: new Secret("k") }), options);
  }
  const messages = [userMessage("one two three four five six")];

  test.each(["gpt-4.1-mini", "fault-cut", "fault-500", "fault-reset-mid"])(
    "gives its place back, however it ends: %s",
    async (model) => {
      const provider = overWire({ concurrency: 1, queue: { lengthMax: 0 } });
      for (let round = 0; round < 3; round++) {
        let last = "";
        for await (const event of provider.stream({ model, messages })) last = event.type;
        expect(["finish", "error"]).toContain(last);
      }
    },
  );

  test("one that is left early gives its place back too", async () => {
    const provider = overWire({ concurrency: 1, queue: { lengthMax: 0 } });
    for (let round = 0; round < 3; round++) {
      for await (const event of provider.stream({ model: "fault-stall", messages })) if (event.type === "text-delta") break;
    }
    expect((await provider.complete({ model: "gpt-4.1-mini", messages })).finish.reason).toBe("stop");
  });

  test("a refusal is the stream's only event", async () => {
    const provider = overWire({ requestsPerMinute: 1, queue: { lengthMax: 0 } });
    await provider.complete({ model: "gpt-4.1-mini", messages });
    const events = [];
    for await (const event of provider.stream({ model: "gpt-4.1-mini", messages })) events.push(event);
    expect(events).toMatchObject([{ type: "error", error: { code: "rate_limited" } }]);
  });
});

test("sessions take turns where no user is named, and an answered call leaves no listener on its signal", async () => {
  const { provider, endOne } = held();
  const sessions: string[] = [];
  const watched: Provider = {
    ...provider,
    complete: (call) => {
      sessions.push(call.metadata?.session ?? "");
      return provider.complete(call);
    },
  };
  const { model } = limited({ concurrency: 1 }, watched);
  const { signal } = new AbortController();
  const calls = ["a", "a", "a", "b"].map((session) => model.complete({ ...CALL, signal, metadata: { session } }));
  for (const _call of calls) {
    await turn();
    endOne();
  }
  await Promise.all(calls);
  expect(sessions).toEqual(["a", "a", "b", "a"]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

describe("what is settled", () => {
  const origin = { dialect: "scripted", provider: "scripted", model: "m" };
  const TOKENS = { tokensPerMinute: 2_000, outputTokensEstimate: 100, queue: { lengthMax: 0 } } as const;

  test("a stream that was cut costs what had arrived, though the vendor had reported less", async () => {
    const cut: Provider = {
      ...createScriptedProvider([]),
      async *stream() {
        yield { type: "start", id: "1", origin };
        yield { type: "usage", usage: { inputTokens: 10, outputTokens: 1 } };
        yield { type: "text-start", index: 0 };
        yield { type: "text-delta", index: 0, text: "word ".repeat(2_000) };
        yield { type: "text-end", index: 0 };
        yield { type: "error", error: new DragomanError({ code: "stream_truncated", detail: "cut" }) };
      },
    };
    const { model } = limited(TOKENS, cut);
    for await (const event of model.stream(CALL)) void event;
    await expect(model.complete(CALL)).rejects.toMatchObject({ code: "rate_limited" });
  });

  test("an answer from a cache inside costs nothing", async () => {
    const scripted = createScriptedProvider([{ text: "Hi.", usage: { inputTokens: 900, outputTokens: 0 } }]);
    const { model } = limited(TOKENS, cache(scripted));
    for (let round = 0; round < 4; round++) await model.complete(CALL);
    scripted.assertUsedUp();
  });
});
