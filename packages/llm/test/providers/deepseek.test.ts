/** What only DeepSeek does, over its fake server: every quirk of its file. */
import { describe, expect, test } from "vitest";
import { assistantMessage, deepseek, reasoningOf, systemMessage, toolCallsOf, toolResult, userMessage } from "../../src/index.ts";
import { answer, startOver, WAYS, WEATHER } from "./over-fake.ts";

const V4 = "deepseek-v4-pro";
const thought = assistantMessage([
  { type: "reasoning", text: "Hm." },
  { type: "text", text: "Yes." },
]);
const called = assistantMessage([{ type: "tool-call", id: "c1", name: "get_weather", arguments: { city: "Oslo" } }]);
const result = toolResult({ id: "c1", name: "get_weather" }, "sun");

describe("earlier thoughts", () => {
  test.each(WAYS)("go back in a tool loop (%s)", async (way) => {
    const { provider, sent } = await startOver("deepseek", deepseek);
    const asked = { model: V4, tools: [WEATHER] };
    const first = await answer(provider, way, { ...asked, messages: [userMessage("Weather?")] });
    const [call] = toolCallsOf(first.message);
    if (call === undefined) throw new Error("no call");
    await answer(provider, way, { ...asked, messages: [userMessage("Weather?"), first.message, toolResult(call, "sun")] });
    expect(reasoningOf(first.message)).not.toBe("");
    expect(sent().messages).toContainEqual(expect.objectContaining({ reasoning_content: reasoningOf(first.message) }));
  });

  test("are filled in, empty, where a turn of the loop has none", async () => {
    const { provider, sent } = await startOver("deepseek", deepseek);
    const messages = [userMessage("Hi."), assistantMessage("Hello."), userMessage("Weather?"), called, result];
    await provider.complete({ model: V4, tools: [WEATHER], messages });
    expect(sent().messages).toMatchObject([{}, { reasoning_content: "" }, {}, { reasoning_content: "" }, {}]);
  });

  test("do not go to R1, which refuses them", async () => {
    const { provider, sent } = await startOver("deepseek", deepseek);
    const messages = [userMessage("Sure?"), thought, userMessage("Why?")];
    const { warnings } = await provider.complete({ model: "deepseek-r1", messages });
    expect(JSON.stringify(sent())).not.toContain("reasoning_content");
    expect(warnings).toContainEqual(expect.objectContaining({ type: "unsupported", path: "messages[1]" }));
  });
});

describe("thinking", () => {
  test.each([
    ["none", { thinking: { type: "disabled" } }, undefined],
    ["high", { thinking: { type: "enabled" } }, "high"],
    ["xhigh", { thinking: { type: "enabled" } }, "max"],
  ] as const)("of effort %s is a switch and a word", async (effort, fields, word) => {
    const { provider, sent } = await startOver("deepseek", deepseek);
    await provider.complete({ model: V4, messages: [userMessage("Hi.")], reasoning: { effort } });
    expect(sent()).toMatchObject(fields);
    expect(sent().reasoning_effort).toBe(word);
  });

  test("has no budget", async () => {
    const { provider, sent } = await startOver("deepseek", deepseek);
    const { warnings } = await provider.complete({ model: V4, messages: [userMessage("Hi.")], reasoning: { budgetTokens: 500 } });
    expect(sent().thinking).toEqual({ type: "enabled" });
    expect(warnings).toContainEqual(expect.objectContaining({ path: "reasoning.budgetTokens" }));
  });

  test.each([
    [V4, undefined, "auto"],
    [V4, { effort: "high" }, "auto"],
    [V4, { effort: "none" }, "required"],
    ["deepseek-reasoner", undefined, "auto"],
    ["deepseek-chat", undefined, "required"],
    ["deepseek-chat", { effort: "low" }, "auto"],
  ] as const)("of %s with %o meets a required tool with %s", async (model, reasoning, choice) => {
    const { provider, sent } = await startOver("deepseek", deepseek);
    const asked = { model, messages: [userMessage("Weather?")], tools: [WEATHER], toolChoice: "required" } as const;
    const { warnings } = await provider.complete(reasoning === undefined ? asked : { ...asked, reasoning });
    expect(sent().tool_choice).toBe(choice);
    expect(warnings.some(({ path }) => path === "toolChoice")).toBe(choice === "auto");
  });
});

test.each(WAYS)("running out of resources is an error to be tried again, not a short answer (%s)", async (way) => {
  const { provider } = await startOver("deepseek", deepseek);
  await expect(answer(provider, way, { model: V4, messages: [userMessage("busy: very")] })).rejects.toMatchObject({
    code: "overloaded",
    retryable: true,
    vendorCode: "insufficient_system_resource",
  });
});

test("is told a schema in words, beside JSON mode", async () => {
  const { provider, sent } = await startOver("deepseek", deepseek);
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const messages = [systemMessage("Be brief."), userMessage("Which city?")];
  const { warnings } = await provider.complete({ model: "deepseek-chat", messages, output: { type: "json", schema } });
  expect(sent().response_format).toEqual({ type: "json_object" });
  expect(warnings).toContainEqual(expect.objectContaining({ type: "lossy", path: "output.schema" }));
});

test("is spared images, files and strict tools, with a warning", async () => {
  const { provider, sent } = await startOver("deepseek", deepseek);
  const { warnings } = await provider.complete({
    model: "deepseek-chat",
    messages: [
      userMessage([
        { type: "text", text: "Look." },
        { type: "image", mediaType: "image/png", source: { type: "data", data: "aGk=" } },
      ]),
    ],
    tools: [{ ...WEATHER, strict: true }],
    maxOutputTokens: 500,
  });
  expect(JSON.stringify(sent())).not.toMatch(/image_url|strict/);
  expect(sent().max_tokens).toBe(500);
  expect(warnings.map(({ path }) => path)).toEqual(expect.arrayContaining(["tools[0].strict"]));
  expect(warnings.some(({ path }) => path?.startsWith("messages[0]"))).toBe(true);
});

test.each(WAYS)("tells hits of its cache (%s)", async (way) => {
  const { provider } = await startOver("deepseek", deepseek);
  const call = { model: "deepseek-chat", messages: [systemMessage("A long text that stays."), userMessage("Hi.")] };
  await answer(provider, way, call);
  const { usage } = await answer(provider, way, call);
  expect(usage).toMatchObject({ inputTokens: 8, cacheReadTokens: 6, raw: { prompt_cache_miss_tokens: 2 } });
});

test("calls a missing model by its name", async () => {
  const { provider } = await startOver("deepseek", deepseek);
  await expect(provider.complete({ model: "nobody", messages: [userMessage("Hi.")] })).rejects.toMatchObject({
    code: "model_not_found",
  });
});

test("is spared the same of a model that nobody described", async () => {
  const { provider, sent } = await startOver("deepseek", deepseek, ["deepseek-next"]);
  const { warnings } = await provider.complete({
    model: "deepseek-next",
    messages: [
      userMessage([
        { type: "image", source: { type: "data", data: "aGk=" } },
        { type: "text", text: "Which city?" },
      ]),
    ],
    output: { type: "json", schema: { type: "object", properties: {} } },
    cache: [{ stable: "system", key: "k" }],
  });
  expect(Object.keys(sent()).toSorted()).toEqual(["messages", "model", "response_format"]);
  expect(warnings.map(({ path }) => path)).toEqual(expect.arrayContaining(["output.schema"]));
  expect(warnings.some(({ path }) => path?.startsWith("messages[0]"))).toBe(true);
});
