import {
  createScriptedProvider,
  type FakeVendor,
  responseStoreCases,
  type ScriptedAnswer,
  startFakeVendor,
} from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  anthropic,
  type CacheOptions,
  type Completion,
  type CompletionCall,
  cache,
  createFold,
  createMemoryResponseStore,
  openai,
  type Provider,
  type ResponseStore,
  Secret,
  textOf,
  userMessage,
} from "../../src/index.ts";

const CALL: CompletionCall = { model: "m", messages: [userMessage("Hello.")] };
const PRICED = { text: "Hi.", usage: { inputTokens: 5, outputTokens: 2 } } as const;

function cached(script: readonly ScriptedAnswer[], options: CacheOptions = {}) {
  const scripted = createScriptedProvider(script);
  return { scripted, model: cache(scripted, options) };
}

async function streamed(provider: Provider, call: CompletionCall = CALL) {
  const fold = createFold();
  for await (const event of provider.stream(call)) fold.push(event);
  return fold.completion();
}

describe("the same call again", () => {
  test("is answered from the store, says so, and costs nothing", async () => {
    let now = 1_000;
    const { scripted, model } = cached([PRICED], { now: () => now });
    const first = await model.complete(CALL);
    expect(first.cached).toBeUndefined();
    now += 500;
    const second = await model.complete(CALL);
    expect(second.message).toEqual(first.message);
    expect(second).toMatchObject({ usage: first.usage, cost: { totalUsd: 0 }, cached: { ageMs: 500 } });
    scripted.assertUsedUp();
  });

  test("may come whole or streamed, in either order", async () => {
    const { scripted, model } = cached([PRICED, { text: "Other." }]);
    await model.complete(CALL);
    expect((await streamed(model)).cached).toEqual({ ageMs: expect.any(Number) });
    const other = { ...CALL, temperature: 0.5 };
    await streamed(model, other);
    expect(textOf((await model.complete(other)).message)).toBe("Other.");
    scripted.assertUsedUp();
  });

  test("is asked anew after its time", async () => {
    let now = 0;
    const { scripted, model } = cached([PRICED, PRICED], { now: () => now, timeToLiveMs: 1_000 });
    await model.complete(CALL);
    now = 1_000;
    expect((await model.complete(CALL)).cached).toBeUndefined();
    scripted.assertUsedUp();
  });

  test("is the same whatever the order in which its fields were written", async () => {
    const { scripted, model } = cached([PRICED]);
    const tools = [{ name: "f", inputSchema: { type: "object", properties: { a: {}, b: {} } } }];
    const shuffled = [{ inputSchema: { properties: { b: {}, a: {} }, type: "object" }, name: "f" }];
    await model.complete({ ...CALL, temperature: 1, tools });
    expect((await model.complete({ tools: shuffled, temperature: 1, ...CALL })).cached).toBeDefined();
    scripted.assertUsedUp();
  });
});

describe("what is another call", () => {
  const others: readonly Partial<CompletionCall>[] = [
    { temperature: 0 },
    { seed: 1 },
    { maxOutputTokens: 5 },
    { model: "n" },
    { messages: [userMessage("Hello!")] },
    { output: { type: "json" } },
    { metadata: { user: "another" } },
    { vendorOptions: { "openai-chat": { logprobs: true } } },
  ];
  test.each(others)("%j", async (change) => {
    const { scripted, model } = cached([PRICED, PRICED]);
    await model.complete(CALL);
    expect((await model.complete({ ...CALL, ...change })).cached).toBeUndefined();
    scripted.assertUsedUp();
  });

  test("tags and sessions are none of it; users are, unless everyone shares", async () => {
    const { scripted, model } = cached([PRICED], { scope: "everyone" });
    await model.complete({ ...CALL, metadata: { user: "a", session: "1", tags: { team: "x" } } });
    expect((await model.complete({ ...CALL, metadata: { user: "b" } })).cached).toBeDefined();
    scripted.assertUsedUp();
  });

  test("a tenant in the namespace never sees another's answers in one store", async () => {
    const store = createMemoryResponseStore();
    const one = cached([PRICED], { store, namespace: "one" });
    const two = cached([PRICED], { store, namespace: "two" });
    await one.model.complete(CALL);
    expect((await two.model.complete(CALL)).cached).toBeUndefined();
  });
});

