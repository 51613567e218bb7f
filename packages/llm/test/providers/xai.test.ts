/** What only xAI does, over its fake server: every quirk of its file. */
import { describe, expect, test } from "vitest";
import { assistantMessage, reasoningOf, Secret, textOf, toolResult, userMessage, xai } from "../../src/index.ts";
import { answer, startOver, TIME, WAYS, WEATHER } from "./over-fake.ts";

const PLAIN = "grok-4-fast-non-reasoning";
const GROK_4 = "grok-4";

describe("errors", () => {
  test.each([
    ["flat error", 500, "vendor_error"],
    ["nested error", 400, "invalid_request"],
  ] as const)("are read in each of their shapes: %s", async (key, status, code) => {
    const { provider } = await startOver("xai", xai);
    const call = { model: PLAIN, messages: [userMessage(`${key}: the words`)] };
    await expect(provider.complete(call)).rejects.toMatchObject({ code, status, detail: "the words" });
  });

  test("are read where JSON comes instead of events", async () => {
    const { provider } = await startOver("xai", xai);
    const call = { model: PLAIN, messages: [userMessage("whole error: The model is at capacity")] };
    await expect(answer(provider, "stream", call)).rejects.toMatchObject({
      code: "overloaded",
      detail: "The model is at capacity",
    });
  });

  test("of a key come with 400, and of a model too", async () => {
    const { fake, provider } = await startOver("xai", xai);
    const call = { model: "grok-99", messages: [userMessage("Hi.")] };
    await expect(provider.complete(call)).rejects.toMatchObject({ code: "model_not_found", status: 400 });
    const stranger = xai({ baseUrl: fake.baseUrl, key: new Secret("bad-key") });
    await expect(stranger.complete({ ...call, model: PLAIN })).rejects.toMatchObject({ code: "authentication", status: 400 });
  });
});

test.each(WAYS)("thoughts beside the completion are part of the output (%s)", async (way) => {
  const { provider } = await startOver("xai", xai);
  const { usage } = await answer(provider, way, { model: GROK_4, messages: [userMessage("Hi.")] });
  const raw = Object(usage.raw);
  expect(usage.reasoningTokens).toBeGreaterThan(0);
  expect(usage.outputTokens).toBe(raw.completion_tokens + raw.completion_tokens_details.reasoning_tokens);
  expect((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)).toBe(raw.total_tokens);
});

test.each(WAYS)("the price is what xAI charged (%s)", async (way) => {
  const { provider } = await startOver("xai", xai);
  const { cost, usage } = await answer(provider, way, { model: GROK_4, messages: [userMessage("Hi.")] });
  const ticks = Object(usage.raw).cost_in_usd_ticks;
  expect(cost).toMatchObject({ totalUsd: ticks / 1e10, catalogue: "vendor" });
  expect((cost?.inputUsd ?? 0) + (cost?.outputUsd ?? 0)).toBeCloseTo(cost?.totalUsd ?? 0, 12);
});

test("a closed schema is opened, with a warning, strict or not", async () => {
  const { provider, sent } = await startOver("xai", xai);
  const { warnings } = await provider.complete({
    model: PLAIN,
    messages: [userMessage("Weather?")],
    tools: [{ ...WEATHER, strict: true }],
    output: { type: "json", strict: true, schema: { type: "object", properties: {}, additionalProperties: false } },
  });
  expect(JSON.stringify(sent())).not.toContain("additionalProperties");
  expect(warnings.filter(({ path }) => path?.endsWith("additionalProperties"))).toHaveLength(2);
});

test("results go in the order of their calls", async () => {
  const { provider } = await startOver("xai", xai);
  const calls = assistantMessage([
    { type: "tool-call", id: "c1", name: "get_weather", arguments: { city: "Oslo" } },
    { type: "tool-call", id: "c2", name: "get_time", arguments: { zone: "CET" } },
  ]);
  const results = [toolResult({ id: "c2", name: "get_time" }, "noon"), toolResult({ id: "c1", name: "get_weather" }, "sun")];
  const messages = [userMessage("Both."), calls, ...results];
  const { message } = await provider.complete({ model: PLAIN, messages, tools: [WEATHER, TIME] });
  expect(textOf(message)).toContain("get_weather → sun; get_time → noon");
});

