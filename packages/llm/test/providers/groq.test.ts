/** What only Groq does, over its fake server: every quirk of its file. */
import { describe, expect, test } from "vitest";
import { assistantMessage, groq, reasoningOf, textOf, toolCallsOf, toolResult, userMessage } from "../../src/index.ts";
import { answer, startOver, WAYS, WEATHER } from "./over-fake.ts";

const LLAMA = "llama-3.3-70b-versatile";
const GPT_OSS = "openai/gpt-oss-120b";
const QWEN = "qwen/qwen3-32b";

const OSLO = { name: "get_weather", arguments: { city: "Oslo" } };
const BERGEN = { name: "get_weather", arguments: { city: "Bergen" } };

/** What models wrote where Groq expected a call. */
const GENERATIONS: Readonly<Record<string, readonly [string, readonly object[]]>> = {
  "one call": ['{"name": "get_weather", "arguments": {"city": "Oslo"}}', [OSLO]],
  "Llama's parameters": ['{"type": "function", "name": "get_weather", "parameters": {"city": "Oslo"}}', [OSLO]],
  "a list": [
    '[{"name": "get_weather", "parameters": {"city": "Oslo"}}, {"name": "get_weather", "parameters": {"city": "Bergen"}}]',
    [OSLO, BERGEN],
  ],
  "OpenAI's list in a fence": [
    '```json\n{"tool_calls": [{"id": "x", "type": "function", "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}}]}\n```',
    [OSLO],
  ],
  "a tag": ['<function=get_weather>{"city": "Oslo"}</function>', [OSLO]],
  "a tag without its bracket": ['<function=get_weather{"city": "Oslo"}</function>', [OSLO]],
  "a tag without its beginning": ['get_weather{"city": "Oslo"}</function>', [OSLO]],
  "two tags": [
    '<function=get_weather>{"city": "Oslo"}</function>\n<function=get_weather>{"city": "Bergen"}</function>',
    [OSLO, BERGEN],
  ],
  "braces within words": ['<function=get_weather>{"city": "O}s{lo"}</function>', [{ ...OSLO, arguments: { city: "O}s{lo" } }]],
};

describe.each(["failed generation", "failed generation in stream"])("a call that Groq could not take (%s)", (where) => {
  const ways = where === "failed generation" ? WAYS : (["stream"] as const);

  describe.each(ways)("%s", (way) => {
    test.each(Object.entries(GENERATIONS))("is read from what the model wrote: %s", async (_form, [generation, calls]) => {
      const { provider } = await startOver("groq", groq);
      const call = { model: LLAMA, messages: [userMessage(`${where}: ${generation}`)], tools: [WEATHER] };
      const completion = await answer(provider, way, call);
      expect(toolCallsOf(completion.message)).toMatchObject(calls);
      expect(completion.finish.reason).toBe("tool-calls");
      expect(new Set(toolCallsOf(completion.message).map(({ id }) => id)).size).toBe(calls.length);
      expect(completion.warnings).toContainEqual(
        expect.objectContaining({ type: "other", detail: expect.stringContaining("Failed to call a function") }),
      );
    });

    test.each(["I would rather talk.", '{"name": 7}', '<function=get_weather>{"city": "Os', '[{"name": "get_weather"}, 4]'])(
      "is an error that tells what was written, where it cannot be read: %s",
      async (generation) => {
        const { provider } = await startOver("groq", groq);
        const call = { model: LLAMA, messages: [userMessage(`${where}: ${generation}`)], tools: [WEATHER] };
        await expect(answer(provider, way, call)).rejects.toMatchObject({
          vendorCode: "tool_use_failed",
          retryable: true,
          detail: expect.stringContaining(generation),
        });
      },
    );
  });
});

describe("the thoughts of Qwen", () => {
  test.each(WAYS)("stand apart from the text (%s)", async (way) => {
    const { provider, sent } = await startOver("groq", groq);
    const { message } = await answer(provider, way, { model: QWEN, messages: [userMessage("Hi.")] });
    expect(sent()).toMatchObject({ reasoning_format: "parsed" });
    expect(reasoningOf(message)).toContain("Let me think");
    expect(textOf(message)).not.toContain("<think>");
  });

  test.each(WAYS)("stay with the vendor where no summary is wanted (%s)", async (way) => {
    const { provider, sent } = await startOver("groq", groq);
    for (const [model, field] of [
      [QWEN, { reasoning_format: "hidden" }],
      [GPT_OSS, { include_reasoning: false }],
    ] as const) {
      const call = { model, messages: [userMessage("Hi.")], reasoning: { summary: "none" } } as const;
      const { message, warnings } = await answer(provider, way, call);
      expect(sent()).toMatchObject(field);
      expect(reasoningOf(message)).toBe("");
      expect(textOf(message)).not.toContain("<think>");
      expect(warnings).toEqual([]);
    }
  });

  test("are mixed in where the caller says so", async () => {
    const { provider } = await startOver("groq", groq);
    const vendorOptions = { "openai-chat": { reasoning_format: "raw" } };
    const { message } = await provider.complete({ model: QWEN, messages: [userMessage("Hi.")], vendorOptions });
    expect(textOf(message)).toContain("<think>");
  });
});

