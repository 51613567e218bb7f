/** What the policy does to a call and to its answer, for whole answers and for streams. */
import {
  checkStream,
  createScriptedProvider,
  foldEvents,
  type ScriptedAnswer,
  startFakeSearch,
  startFakeVendor,
} from "@dragoman/llm/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  anthropic,
  type Completion,
  type CompletionCall,
  DragomanError,
  type ErrorCode,
  fold,
  gemini,
  openai,
  type Provider,
  type SearchBackend,
  type SearchPolicyOptions,
  type SearchResult,
  Secret,
  type StreamEvent,
  search,
  searchReportOf,
  searxng,
  systemMessage,
  textOf,
  toolResult,
  userMessage,
  vendorNative,
} from "../../src/index.ts";

const NOW = Date.UTC(2026, 4, 20);
const QUESTION = "What is the weather in Oslo today?";
const CALL: CompletionCall = { model: "m", messages: [systemMessage("Be brief."), userMessage(QUESTION)] };
const RESULTS: readonly SearchResult[] = [
  { title: "Weather in Oslo", url: "https://weather.example/oslo", snippet: "18 °C and dry.", publishedAt: "2026-05-20" },
  { title: "Oslo", url: "https://encyclopedia.example/oslo", snippet: "The capital of Norway." },
];
const SOURCES = RESULTS.map(({ url, title }) => ({ type: "source", url, title }));

interface Recording extends SearchBackend {
  readonly queries: string[];
}

function backendOf(outcome: readonly SearchResult[] | ErrorCode, id = "fake", costUsd?: number): Recording {
  const queries: string[] = [];
  return {
    id,
    queries,
    async search({ text }) {
      queries.push(text);
      if (typeof outcome === "string") throw new DragomanError({ code: outcome, provider: id, detail: "as the test says" });
      return { backend: id, results: outcome, warnings: [], ...(costUsd === undefined ? {} : { costUsd }) };
    },
  };
}

function setUp(options: Partial<SearchPolicyOptions> = {}, script: readonly ScriptedAnswer[] = [{ text: "Dry [1]." }]) {
  const scripted = createScriptedProvider(script);
  const backend = backendOf(RESULTS);
  const chosen = options.backend === undefined && options.backends === undefined ? { backend } : {};
  return { scripted, backend, provider: search(scripted, { now: () => NOW, ...chosen, ...options }) };
}

