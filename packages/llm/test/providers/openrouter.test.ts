/** What only OpenRouter does, over its fake server: every quirk of its file. */
import { describe, expect, test } from "vitest";
import {
  type AssistantMessage,
  fold,
  openrouter,
  reasoningOf,
  systemMessage,
  toolCallsOf,
  toolResult,
  userMessage,
} from "../../src/index.ts";
import { answer, startOver, WAYS, WEATHER } from "./over-fake.ts";

const PLAIN = "openai/gpt-4.1-mini";
const CLAUDE = "anthropic/claude-sonnet-4.5";
const CODEX = "openai/gpt-5-codex";

const detailsOf = (message: AssistantMessage) =>
  message.parts.flatMap((part) => (part.type === "reasoning" ? (part.vendor?.["openai-chat"]?.reasoningDetails ?? []) : []));

describe("errors", () => {
  test("tell the upstream's own words", async () => {
    const { provider } = await startOver("openrouter", openrouter);
    const call = { model: "fault-429", messages: [userMessage("Hi.")] };
    await expect(provider.complete(call)).rejects.toMatchObject({
      code: "rate_limited",
      detail: expect.stringMatching(/^Provider returned error: .*temporarily rate-limited upstream/),
    });
  });

  test.each([
    ["fault-quota", "quota_exceeded", 402, false],
    ["fault-503", "overloaded", 503, true],
    ["fault-error-in-200", "vendor_error", 502, true],
  ] as const)("%s is %s", async (model, code, status, retryable) => {
    const { provider } = await startOver("openrouter", openrouter);
    const call = { model, messages: [userMessage("Hi.")] };
    await expect(provider.complete(call)).rejects.toMatchObject({ code, status, retryable });
    await expect(fold(provider.stream(call))).rejects.toMatchObject({ code, status, retryable });
  });

  test("in the middle of a stream keep what had arrived", async () => {
    const { provider } = await startOver("openrouter", openrouter);
    const events = [];
    for await (const event of provider.stream({ model: "fault-error-in-200", messages: [userMessage("Hi.")] }))
      events.push(event);
    const last = events.at(-1);
    expect(last).toMatchObject({
      type: "error",
      error: { code: "vendor_error", detail: expect.stringContaining("Internal server error") },
    });
    expect(last?.type === "error" ? last.partial?.message.parts : []).not.toEqual([]);
  });

  test.each(WAYS)("no choices at all are no answer (%s)", async (way) => {
    const { provider } = await startOver("openrouter", openrouter);
    const call = { model: PLAIN, messages: [userMessage("null choices: please")] };
    await expect(answer(provider, way, call)).rejects.toMatchObject({ name: "DragomanError", retryable: true });
  });

  test("a model that nobody serves is told by its name", async () => {
    const { provider } = await startOver("openrouter", openrouter);
    await expect(provider.complete({ model: "a/b", messages: [userMessage("Hi.")] })).rejects.toMatchObject({
      code: "model_not_found",
    });
  });
});

describe("reasoning", () => {
  test.each([
    [{ effort: "high" }, { effort: "high" }, 0],
    [{ effort: "none" }, { effort: "none" }, 0],
    [{ budgetTokens: 2000 }, { max_tokens: 2000 }, 0],
    [{ effort: "high", budgetTokens: 2000 }, { max_tokens: 2000 }, 1],
    [{ summary: "none" }, { exclude: true }, 0],
    [{ effort: "low", summary: "none" }, { effort: "low", exclude: true }, 0],
  ] as const)("%o is asked for as %o", async (reasoning, object, warned) => {
    const { provider, sent } = await startOver("openrouter", openrouter);
    const { warnings, message } = await provider.complete({ model: CLAUDE, messages: [userMessage("Hi.")], reasoning });
    expect(sent().reasoning).toEqual(object);
    expect(warnings).toHaveLength(warned);
    if ("exclude" in object) expect(reasoningOf(message)).toBe("");
  });

  test.each(WAYS)("that is signed goes back byte for byte, its signature in a piece of its own (%s)", async (way) => {
    const { provider, sent } = await startOver("openrouter", openrouter);
    const asked = { model: CLAUDE, tools: [WEATHER] };
    const first = await answer(provider, way, { ...asked, messages: [userMessage("Weather?")] });
    const [call] = toolCallsOf(first.message);
    if (call === undefined) throw new Error("no call");
    const second = await answer(provider, way, {
      ...asked,
      messages: [userMessage("Weather?"), first.message, toolResult(call, "sun")],
    });
    expect(detailsOf(first.message)).toMatchObject([{ type: "reasoning.text", text: reasoningOf(first.message) }]);
    expect(sent().messages).toContainEqual(expect.objectContaining({ reasoning_details: detailsOf(first.message) }));
    expect(second.finish.reason).toBe("stop");
  });

  test.each(WAYS)("that is sealed goes back whole (%s)", async (way) => {
    const { provider, sent } = await startOver("openrouter", openrouter);
    const first = await answer(provider, way, { model: CODEX, messages: [userMessage("Hi.")] });
    expect(reasoningOf(first.message)).toBe("");
    expect(detailsOf(first.message)[0]).toMatchObject({ type: "reasoning.encrypted" });
    await answer(provider, way, { model: CODEX, messages: [userMessage("Hi."), first.message, userMessage("And?")] });
    expect(sent().messages).toContainEqual(expect.objectContaining({ reasoning_details: detailsOf(first.message) }));
  });
});

