/** Ollama, LM Studio and llama.cpp: what only an engine on this machine has, over their fake servers. */
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Completion,
  fold,
  type JsonValue,
  llamaCpp,
  lmStudio,
  type OllamaOptions,
  ollama,
  type Provider,
  systemMessage,
  userMessage,
} from "../../src/index.ts";

const opened: FakeVendor[] = [];

afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close();
});

async function start(vendor: FakeVendorName, models: readonly string[] = []): Promise<FakeVendor> {
  const fake = await startFakeVendor(vendor, { models });
  opened.push(fake);
  return fake;
}

async function startOllama(options: OllamaOptions = {}): Promise<{ fake: FakeVendor; provider: Provider }> {
  const fake = await start("ollama");
  return { fake, provider: ollama({ baseUrl: fake.url, ...options }) };
}

/** What Ollama was asked to do, call by call. */
function chats(fake: FakeVendor): readonly { readonly [field: string]: JsonValue }[] {
  return fake.requests.flatMap(({ path, body }) =>
    path === "/api/chat" ? [JSON.parse(JSON.stringify(body ?? {})) as { [field: string]: JsonValue }] : [],
  );
}

const windows = (fake: FakeVendor) => chats(fake).map((body) => Object(body.options).num_ctx);
const MODEL = "qwen3:4b";
const said = (words: number) => [userMessage("word ".repeat(words))];

describe("Ollama's context window", () => {
  test("is set from the request, and forbids a silent cut", async () => {
    const { fake, provider } = await startOllama();
    await provider.complete({ model: MODEL, messages: said(3) });
    await provider.complete({ model: MODEL, messages: said(3), maxOutputTokens: 6_000 });
    expect(windows(fake)).toEqual([4_096, 8_192]);
    expect(chats(fake).every((body) => body.truncate === false)).toBe(true);
  });

  test("only grows, as every change reloads the model", async () => {
    const { fake, provider } = await startOllama();
    for (const words of [10_000, 3, 20_000, 10]) await provider.complete({ model: MODEL, messages: said(words) });
    const [first = 0, second, third = 0, fourth] = windows(fake);
    expect(second).toBe(first);
    expect(third).toBeGreaterThan(first);
    expect(fourth).toBe(third);
  });

  test("grows by itself for each model", async () => {
    const { fake, provider } = await startOllama();
    await provider.complete({ model: MODEL, messages: said(10_000) });
    await provider.complete({ model: "llama3.2:latest", messages: said(3) });
    expect(windows(fake)[1]).toBe(4_096);
  });

  test("is at most what the model has", async () => {
    const { fake, provider } = await startOllama();
    await provider.complete({ model: MODEL, messages: said(3), maxOutputTokens: 900_000 });
    expect(windows(fake)).toEqual([128_000]);
  });

  test("is the owner's where he set it, and the caller's where the request says it", async () => {
    const { fake, provider } = await startOllama({ contextTokens: 10_000 });
    await provider.complete({ model: MODEL, messages: said(3) });
    await provider.complete({
      model: MODEL,
      messages: said(3),
      vendorOptions: { ollama: { options: { num_ctx: 512, seed: 7 } } },
    });
    expect(windows(fake)).toEqual([10_000, 512]);
    expect(Object(chats(fake)[1]?.options).seed).toBe(7);
    expect(fake.requests.map((request) => request.path)).not.toContain("/api/show");
  });

  test("asks for the model's window once, and again after a failure", async () => {
    const { fake, provider } = await startOllama();
    for (let call = 0; call < 3; call++) await provider.complete({ model: MODEL, messages: said(3) });
    expect(fake.requests.filter((request) => request.path === "/api/show")).toHaveLength(1);
    for (let call = 0; call < 2; call++)
      await expect(provider.complete({ model: "nobody", messages: said(3) })).rejects.toMatchObject({ code: "model_not_found" });
    expect(fake.requests.filter((request) => request.path === "/api/show")).toHaveLength(3);
  });

  test("that is too small is an error of the engine, never a silent cut", async () => {
    const { provider } = await startOllama({ contextTokens: 8 });
    await expect(provider.complete({ model: MODEL, messages: said(20) })).rejects.toMatchObject({ code: "context_overflow" });
  });

  test.each(["complete", "stream"] as const)("filled to the brim by an engine that cuts is warned of (%s)", async (way) => {
    const { provider } = await startOllama();
    const vendorOptions = { ollama: { truncate: true, options: { num_ctx: 8 } } };
    const { warnings } = await answer(provider, way, { model: MODEL, messages: said(20), vendorOptions });
    expect(warnings).toContainEqual(expect.objectContaining({ type: "truncated", path: "messages" }));
    const roomy = await answer(provider, way, { model: MODEL, messages: said(20) });
    expect(roomy.warnings).toEqual([]);
  });
});

function answer(provider: Provider, way: "complete" | "stream", call: Parameters<Provider["complete"]>[0]): Promise<Completion> {
  return way === "complete" ? provider.complete(call) : fold(provider.stream(call));
}