function reportOf(completion: Completion) {
  return completion.warnings.map(searchReportOf).find((report) => report !== undefined);
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const WAYS: readonly (readonly [string, (provider: Provider, call: CompletionCall) => Promise<Completion>])[] = [
  ["complete", (provider, call) => provider.complete(call)],
  ["stream", async (provider, call) => fold(provider.stream(call))],
];

describe.each(WAYS)("with %s", (_way, ask) => {
  test("puts the results before the question, in the user's own turn", async () => {
    const { provider, scripted, backend } = setUp();
    const completion = await ask(provider, CALL);
    expect(backend.queries).toEqual(["What is the weather in Oslo today"]);
    const [system, user, ...others] = scripted.requests[0]?.messages ?? [];
    expect(others).toEqual([]);
    expect(system).toEqual(CALL.messages[0]);
    expect(user?.parts).toHaveLength(2);
    expect(user?.parts[1]).toEqual({ type: "text", text: QUESTION });
    const [block] = user?.parts ?? [];
    expect(block).toMatchObject({
      type: "text",
      text: expect.stringContaining("| url: https://weather.example/oslo\n| date: 2026-05-20"),
    });
    expect(textOf(completion.message)).toBe("Dry [1].");
  });

  test("adds the sources to the answer, in the order of their numbers, and tells of the search", async () => {
    const { provider } = setUp({ backend: backendOf(RESULTS, "paid", 0.005) });
    const completion = await ask(provider, CALL);
    expect(completion.message.parts).toEqual([{ type: "text", text: "Dry [1]." }, ...SOURCES]);
    expect(reportOf(completion)).toEqual({
      outcome: "found",
      backend: "paid",
      query: "What is the weather in Oslo today",
      tookMs: 0,
      costUsd: 0.005,
      reasons: ["weather changes by the hour: “weather”", "it asks about now: “today”", "it is a question"],
      sources: [
        { number: 1, url: "https://weather.example/oslo" },
        { number: 2, url: "https://encyclopedia.example/oslo" },
      ],
    });
    expect(completion.warnings[0]?.detail).toContain("paid was searched");
  });

  test("leaves a question alone that needs no search", async () => {
    const { provider, scripted, backend } = setUp();
    const call = { model: "m", messages: [userMessage("Why is the sky blue?")] };
    const completion = await ask(provider, call);
    expect(scripted.requests).toEqual([call]);
    expect(completion.warnings).toEqual([]);
    expect(backend.queries).toEqual([]);
  });

  test("gives the plain answer with a warning when the search fails", async () => {
    const { provider, scripted } = setUp({ backends: [backendOf("rate_limited", "one"), backendOf("timeout", "two")] });
    const completion = await ask(provider, CALL);
    expect(scripted.requests).toEqual([CALL]);
    expect(completion.message.parts).toEqual([{ type: "text", text: "Dry [1]." }]);
    expect(reportOf(completion)).toMatchObject({
      outcome: "failed",
      failures: [
        { backend: "one", code: "rate_limited", detail: "as the test says" },
        { backend: "two", code: "timeout" },
      ],
    });
    expect(completion.warnings[0]?.detail).toContain("this is the plain answer");
  });

  test("asks the next backend when one fails or knows nothing, and says so", async () => {
    const third = backendOf(RESULTS, "third");
    const { provider } = setUp({ backends: [backendOf("authentication", "first"), backendOf([], "second"), third] });
    expect(reportOf(await ask(provider, CALL))).toMatchObject({
      outcome: "found",
      backend: "third",
      failures: [
        { backend: "first", code: "authentication" },
        { backend: "second", code: "nothing-found" },
      ],
    });
    expect(third.queries).toHaveLength(1);
  });

  test("tells “nothing found” from a failure", async () => {
    const { provider } = setUp({ backend: backendOf([]) });
    expect(reportOf(await ask(provider, CALL))).toMatchObject({
      outcome: "nothing-found",
      query: "What is the weather in Oslo today",
    });
  });

  test("does not search again while tools are at work, and puts the same results in again", async () => {
    const script: ScriptedAnswer[] = [{ toolCalls: [{ name: "get", id: "1" }] }, { text: "Dry [1]." }];
    const { provider, scripted, backend } = setUp({}, script);
    const first = await ask(provider, CALL);
    // Its turn says nothing yet that a source could stand behind.
    expect(first.message.parts.map(({ type }) => type)).toEqual(["tool-call"]);
    expect(reportOf(first)?.outcome).toBe("found");
    const messages = [...CALL.messages, first.message, toolResult({ id: "1", name: "get" }, "dry")];
    const second = await ask(provider, { ...CALL, messages });
    expect(backend.queries).toHaveLength(1);
    expect(scripted.requests[1]?.messages[1]).toEqual(scripted.requests[0]?.messages[1]);
    expect(reportOf(second)).toMatchObject({ outcome: "reused", backend: "fake" });
    expect(second.message.parts.filter(({ type }) => type === "source")).toEqual(SOURCES);
  });

  test("asks the backends nothing while tools are at work, where nothing is kept", async () => {
    const { provider, backend } = setUp({ cacheMs: 0 });
    const messages = [...CALL.messages, toolResult({ id: "1", name: "get" }, "dry")];
    expect((await ask(provider, { ...CALL, messages })).warnings).toEqual([]);
    expect(backend.queries).toEqual([]);
  });

  test("an error of the model stays what it is", async () => {
    const { provider } = setUp({}, [{ error: "overloaded" }]);
    await expect(ask(provider, CALL)).rejects.toMatchObject({ code: "overloaded" });
  });

  test("an abort while it searches ends the call", async () => {
    const controller = new AbortController();
    const deaf: SearchBackend = { id: "deaf", search: () => new Promise(() => controller.abort()) };
    const { provider, scripted } = setUp({ backend: deaf });
    await expect(ask(provider, { ...CALL, signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
    expect(scripted.requests).toEqual([]);
  });

  test("does not wait for a backend that is too slow, even one that looks at no signal", async () => {
    const { provider } = setUp({ backend: { id: "slow", search: () => new Promise(() => undefined) }, timeoutMs: 1 });
    expect(reportOf(await ask(provider, CALL))).toMatchObject({
      outcome: "failed",
      failures: [{ backend: "slow", code: "timeout" }],
    });
  });
});

describe("a stream", () => {
  test("has its warnings after the start and its sources before the finish, and folds to the whole answer", async () => {
    const script = [{ reasoning: "Hm.", text: "Dry [1]." }];
    const events = await collect(setUp({}, script).provider.stream(CALL));
    expect(checkStream(events)).toEqual([]);
    expect(events.map((event) => ("index" in event ? `${event.type} ${event.index}` : event.type))).toEqual([
      "start",
      "warning",
      "reasoning-start 0",
      "reasoning-delta 0",
      "reasoning-end 0",
      "text-start 1",
      "text-delta 1",
      "text-end 1",
      "part 2",
      "part 3",
      "finish",
    ]);
    expect(foldEvents(events)).toEqual(await setUp({}, script).provider.complete(CALL));
  });

  test("says again what was searched when another model takes over, and counts anew", async () => {
    const inner = createScriptedProvider([]);
    const origin = { dialect: "d", provider: "p", model: "m" };
    const events: StreamEvent[] = [
      { type: "start", id: "1", origin },
      { type: "text-start", index: 4 },
      { type: "text-end", index: 4 },
      { type: "restart", reason: "overloaded" },
      { type: "start", id: "2", origin },
      { type: "text-start", index: 0 },
      { type: "text-end", index: 0 },
      { type: "finish", finish: { reason: "stop" }, usage: {} },
    ];
    async function* stream() {
      yield* events;
    }
    const provider = search({ ...inner, stream }, { backend: backendOf(RESULTS), now: () => NOW });
    const got = await collect(provider.stream(CALL));
    expect(checkStream(got)).toEqual([]);
    expect(got.flatMap((event) => (event.type === "part" ? [event.index] : []))).toEqual([1, 2]);
    expect(reportOf(await fold(got))?.outcome).toBe("found");
  });

  test("that fails keeps what had arrived, with the warning", async () => {
    const [start, warning, error] = await collect(setUp({}, [{ error: "overloaded" }]).provider.stream(CALL)).then((events) => [
      events.find(({ type }) => type === "start"),
      events.find(({ type }) => type === "warning"),
      events.at(-1),
    ]);
    expect([start, warning]).toEqual([undefined, undefined]);
    expect(error).toMatchObject({
      type: "error",
      error: { code: "overloaded" },
      partial: { warnings: [expect.objectContaining({ path: "search" })] },
    });
  });
});

describe("when", () => {
  const plain: CompletionCall = { model: "m", messages: [userMessage("Why is the sky blue?")] };

  test("always searches any question", async () => {
    const { provider, backend } = setUp({ when: "always" });
    await provider.complete(plain);
    expect(backend.queries).toEqual(["Why is the sky blue"]);
  });

  test("never searches none, and needs no backend", async () => {
    const scripted = createScriptedProvider([{ text: "x" }]);
    const completion = await search(scripted, { when: "never" }).complete(CALL);
    expect(completion.warnings).toEqual([]);
    expect(scripted.requests).toEqual([CALL]);
  });

  test("may be a rule of the caller's", async () => {
    const { provider, backend } = setUp({ when: async ({ text }) => text.includes("sky") }, [{ text: "1" }, { text: "2" }]);
    await provider.complete(plain);
    await provider.complete(CALL);
    expect(backend.queries).toEqual(["Why is the sky blue"]);
  });

  test.each(WAYS)("a rule that throws is a defect and no failed search, with %s", async (_way, ask) => {
    const { provider, scripted } = setUp({
      when: () => {
        throw new Error("a slip");
      },
    });
    await expect(ask(provider, CALL)).rejects.toMatchObject({ code: "internal", detail: "Error: a slip" });
    expect(scripted.requests).toEqual([]);
  });

  test("auto knows the model's knowledge, and tells what it decided", async () => {
    const decisions: string[] = [];
    const ask = { model: "old", messages: [userMessage("Who hosted the games in 2024?")] };
    const { provider, backend } = setUp(
      {
        knowledgeCutoff: (model) => (model === "old" ? "2023-04" : "2025-03"),
        onDecision: ({ decision, score }) => decisions.push(`${decision} ${score}`),
      },
      [{ text: "1" }, { text: "2" }],
    );
    await provider.complete(ask);
    await provider.complete({ ...ask, model: "new" });
    expect(backend.queries).toHaveLength(1);
    expect(decisions).toEqual(["search 5", "answer -3"]);
  });

  test("auto takes a follow-up for what it follows up", async () => {
    const { provider, backend } = setUp();
    await provider.complete({
      model: "m",
      messages: [userMessage("What is the weather in Oslo today?"), userMessage("And in Bergen?")],
    });
    expect(backend.queries).toEqual(["What is the weather in Oslo today And in Bergen"]);
  });

  test("without a backend is refused when the policy is made", () => {
    expect(() => search(createScriptedProvider([]), {})).toThrow(expect.objectContaining({ code: "configuration" }));
  });
});

describe("limits", () => {
  test("puts in no more results than asked for, nor more than the tokens allow", async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      title: `Page ${index}`,
      url: `https://a.example/${index}`,
      snippet: "words ".repeat(100),
    }));
    const { provider } = setUp({ backend: backendOf(many), resultsMax: 3 });
    expect(reportOf(await provider.complete(CALL))?.sources).toHaveLength(3);
    const tight = setUp({ backend: backendOf(many), tokensMax: 20 });
    expect(reportOf(await tight.provider.complete(CALL))).toMatchObject({
      outcome: "failed",
      failures: [{ code: "request_too_large" }],
    });
    expect(tight.scripted.requests).toEqual([CALL]);
  });

  test("drops what a backend should not have given", async () => {
    const odd = [
      { title: "a\u202eb", url: "javascript:alert(1)", snippet: "" },
      { title: "<b>Good\u200b</b>", url: "https://a.example/", snippet: "x" },
    ];
    const { message } = await setUp({ backend: backendOf(odd) }).provider.complete(CALL);
    expect(message.parts.slice(1)).toEqual([{ type: "source", url: "https://a.example/", title: "Good" }]);
  });

  test("counts tokens as the provider does, without a search", async () => {
    const { provider, scripted, backend } = setUp();
    expect(await provider.countTokens(CALL)).toEqual(await scripted.countTokens(CALL));
    expect(backend.queries).toEqual([]);
  });
});