describe.each(WAYS)("an answer (%s)", (way) => {
  test("costs what OpenRouter charged", async () => {
    const { provider } = await startOver("openrouter", openrouter);
    const { cost, usage } = await answer(provider, way, { model: PLAIN, messages: [userMessage("Hi.")] });
    const { cost: charged, cost_details: details } = Object(usage.raw);
    expect(cost?.totalUsd).toBe(charged);
    expect(cost?.inputUsd).toBeCloseTo(details.upstream_inference_prompt_cost, 12);
    expect(cost).toMatchObject({ catalogue: "vendor" });
    expect(cost).not.toHaveProperty("estimated");
  });

  test("costs that even where the caller has prices of his own", async () => {
    const prices = { [PLAIN]: { inputPerMillionUsd: 1000, outputPerMillionUsd: 1000 } };
    const { provider } = await startOver("openrouter", (options) => openrouter({ ...options, prices }));
    const { cost, usage } = await answer(provider, way, { model: PLAIN, messages: [userMessage("Hi.")] });
    expect(cost?.totalUsd).toBe(Object(usage.raw).cost);
  });

  test("tells the upstream's finish word, who served it, and which model answered", async () => {
    const { provider } = await startOver("openrouter", openrouter);
    const { finish, origin, vendor } = await answer(provider, way, { model: "openrouter/auto", messages: [userMessage("Hi.")] });
    expect(finish).toMatchObject({ reason: "stop", raw: "end_turn" });
    expect(origin.model).toBe(PLAIN);
    expect(vendor).toMatchObject({ "openai-chat": { body: { provider: "Fake" } } });
  });
});

test("marks what is to be cached, for upstreams that cache nothing else", async () => {
  const { provider, sent } = await startOver("openrouter", openrouter);
  const messages = [systemMessage("A long text."), userMessage("Hi.")];
  await provider.complete({ model: CLAUDE, messages, cache: [{ stable: "system", timeToLive: "1h" }] });
  const marked = { type: "text", text: "A long text.", cache_control: { type: "ephemeral", ttl: "1h" } };
  expect(sent().messages).toEqual([
    { role: "system", content: [marked] },
    { role: "user", content: "Hi." },
  ]);
});

test("routing goes by vendor options", async () => {
  const { provider, sent } = await startOver("openrouter", openrouter);
  const routing = { provider: { order: ["anthropic"], allow_fallbacks: false }, models: [CLAUDE, PLAIN] };
  await provider.complete({
    model: CLAUDE,
    messages: [userMessage("Hi.")],
    topK: 5,
    maxOutputTokens: 900,
    vendorOptions: { "openai-chat": routing },
  });
  expect(sent()).toMatchObject({ ...routing, top_k: 5, max_tokens: 900 });
});

test("is told who calls only where the caller says it", async () => {
  const app = { url: "https://example.com", name: "Example" };
  const { fake, provider } = await startOver("openrouter", (options) => openrouter({ ...options, app }));
  await provider.complete({ model: PLAIN, messages: [userMessage("Hi.")] });
  expect(fake.requests.at(-1)?.headers).toMatchObject({ "http-referer": app.url, "x-title": app.name });
  const { fake: other, provider: silent } = await startOver("openrouter", openrouter);
  await silent.complete({ model: PLAIN, messages: [userMessage("Hi.")] });
  expect(other.requests.at(-1)?.headers).not.toHaveProperty("http-referer");
});

test("lists its models with windows, abilities and prices", async () => {
  const { provider } = await startOver("openrouter", openrouter);
  const rows = await provider.models();
  expect(rows.find(({ id }) => id === PLAIN)).toMatchObject({
    displayName: `Fake: ${PLAIN}`,
    pricing: { inputPerMillionUsd: 5 },
  });
  expect(provider.capabilities(PLAIN)).toMatchObject({
    images: { answer: "yes", source: "vendor" },
    reasoning: { answer: "no", source: "vendor" },
    contextWindowTokens: 128_000,
    outputTokensMax: 16_384,
  });
  expect(provider.capabilities("google/gemma-3-12b-it").tools.answer).toBe("no");
  expect(provider.pricing(PLAIN)).toEqual({
    inputPerMillionUsd: 5,
    outputPerMillionUsd: 20,
    cacheReadPerMillionUsd: 0.5,
    catalogue: "vendor",
  });
  expect(provider.pricing("openrouter/auto")).toBeUndefined();
});

test("takes files by address, and system messages under that name whoever is upstream", async () => {
  const { provider, sent } = await startOver("openrouter", openrouter, ["openai/gpt-5-mini"]);
  const file = { type: "file", mediaType: "application/pdf", source: { type: "url", url: "https://example.com/a.pdf" } } as const;
  const messages = [systemMessage("Be brief."), userMessage([{ type: "text", text: "Read." }, file])];
  const { warnings } = await provider.complete({ model: "openai/gpt-5-mini", messages });
  expect(sent().messages).toMatchObject([
    { role: "system" },
    { content: [{}, { file: { file_data: "https://example.com/a.pdf" } }] },
  ]);
  expect(warnings).toEqual([]);
});
