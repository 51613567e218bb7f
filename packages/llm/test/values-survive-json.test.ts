/** R4: what is asked, said and known goes through JSON and comes back the same. */
import { type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anthropic,
  assistantMessage,
  type CompletionRequest,
  DragomanError,
  defineTool,
  fold,
  gemini,
  huggingface,
  type JsonValue,
  llamaCpp,
  lmStudio,
  moonshot,
  ollama,
  openai,
  type Provider,
  type ProviderOptions,
  requestOf,
  Secret,
  toDragomanError,
  toolCallsOf,
  toolResult,
  userMessage,
} from "../src/index.ts";
import { completion, history } from "./arbitraries.ts";

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

test("any completion, any history", () => {
  fc.assert(
    fc.property(completion, history, (completion, messages) => {
      expect(throughJson(completion)).toStrictEqual(completion);
      expect(throughJson(messages)).toStrictEqual(messages);
    }),
  );
});

test("a request is what is left of a call without its signal and its timeouts", () => {
  const request: CompletionRequest = {
    model: "m",
    messages: [
      userMessage("?"),
      assistantMessage("!"),
      toolResult({ id: "1", name: "t" }, { deep: [1, null, "x"] }, { isError: true }),
    ],
    tools: [defineTool({ name: "t", description: "d", input: { type: "object", properties: {} }, strict: true })],
    toolChoice: { tool: "t" },
    maxOutputTokens: 9,
    reasoning: { effort: "low", budgetTokens: 1_024 },
    output: { type: "json", schema: { type: "object" } },
    cache: [{ stable: { messages: 2 }, timeToLive: "1h" }],
    metadata: { session: "s", tags: { team: "a" } },
    vendorOptions: { ollama: { keep_alive: "1h" } },
  };
  const call = { ...request, signal: new AbortController().signal, timeouts: { totalMs: Number.POSITIVE_INFINITY } };
  expect(requestOf(call)).toStrictEqual(request);
  expect(throughJson(requestOf(call))).toStrictEqual(request);
});

test.each<[JsonValue]>([[["text"]], [[{ type: "text" }, 7]], [[]], [null], [0], [{ type: "text", text: "no list" }]])(
  "a tool's result that only looks like content stays data: %j",
  (result) => {
    const { parts } = toolResult({ id: "1", name: "t" }, result);
    expect(parts[0]?.content).toEqual([{ type: "json", value: result }]);
  },
);

const VENDORS: readonly [FakeVendorName, string, (options: ProviderOptions) => Provider][] = [
  ["anthropic", "claude-sonnet-4-5", anthropic],
  ["openai", "gpt-5-mini", openai],
  ["openai", "gpt-5-mini", (options) => openai({ ...options, wire: "chat" })],
  ["gemini", "gemini-3-flash-preview", gemini],
  ["ollama", "qwen3:4b", ollama],
  ["lmstudio", "openai/gpt-oss-20b", lmStudio],
  ["llamacpp", "qwen3-1.7b-q4_k_m", llamaCpp],
  ["huggingface", "Qwen/Qwen3-4B", huggingface],
  ["moonshot", "kimi-k2-thinking", moonshot],
];

describe.each(VENDORS)("what %s says", (vendor, model, create) => {
  test("comes back from JSON the same, and the conversation goes on from it", async () => {
    const fake = await startFakeVendor(vendor);
    try {
      const provider = create({ baseUrl: vendor === "ollama" ? fake.url : fake.baseUrl, key: new Secret("any-key") });
      const tools = [
        defineTool({ name: "weather", input: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }),
      ];
      const messages = [userMessage("What is the weather?")];
      const call = { model, tools, reasoning: { effort: "low" } } as const;
      const whole = await provider.complete({ ...call, messages });
      const streamed = await fold(provider.stream({ ...call, messages }));
      const models = await provider.models();
      const error = await provider.complete({ model: "fault-500", messages }).catch(toDragomanError);
      for (const value of [whole, streamed, models, provider.pricing(model) ?? null, provider.capabilities(model)])
        expect(throughJson(value)).toStrictEqual(value);
      expect(DragomanError.is(error) && throughJson(error.toJSON())).toStrictEqual(DragomanError.is(error) && error.toJSON());

      const restored = throughJson([...messages, streamed.message]);
      const results = toolCallsOf(streamed.message).map((toolCall) => toolResult(toolCall, "sunny in the result"));
      const answer = await provider.complete({ ...call, messages: [...restored, ...results] });
      expect(JSON.stringify(answer.message.parts)).toContain("sunny in the result");
    } finally {
      await fake.close();
    }
  });
});