describe("results that are kept", () => {
  test("serve the same question until their time is over", async () => {
    let now = NOW;
    const script = [{ text: "1" }, { text: "2" }, { text: "3" }];
    const { provider, backend } = setUp({ now: () => now, cacheMs: 60_000 }, script);
    expect(reportOf(await provider.complete(CALL))?.outcome).toBe("found");
    now += 59_999;
    expect(reportOf(await provider.complete(CALL))?.outcome).toBe("reused");
    now += 1;
    expect(reportOf(await provider.complete(CALL))?.outcome).toBe("found");
    expect(backend.queries).toHaveLength(2);
  });

  test("are not shared between users, nor between conversations in which the words mean something else", async () => {
    const { provider, backend } = setUp(
      {},
      Array.from({ length: 4 }, () => ({ text: "x" })),
    );
    await provider.complete({ ...CALL, metadata: { user: "a" } });
    await provider.complete({ ...CALL, metadata: { user: "b" } });
    for (const city of ["Oslo", "Bergen"]) {
      const messages = [userMessage(`What is the weather in ${city}?`), userMessage("And tomorrow?")];
      await provider.complete({ model: "m", messages });
    }
    expect(backend.queries).toHaveLength(4);
  });

  test("are not kept when there are none", async () => {
    const empty = backendOf([]);
    const { provider } = setUp({ backend: empty }, [{ text: "1" }, { text: "2" }]);
    await provider.complete(CALL);
    await provider.complete(CALL);
    expect(empty.queries).toHaveLength(2);
  });
});