describe("what is not kept", () => {
  const notKept: readonly (readonly [string, ScriptedAnswer])[] = [
    ["an answer cut by length", { text: "half", finish: { reason: "length" } }],
    ["a filtered one", { text: "", finish: { reason: "content-filter" } }],
    ["a suspended one", { text: "so far", finish: { reason: "pause" } }],
    ["one that waits for tools", { toolCalls: [{ name: "f" }] }],
  ];
  test.each(notKept)("%s", async (_what, answer) => {
    const { scripted, model } = cached([answer, PRICED]);
    await model.complete(CALL);
    expect((await model.complete(CALL)).cached).toBeUndefined();
    scripted.assertUsedUp();
  });

  test("an error, and a call that asks for none of it", async () => {
    const { scripted, model } = cached([{ error: "overloaded" }, PRICED, { text: "Anew." }]);
    await expect(model.complete(CALL)).rejects.toMatchObject({ code: "overloaded" });
    await model.complete(CALL);
    const anew = await model.complete({ ...CALL, metadata: { tags: { cache: "no" } } });
    expect(textOf(anew.message)).toBe("Anew.");
    expect(textOf((await model.complete(CALL)).message)).toBe("Hi.");
    scripted.assertUsedUp();
  });
});

test("a store that fails costs a warning, not the call", async () => {
  const broken: ResponseStore = {
    get: () => Promise.reject(new Error("no store")),
    set: () => Promise.reject(new Error("no store")),
    delete: async () => false,
  };
  const { model } = cached([PRICED, PRICED], { store: broken });
  const { message, warnings } = await model.complete(CALL);
  expect(textOf(message)).toBe("Hi.");
  expect(warnings.map(({ detail }) => detail)).toEqual([expect.stringContaining("could not be read")]);
  const later = await model.complete(CALL);
  expect(later.warnings.map(({ detail }) => detail)).toEqual([
    expect.stringContaining("could not be read"),
    expect.stringContaining("could not be written: an earlier answer was not kept"),
  ]);
});

describe("a store that takes its time to keep an answer", () => {
  /** Keeps nothing before it is told to. */
  function slowToKeep() {
    const { promise, resolve } = Promise.withResolvers<void>();
    let sets = 0;
    const store: ResponseStore = {
      ...createMemoryResponseStore(),
      set: () => {
        sets += 1;
        return promise;
      },
    };
    return { store, sets: () => sets, release: resolve };
  }

  test("is not waited for, whole or streamed, but at the end", async () => {
    const { store, sets, release } = slowToKeep();
    const { model } = cached([PRICED, PRICED], { store });
    expect((await model.complete(CALL)).warnings).toEqual([]);
    expect((await streamed(model)).warnings).toEqual([]);
    expect(sets()).toBe(2);
    let closed = false;
    const closing = model.close?.().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    release();
    await closing;
    expect(closed).toBe(true);
  });

  test("is not handed more than it can bear, and that is told", async () => {
    const { store, sets, release } = slowToKeep();
    const { model } = cached(
      Array.from({ length: 257 }, () => PRICED),
      { store },
    );
    let last: Completion | undefined;
    for (let call = 0; call < 257; call++) last = await model.complete({ ...CALL, metadata: { user: `user ${call}` } });
    expect(sets()).toBe(256);
    expect(last?.warnings).toMatchObject([{ detail: expect.stringContaining("still keeping 256 answers") }]);
    release();
    await model.close?.();
  });
});