test.each([
  [GPT_OSS, "low", "low", 0],
  [GPT_OSS, "minimal", "low", 1],
  [GPT_OSS, "max", "high", 1],
  [GPT_OSS, "none", undefined, 1],
  [QWEN, "none", "none", 0],
  [QWEN, "high", "default", 1],
  [LLAMA, "high", undefined, 1],
] as const)("asks %s for effort %s as %s", async (model, effort, word, warned) => {
  const { provider, sent } = await startOver("groq", groq);
  const { warnings } = await provider.complete({ model, messages: [userMessage("Hi.")], reasoning: { effort } });
  expect(sent().reasoning_effort).toBe(word);
  expect(warnings).toHaveLength(warned);
});

test("is spared what it refuses, with a warning", async () => {
  const { provider, sent } = await startOver("groq", groq);
  const { warnings } = await provider.complete({
    model: LLAMA,
    messages: [{ ...userMessage("Hi."), name: "ann" }],
    topK: 5,
    cache: [{ stable: "system", key: "k" }],
    output: { type: "json", schema: { type: "object", properties: {} } },
  });
  expect(Object.keys(sent()).toSorted()).toEqual(["messages", "model", "response_format"]);
  expect(sent().response_format).toEqual({ type: "json_object" });
  expect(warnings.map(({ path }) => path)).toEqual(expect.arrayContaining(["messages[0].name", "topK", "output.schema"]));
});

test("gets back what it thought in a tool loop", async () => {
  const { provider, sent } = await startOver("groq", groq);
  const asked = { model: GPT_OSS, tools: [WEATHER] };
  const first = await provider.complete({ ...asked, messages: [userMessage("Weather?")] });
  const [call] = toolCallsOf(first.message);
  if (call === undefined) throw new Error("no call");
  await provider.complete({ ...asked, messages: [userMessage("Weather?"), first.message, toolResult(call, "sun")] });
  expect(sent().messages).toContainEqual(expect.objectContaining({ role: "assistant", reasoning: reasoningOf(first.message) }));
});

test("tells usage under x_groq in a stream", async () => {
  const { provider } = await startOver("groq", groq);
  const { usage } = await answer(provider, "stream", { model: GPT_OSS, messages: [userMessage("Hi.")] });
  expect(usage).toMatchObject({ inputTokens: 2, reasoningTokens: expect.any(Number) });
  expect(usage.outputTokens).toBeGreaterThan(usage.reasoningTokens ?? 0);
});

test("lists its models with their windows", async () => {
  const { provider } = await startOver("groq", groq);
  const rows = await provider.models();
  expect(rows.find(({ id }) => id === LLAMA)?.capabilities).toMatchObject({
    contextWindowTokens: 131_072,
    outputTokensMax: 32_768,
  });
  expect(provider.capabilities(LLAMA).jsonSchema).toMatchObject({ answer: "no", source: "family" });
});

test("a message that ends with the assistant's words goes as it is", async () => {
  const { provider } = await startOver("groq", groq);
  const { message } = await provider.complete({ model: LLAMA, messages: [userMessage("Hi."), assistantMessage("You")] });
  expect(textOf(message)).toMatch(/^You said/);
});

test("reads images and nothing else, whatever the model", async () => {
  const { provider, sent } = await startOver("groq", groq, ["org/new"]);
  const content = [
    { type: "text", text: "Listen." },
    { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    { type: "audio", mediaType: "audio/wav", source: { type: "data", data: "aGk=" } },
    { type: "file", mediaType: "application/pdf", source: { type: "data", data: "aGk=" } },
  ] as const;
  const { warnings } = await provider.complete({ model: "org/new", messages: [userMessage(content)] });
  expect(JSON.stringify(sent())).toContain("image_url");
  expect(warnings).toHaveLength(2);
});