describe("a model that writes the query", () => {
  test("sees the question, and its line is searched", async () => {
    const writer = createScriptedProvider([{ text: "Thinking …\n“Oslo weather 20 May 2026”" }]);
    const { provider, backend } = setUp({ queryWriter: { provider: writer, model: "small" } });
    await provider.complete(CALL);
    expect(backend.queries).toEqual(["Oslo weather 20 May 2026"]);
    expect(writer.requests[0]).toMatchObject({ model: "small" });
    expect(textOf(writer.requests[0]?.messages[1] ?? userMessage(""))).toContain(QUESTION);
    expect(textOf(writer.requests[0]?.messages[0] ?? userMessage(""))).toContain("2026-05-20");
  });

  test.each([
    ["fails", { error: "overloaded" }],
    ["says nothing", { text: "" }],
  ] as const)("that %s is told of, and the question's own words are searched", async (_what, answer) => {
    const { provider, backend } = setUp({ queryWriter: { provider: createScriptedProvider([answer]), model: "small" } });
    const { warnings } = await provider.complete(CALL);
    expect(backend.queries).toEqual(["What is the weather in Oslo today"]);
    expect(warnings[1]).toMatchObject({ path: "search.query", detail: expect.stringContaining("derived from the question") });
  });
});

describe("the vendor's own search", () => {
  function named(id: string, script: readonly ScriptedAnswer[] = [{ text: "Dry." }]) {
    return createScriptedProvider(script, { id });
  }

  test.each([
    ["anthropic", "anthropic-messages", "web_search", { type: "web_search_20250305", name: "web_search", max_uses: 2 }],
    ["openai", "openai-responses", "web_search", { type: "web_search" }],
    ["gemini", "gemini", "googleSearch", {}],
  ])("of %s is added as a tool", async (id, dialect, name, value) => {
    const scripted = named(id);
    const completion = await search(scripted, { backend: vendorNative({ usesMax: 2 }), now: () => NOW }).complete(CALL);
    expect(scripted.requests).toEqual([{ ...CALL, tools: [{ type: "vendor", dialect, name, value }] }]);
    expect(reportOf(completion)).toMatchObject({ outcome: "offered", backend: "vendor-native" });
  });

  test("is not offered where there is none, or where the call forbids tools: the next backend is asked", async () => {
    for (const [id, call] of [
      ["mistral", CALL],
      ["anthropic", { ...CALL, toolChoice: "none" as const }],
      ["anthropic", { ...CALL, toolChoice: { tool: "get" } }],
    ] as const) {
      const provider = search(named(id), { backends: [vendorNative(), backendOf(RESULTS)], now: () => NOW });
      expect(reportOf(await provider.complete(call))).toMatchObject({
        outcome: "found",
        failures: [{ backend: "vendor-native", code: "not-offered" }],
      });
    }
  });

  test.each(WAYS)("that the vendor refuses gives way to the next backend, with %s", async (_way, ask) => {
    const scripted = named("openai", [{ error: "unsupported" }, { text: "Dry [1]." }]);
    const provider = search(scripted, { backends: [vendorNative(), backendOf(RESULTS)], now: () => NOW });
    const completion = await ask(provider, CALL);
    expect(reportOf(completion)).toMatchObject({
      outcome: "found",
      failures: [{ backend: "vendor-native", code: "unsupported" }],
    });
    expect(scripted.requests[1]?.tools).toBeUndefined();
    expect(completion.warnings).toHaveLength(1);
  });

  test.each(WAYS)("that the vendor refuses gives way to the plain answer, with %s", async (_way, ask) => {
    const scripted = named("openai", [{ error: "permission_denied" }, { text: "Dry." }]);
    const completion = await ask(search(scripted, { backend: vendorNative(), now: () => NOW }), CALL);
    expect(reportOf(completion)).toMatchObject({ outcome: "failed" });
    expect(scripted.requests[1]).toEqual(CALL);
  });

  test.each(WAYS)("does not hide an error that has nothing to do with it, with %s", async (_way, ask) => {
    const scripted = named("openai", [{ error: "rate_limited" }]);
    await expect(ask(search(scripted, { backend: vendorNative(), now: () => NOW }), CALL)).rejects.toMatchObject({
      code: "rate_limited",
    });
    expect(scripted.requests).toHaveLength(1);
  });

  test("stays on offer while tools are at work", async () => {
    const scripted = named("anthropic");
    const messages = [...CALL.messages, toolResult({ id: "1", name: "get" }, "dry")];
    await search(scripted, { backend: vendorNative(), now: () => NOW }).complete({ ...CALL, messages });
    expect(scripted.requests[0]?.tools).toHaveLength(1);
  });

  test.each([
    ["anthropic", anthropic, "claude-sonnet-4-5", { type: "web_search_20250305", name: "web_search", max_uses: 1 }],
    ["openai", openai, "gpt-4.1-mini", { type: "web_search" }],
    ["gemini", gemini, "gemini-2.5-flash", { googleSearch: {} }],
  ] as const)("goes out in the words of %s, and its answer comes back", async (name, connect, model, tool) => {
    const vendor = await startFakeVendor(name);
    onTestFinished(() => vendor.close());
    const inner: Provider = connect({ baseUrl: vendor.baseUrl, key: new Secret("any") });
    const provider = search(inner, { backend: vendorNative({ usesMax: 1 }), now: () => NOW });
    const completion = await provider.complete({ model, messages: [userMessage(QUESTION)] });
    expect(vendor.requests.at(-1)?.body).toMatchObject({ tools: [tool] });
    expect(vendor.requests).toHaveLength(1);
    expect(completion.warnings.map((warning) => searchReportOf(warning)?.outcome)).toEqual(["offered"]);
    expect(textOf(completion.message)).not.toBe("");
  });

  test("takes further fields in the vendor's own words", async () => {
    const scripted = named("anthropic");
    const backend = vendorNative({ fields: { allowed_domains: ["weather.example"] } });
    await search(scripted, { backend, now: () => NOW }).complete(CALL);
    expect(scripted.requests[0]?.tools?.[0]).toMatchObject({ value: { allowed_domains: ["weather.example"] } });
  });
});

test("over the wires, from the question to the sources", async () => {
  const [vendor, service] = await Promise.all([startFakeVendor("anthropic"), startFakeSearch("searxng")]);
  onTestFinished(() => Promise.all([vendor.close(), service.close()]).then(() => undefined));
  const claude = anthropic({ baseUrl: vendor.baseUrl, key: new Secret("any") });
  const provider = search(claude, { backend: searxng({ baseUrl: service.baseUrl }), now: () => NOW });
  const events = await collect(provider.stream({ model: "claude-sonnet-4-5", messages: [userMessage(QUESTION)] }));
  expect(checkStream(events)).toEqual([]);
  const { message, warnings } = await fold(events);
  expect(message.parts.filter(({ type }) => type === "source")).toHaveLength(3);
  expect(warnings.map(searchReportOf)[0]).toMatchObject({ outcome: "found", backend: "searxng" });
  expect(JSON.stringify(vendor.requests.at(-1)?.body)).toContain("18 °C and dry, wind from the west.");
});