describe("equal calls at the same time", () => {
  let vendor: FakeVendor;
  beforeAll(async () => {
    vendor = await startFakeVendor("anthropic", { slowMs: 30 });
  });
  afterAll(() => vendor.close());

  const call = (model = "fault-slow-first-token"): CompletionCall => ({ model, messages: [userMessage("one two three")] });
  function fresh() {
    const before = vendor.requests.length;
    const prices = { "fault-slow-first-token": { inputPerMillionUsd: 3, outputPerMillionUsd: 15 } };
    const provider = anthropic({ baseUrl: vendor.baseUrl, key: new Secret("k"), prices });
    return { model: cache(provider), sent: () => vendor.requests.length - before };
  }

  test("become one, and one of them pays", async () => {
    const { model, sent } = fresh();
    const all = await Promise.all([1, 2, 3, 4].map(() => model.complete(call())));
    expect(sent()).toBe(1);
    expect(new Set(all.map(({ message }) => textOf(message))).size).toBe(1);
    expect(all.filter(({ cost }) => (cost?.totalUsd ?? 0) > 0)).toHaveLength(1);
    expect(all.filter(({ cached }) => cached !== undefined)).toHaveLength(3);
  });

  test("streams too, each reader from the beginning", async () => {
    const { model, sent } = fresh();
    const all = await Promise.all([1, 2, 3].map(() => streamed(model, call())));
    expect(sent()).toBe(1);
    expect(new Set(all.map(({ message }) => textOf(message))).size).toBe(1);
  });

  test("one that gives up does not take the others with it; the last one does", async () => {
    const { model, sent } = fresh();
    const controller = new AbortController();
    const leaving = expect(model.complete({ ...call(), signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
    const staying = model.complete(call());
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await leaving;
    expect((await staying).finish.reason).toBe("stop");
    expect(sent()).toBe(1);
  });

  test("when all have given up, the vendor's connection is closed", async () => {
    const { model, sent } = fresh();
    const controller = new AbortController();
    const gone = expect(model.complete({ ...call("fault-silence"), signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    while (sent() === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await gone;
    await vendor.waitForAbort();
  });
});

test("the keys hold nothing of what was said", async () => {
  const keys: string[] = [];
  const inner = createMemoryResponseStore();
  const store: ResponseStore = {
    ...inner,
    get: (key) => {
      keys.push(key);
      return inner.get(key);
    },
  };
  const vendor = await startFakeVendor("openai");
  const model = cache(openai({ baseUrl: vendor.baseUrl, key: new Secret("k") }), { store });
  await model.complete({ model: "gpt-4.1-mini", messages: [userMessage("a secret plan")] });
  await vendor.close();
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
});

describe("the store in memory", () => {
  for (const { name, run } of responseStoreCases({ open: () => createMemoryResponseStore() })) test(name, run);

  test("forgets the one unused for longest, and never grows beyond its bytes", async () => {
    const store = createMemoryResponseStore({ entriesMax: 2 });
    const { model } = cached([PRICED]);
    const completion = await model.complete(CALL);
    const entry = { completion, storedAt: Date.now(), expiresAt: Date.now() + 60_000 };
    for (const key of ["a", "b"]) await store.set(key, entry);
    await store.get("a");
    await store.set("c", entry);
    expect([await store.get("a"), await store.get("b"), await store.get("c")].map((one) => one !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    const small = createMemoryResponseStore({ bytesMax: 10 });
    await small.set("a", entry);
    expect(await small.get("a")).toBeUndefined();
  });
});

describe("a store of somebody else's", () => {
  const inner = () => createMemoryResponseStore({ now: () => 0 });

  test("that gives out what has expired is not believed", async () => {
    let now = 0;
    const { scripted, model } = cached([PRICED, PRICED], { store: inner(), now: () => now, timeToLiveMs: 1_000 });
    await model.complete(CALL);
    now = 5_000;
    expect((await model.complete(CALL)).cached).toBeUndefined();
    scripted.assertUsedUp();
  });

  test("that never answers is not waited for, and is told to stop", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const silent: ResponseStore = {
      ...inner(),
      get: (_key, options) => {
        signals.push(options?.signal);
        return new Promise(() => undefined);
      },
    };
    const { model } = cached([PRICED], { store: silent, storeTimeoutMs: 1 });
    const completion = await model.complete(CALL);
    expect(completion.warnings).toMatchObject([{ detail: expect.stringContaining("no answer within 1 ms") }]);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });
});

describe("waiting for a call under way", () => {
  /** A provider whose one answer comes when it is told to, and that keeps the signal it was given. */
  function slow() {
    const scripted = createScriptedProvider([PRICED]);
    const { promise, resolve } = Promise.withResolvers<void>();
    const signals: (AbortSignal | undefined)[] = [];
    const provider: Provider = {
      ...scripted,
      async complete(call) {
        signals.push(call.signal);
        await promise;
        return scripted.complete(call);
      },
      async *stream(call) {
        signals.push(call.signal);
        await promise;
        yield* scripted.stream(call);
      },
    };
    return { model: cache(provider), signals, answer: resolve };
  }

  test("one that joins keeps its own limit, and the first goes on", async () => {
    const { model, signals, answer } = slow();
    const first = model.complete(CALL);
    while (signals.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(model.complete({ ...CALL, timeouts: { totalMs: 1 } })).rejects.toMatchObject({
      code: "timeout",
      provider: "scripted",
    });
    answer();
    expect((await first).finish.reason).toBe("stop");
    expect(signals).toHaveLength(1);
  });

  test("a stream whose last reader aborts is aborted upstream too", async () => {
    const { model, signals, answer } = slow();
    const controller = new AbortController();
    const reading = streamed(model, { ...CALL, signal: controller.signal });
    while (signals.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await reading;
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    answer();
  });
});

test("the store in memory pushes out what no longer fits its bytes", async () => {
  const { model } = cached([PRICED]);
  const entry = { completion: await model.complete(CALL), storedAt: Date.now(), expiresAt: Date.now() + 60_000 };
  const store = createMemoryResponseStore({ bytesMax: Math.floor(JSON.stringify(entry).length * 2.5) });
  for (const key of ["a", "b", "c"]) await store.set(key, entry);
  expect([await store.get("a"), await store.get("b"), await store.get("c")].map((one) => one !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
});