describe("what an engine tells of its work", () => {
  test.each(["complete", "stream"] as const)("Ollama: load, prefill and decode (%s)", async (way) => {
    const { provider } = await startOllama();
    const { usage, timing } = await answer(provider, way, { model: MODEL, messages: said(5) });
    const { inputTokens = 0, outputTokens = 0 } = usage;
    expect(timing?.engine).toEqual({
      loadMs: 50,
      prefillTokens: inputTokens,
      prefillMs: inputTokens * 10,
      decodeTokens: outputTokens,
      decodeMs: outputTokens * 20,
    });
  });

  test.each(["complete", "stream"] as const)("llama.cpp: prefill, decode and what was cached (%s)", async (way) => {
    const provider = llamaCpp({ baseUrl: (await start("llamacpp")).baseUrl });
    const call = { model: "qwen3-1.7b-q4_k_m", messages: [systemMessage("Be brief and kind."), userMessage("one two three")] };
    await provider.complete(call);
    const { usage, timing } = await answer(provider, way, call);
    const { inputTokens = 0, cacheReadTokens = 0, outputTokens = 0 } = usage;
    expect(cacheReadTokens).toBeGreaterThan(0);
    expect(timing?.engine).toEqual({
      prefillTokens: inputTokens - cacheReadTokens,
      prefillMs: (inputTokens - cacheReadTokens) * 10,
      decodeTokens: outputTokens,
      decodeMs: outputTokens * 20,
      cachedTokens: cacheReadTokens,
    });
  });

  test("LM Studio tells nothing, and nothing is made up", async () => {
    const provider = lmStudio({ baseUrl: (await start("lmstudio")).baseUrl });
    const { timing } = await provider.complete({ model: "qwen3-4b", messages: said(3) });
    expect(timing).not.toHaveProperty("engine");
  });
});

test("Ollama keeps the model loaded as long as the owner says, unless the request says otherwise", async () => {
  const { fake, provider } = await startOllama({ keepAlive: "10m" });
  await provider.complete({ model: MODEL, messages: said(3) });
  await provider.complete({ model: MODEL, messages: said(3), vendorOptions: { ollama: { keep_alive: "1h" } } });
  expect(chats(fake).map((body) => body.keep_alive)).toEqual(["10m", "1h"]);
  const { fake: plain, provider: without } = await startOllama();
  await without.complete({ model: MODEL, messages: said(3) });
  expect(chats(plain)[0]).not.toHaveProperty("keep_alive");
});

describe("the models of an engine", () => {
  test("Ollama: every model on the disk with what the engine shows of it", async () => {
    const { provider } = await startOllama();
    expect(provider.supports("gemma3:1b")).toBe(false);
    expect(provider.capabilities("gemma3:1b").tools.answer).toBe("unknown");
    const rows = await provider.models();
    expect(rows.map((row) => [row.id, row.capabilities.tools.answer, row.capabilities.reasoning.answer])).toEqual([
      ["qwen3:4b", "yes", "yes"],
      ["llama3.2:latest", "yes", "no"],
      ["gemma3:1b", "no", "no"],
      ["nomic-embed-text:latest", "no", "no"],
    ]);
    expect(provider.supports("gemma3:1b")).toBe(true);
    expect(provider.capabilities("gemma3:1b").tools).toMatchObject({ answer: "no", source: "vendor" });
    expect(provider.capabilities("gemma3:1b").contextWindowTokens).toBe(128_000);
    expect(rows[0]).toMatchObject({ provider: "ollama", source: "vendor" });
    expect(rows[0]).not.toHaveProperty("pricing");
  });

  test("LM Studio: type, tools and the window that is loaded", async () => {
    const provider = lmStudio({ baseUrl: (await start("lmstudio")).baseUrl });
    await provider.models();
    expect(provider.capabilities("qwen3-4b")).toMatchObject({
      tools: { answer: "yes", source: "vendor" },
      images: { answer: "no", source: "vendor" },
      contextWindowTokens: 4_096,
    });
    expect(provider.capabilities("openai/gpt-oss-20b").contextWindowTokens).toBe(128_000);
  });

  test("llama.cpp: what /props tells", async () => {
    const provider = llamaCpp({ baseUrl: (await start("llamacpp")).baseUrl });
    await provider.models();
    expect(provider.capabilities("qwen3-1.7b-q4_k_m")).toMatchObject({
      images: { answer: "no", source: "vendor" },
      audio: { answer: "no", source: "vendor" },
      tools: { answer: "no", source: "vendor" },
      jsonSchema: { answer: "yes", source: "family" },
      contextWindowTokens: 40_960,
    });
  });
});

describe("counting tokens", () => {
  const messages = [systemMessage("one two"), userMessage("three four five")];

  test("llama.cpp counts with its own template and tokenizer", async () => {
    const fake = await start("llamacpp");
    const count = await llamaCpp({ baseUrl: fake.baseUrl }).countTokens({ model: "qwen3-1.7b-q4_k_m", messages });
    expect(count).toMatchObject({ exact: true, method: "endpoint" });
    expect(count.tokens).toBeGreaterThanOrEqual(5);
    expect(fake.requests.map((request) => request.path)).toEqual(["/apply-template", "/tokenize"]);
  });

  test("Ollama has no endpoint for it: an estimate that says so, and not a request", async () => {
    const { fake, provider } = await startOllama();
    expect(await provider.countTokens({ model: MODEL, messages })).toMatchObject({ exact: false, method: "estimate" });
    expect(fake.requests).toEqual([]);
  });
});

test.each<[FakeVendorName, (options: { baseUrl: string }) => Provider]>([
  ["llamacpp", llamaCpp],
  ["lmstudio", lmStudio],
  ["ollama", ollama],
])("a model that %s is still loading is worth waiting for", async (vendor, create) => {
  const fake = await start(vendor);
  const provider = create({ baseUrl: vendor === "ollama" ? fake.url : fake.baseUrl });
  const call = { model: "fault-loading", messages: said(3) };
  await expect(provider.complete(call)).rejects.toMatchObject({ code: "model_loading", retryable: true, action: "wait" });
  expect((await provider.complete(call)).finish.reason).toBe("stop");
});