describe("a model that thinks", () => {
  test.each([
    ["grok-4", ["stopSequences", "presencePenalty", "frequencyPenalty"]],
    ["grok-4.3", ["stopSequences", "presencePenalty", "frequencyPenalty"]],
    [PLAIN, []],
  ] as const)("is spared stop sequences and penalties: %s", async (model, left) => {
    const { provider, sent } = await startOver("xai", xai);
    const settings = { stopSequences: ["END"], presencePenalty: 0.5, frequencyPenalty: 0.5, temperature: 0.5 };
    const { warnings } = await provider.complete({ model, messages: [userMessage("Hi.")], ...settings });
    expect(warnings.map(({ path }) => path)).toEqual(left);
    expect(Object.keys(sent())).toHaveLength(left.length === 0 ? 6 : 3);
    expect(sent().temperature).toBe(0.5);
  });

  test.each([
    [GROK_4, "high", undefined],
    [PLAIN, "high", undefined],
    ["grok-3-mini", "medium", "low"],
    ["grok-3-mini", "max", "high"],
    ["grok-4.3", "none", "none"],
    ["grok-4.3", "medium", "medium"],
  ] as const)("%s is asked for effort %s as %s", async (model, effort, word) => {
    const { provider, sent } = await startOver("xai", xai);
    const { warnings } = await provider.complete({ model, messages: [userMessage("Hi.")], reasoning: { effort } });
    expect(sent().reasoning_effort).toBe(word);
    expect(warnings).toHaveLength(word === effort ? 0 : 1);
  });

  test("gets its thoughts back", async () => {
    const { provider, sent } = await startOver("xai", xai);
    const first = await provider.complete({ model: "grok-3-mini", messages: [userMessage("Hi.")] });
    expect(reasoningOf(first.message)).not.toBe("");
    await provider.complete({ model: "grok-3-mini", messages: [userMessage("Hi."), first.message, userMessage("And?")] });
    expect(sent().messages).toContainEqual(expect.objectContaining({ reasoning_content: reasoningOf(first.message) }));
  });
});

describe.each(WAYS)("the assistant's words that ended the request (%s)", (way) => {
  test("are taken off where they come back, with a warning", async () => {
    const { provider } = await startOver("xai", xai);
    const messages = [userMessage("Hi."), assistantMessage("Well then, ")];
    const { message, warnings } = await answer(provider, way, { model: PLAIN, messages });
    expect(textOf(message)).toMatch(/^You said/);
    expect(warnings).toContainEqual(expect.objectContaining({ type: "other", detail: expect.stringContaining("repeated") }));
  });

  test("are no concern of an answer to anybody else", async () => {
    const { provider } = await startOver("xai", xai);
    const messages = [userMessage("Hi."), assistantMessage("You said"), userMessage("Go on.")];
    const { message, warnings } = await answer(provider, way, { model: PLAIN, messages });
    expect(textOf(message)).toMatch(/^You said/);
    expect(warnings).toEqual([]);
  });
});

test.each(WAYS)("live search is asked for by vendor options, and what it read comes as sources (%s)", async (way) => {
  const { provider, sent } = await startOver("xai", xai);
  const vendorOptions = { "openai-chat": { search_parameters: { mode: "on", return_citations: true } } };
  const { message } = await answer(provider, way, { model: PLAIN, messages: [userMessage("News?")], vendorOptions });
  expect(sent().search_parameters).toEqual({ mode: "on", return_citations: true });
  expect(message.parts.filter(({ type }) => type === "source")).toEqual([
    { type: "source", url: "https://example.com/news" },
    { type: "source", url: "https://x.com/i/status/1" },
  ]);
});

test("lists its models with modalities, windows and prices, also under their other names", async () => {
  const { provider } = await startOver("xai", xai);
  const rows = await provider.models();
  expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining([GROK_4, "grok-4-latest"]));
  expect(provider.capabilities("grok-3-mini").images).toMatchObject({ answer: "no", source: "vendor" });
  expect(provider.capabilities(PLAIN).contextWindowTokens).toBe(2_000_000);
  expect(provider.pricing("grok-4-latest")).toEqual({
    inputPerMillionUsd: 3,
    cacheReadPerMillionUsd: 0.75,
    outputPerMillionUsd: 15,
    catalogue: "vendor",
  });
});

test("is spared files and cache keys, which its chat wire has no place for", async () => {
  const { provider, sent } = await startOver("xai", xai, ["grok-99"]);
  const file = { type: "file", mediaType: "application/pdf", source: { type: "data", data: "aGk=" } } as const;
  const messages = [userMessage([{ type: "text", text: "Read." }, file])];
  const { warnings } = await provider.complete({ model: "grok-99", messages, cache: [{ stable: "system", key: "k" }] });
  expect(Object.keys(sent()).toSorted()).toEqual(["messages", "model"]);
  expect(JSON.stringify(sent())).not.toContain("file_data");
  expect(warnings).toHaveLength(1);
});
