/** What only Together does, over its fake server: every quirk of its file. */
import { expect, test } from "vitest";
import { reasoningOf, textOf, together, toolCallsOf, toolResult, userMessage } from "../../src/index.ts";
import { answer, startOver, WAYS, WEATHER } from "./over-fake.ts";

const LLAMA = "meta-llama/Llama-3.3-70B-Instruct-Turbo";
const DEEPSEEK = "deepseek-ai/DeepSeek-V3.1";
const GPT_OSS = "openai/gpt-oss-120b";

test.each([
  [DEEPSEEK, { effort: "none" }, { reasoning: { enabled: false } }, 0],
  [DEEPSEEK, { effort: "high" }, { reasoning: { enabled: true } }, 1],
  [GPT_OSS, { effort: "high" }, { reasoning_effort: "high" }, 0],
  [GPT_OSS, { effort: "max" }, { reasoning_effort: "high" }, 1],
  [GPT_OSS, { effort: "none" }, {}, 1],
] as const)("asks %s for %o with %o", async (model, reasoning, fields, warned) => {
  const { provider, sent } = await startOver("together", together);
  const { warnings } = await provider.complete({ model, messages: [userMessage("Hi.")], reasoning });
  const { model: _model, messages: _messages, ...rest } = sent();
  expect(rest).toEqual(fields);
  expect(warnings).toHaveLength(warned);
});

test("is spared strict tools and cache keys, and told its limit by the older name", async () => {
  const { provider, sent } = await startOver("together", together);
  const { warnings } = await provider.complete({
    model: LLAMA,
    messages: [userMessage("Weather?")],
    tools: [{ ...WEATHER, strict: true }],
    cache: [{ stable: "tools", key: "k" }],
    maxOutputTokens: 900,
    topK: 5,
  });
  expect(sent()).toMatchObject({ max_tokens: 900, top_k: 5 });
  expect(JSON.stringify(sent())).not.toContain("strict");
  expect(warnings).toContainEqual(expect.objectContaining({ path: "tools[0].strict" }));
});

test.each(WAYS)("takes a schema beside the format's type (%s)", async (way) => {
  const { provider, sent } = await startOver("together", together);
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const { message } = await answer(provider, way, {
    model: LLAMA,
    messages: [userMessage("City?")],
    output: { type: "json", schema },
  });
  expect(sent().response_format).toEqual({ type: "json_schema", schema });
  expect(JSON.parse(textOf(message))).toHaveProperty("city");
});

test.each(WAYS)("ends with the name of a token, and its noise is no part of the answer (%s)", async (way) => {
  const { provider } = await startOver("together", together);
  const { finish, message, vendor } = await answer(provider, way, { model: LLAMA, messages: [userMessage("Hi.")] });
  expect(finish).toEqual({ reason: "stop", raw: "eos" });
  expect(textOf(message)).toMatch(/^You said: “Hi.”/);
  expect(JSON.stringify(vendor ?? {})).not.toContain("token_id");
});

test.each(WAYS)("gets back what it thought in a tool loop, and tells how much that was (%s)", async (way) => {
  const { provider, sent } = await startOver("together", together);
  const asked = { model: GPT_OSS, tools: [WEATHER] };
  const first = await answer(provider, way, { ...asked, messages: [userMessage("Weather?")] });
  const [call] = toolCallsOf(first.message);
  if (call === undefined) throw new Error("no call");
  expect(first.usage.reasoningTokens).toBeGreaterThan(0);
  await answer(provider, way, { ...asked, messages: [userMessage("Weather?"), first.message, toolResult(call, "sun")] });
  expect(sent().messages).toContainEqual(expect.objectContaining({ role: "assistant", reasoning: reasoningOf(first.message) }));
});

test("says in its own words that a prompt is too long", async () => {
  const { provider } = await startOver("together", together);
  const call = { model: "fault-context-overflow", messages: [userMessage("Hi.")] };
  await expect(provider.complete(call)).rejects.toMatchObject({
    code: "context_overflow",
    detail: expect.stringContaining("is longer than"),
  });
});

test("lists its models bare, with kind, window and prices", async () => {
  const { provider } = await startOver("together", together);
  const rows = await provider.models();
  expect(rows.find(({ id }) => id === LLAMA)).toMatchObject({
    displayName: `Fake ${LLAMA}`,
    capabilities: { contextWindowTokens: 131_072 },
    pricing: { inputPerMillionUsd: 0.15, outputPerMillionUsd: 0.6, catalogue: "vendor" },
  });
  expect(provider.capabilities("black-forest-labs/FLUX.1-schnell").streaming).toMatchObject({ answer: "no", source: "vendor" });
  expect(provider.pricing("black-forest-labs/FLUX.1-schnell")).toBeUndefined();
});
