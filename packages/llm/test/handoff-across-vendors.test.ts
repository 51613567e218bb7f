/** One conversation with tools and reasoning, begun on Anthropic, goes on over OpenAI responses, Gemini and Ollama. */
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  anthropic,
  type Completion,
  createRegistry,
  defineTool,
  gemini,
  type Message,
  ollama,
  openai,
  type Registry,
  reasoningOf,
  Secret,
  textOf,
  toolCallsOf,
  toolResult,
  userMessage,
  type Warning,
} from "../src/index.ts";

const VENDORS: readonly FakeVendorName[] = ["anthropic", "openai", "gemini", "ollama"];
const fakes = new Map<FakeVendorName, FakeVendor>();
let registry: Registry;

beforeAll(async () => {
  for (const vendor of VENDORS) fakes.set(vendor, await startFakeVendor(vendor));
  const at = (vendor: FakeVendorName) => ({ baseUrl: fakes.get(vendor)?.baseUrl ?? "", key: new Secret("any-key") });
  registry = createRegistry([
    anthropic(at("anthropic")),
    openai(at("openai")),
    gemini(at("gemini")),
    ollama({ ...at("ollama"), baseUrl: fakes.get("ollama")?.url ?? "" }),
  ]);
});

afterAll(async () => {
  for (const fake of fakes.values()) await fake.close();
});

const weather = defineTool({
  name: "get_weather",
  description: "Weather of a city.",
  input: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
});
const clock = defineTool({
  name: "get_time",
  description: "Time in a zone.",
  input: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
});
const tools = [weather, clock];

/** Asks, answers every tool call, and returns both completions of the turn. */
async function turn(reference: string, messages: Message[], question: string): Promise<readonly [Completion, Completion]> {
  const { provider, model } = registry.resolve(reference);
  messages.push(userMessage(question));
  const call = { model, tools, reasoning: { effort: "low", summary: "auto" } } as const;
  const first = await provider.complete({ ...call, messages });
  messages.push(
    first.message,
    ...toolCallsOf(first.message).map((toolCall) => toolResult(toolCall, `${toolCall.name} says ${provider.id}-result`)),
  );
  const second = await provider.complete({ ...call, messages });
  messages.push(second.message);
  return [first, second];
}

function handoffReport(completion: Completion): readonly string[] {
  return completion.warnings
    .filter((warning: Warning) => warning.type === "handoff")
    .map((warning) => `${warning.path}: ${warning.detail}`);
}

test("a conversation with tools and reasoning goes from Anthropic over OpenAI and Gemini to Ollama and back", async () => {
  const messages: Message[] = [];

  const [claudeCalls, claudeAnswer] = await turn(
    "anthropic:claude-sonnet-4-5",
    messages,
    "Weather and time, in parallel please.",
  );
  expect(toolCallsOf(claudeCalls.message)).toHaveLength(2);
  expect(reasoningOf(claudeCalls.message)).not.toBe("");
  expect(textOf(claudeAnswer.message)).toContain("anthropic-result");
  expect(handoffReport(claudeAnswer)).toEqual([]);

  const [gptCalls, gptAnswer] = await turn("openai:gpt-5-mini", messages, "Once more, in parallel.");
  expect(toolCallsOf(gptCalls.message)).toHaveLength(2);
  expect(textOf(gptAnswer.message)).toContain("openai-result");
  expect(handoffReport(gptCalls)).toContainEqual(expect.stringMatching(/^messages\[1\]: reasoning dropped/));

  const [geminiCalls, geminiAnswer] = await turn("gemini:gemini-3-flash-preview", messages, "And again, in parallel.");
  expect(toolCallsOf(geminiCalls.message)).toHaveLength(2);
  expect(textOf(geminiAnswer.message)).toContain("gemini-result");
  expect(handoffReport(geminiCalls).length).toBeGreaterThan(handoffReport(gptCalls).length);

  const [ollamaCalls, ollamaAnswer] = await turn("ollama:qwen3:4b", messages, "Now locally, in parallel.");
  expect(toolCallsOf(ollamaCalls.message)).toHaveLength(2);
  expect(textOf(ollamaAnswer.message)).toContain("ollama-result");

  // Back where it began: Anthropic checks its own signatures, which went through JSON and three other vendors.
  const restored: Message[] = JSON.parse(JSON.stringify(messages));
  const [, back] = await turn("anthropic:claude-sonnet-4-5", restored, "Home again, in parallel.");
  expect(textOf(back.message)).toContain("anthropic-result");

  expect({
    toOpenAI: handoffReport(gptCalls),
    toGemini: handoffReport(geminiCalls),
    toOllama: handoffReport(ollamaCalls),
  }).toMatchSnapshot("the handoff report");
});

test("every vendor received the whole conversation", () => {
  for (const [vendor, fake] of fakes) {
    const last = JSON.stringify(
      fake.requests.findLast((request) => request.method === "POST" && JSON.stringify(request.body)?.includes("parallel"))?.body,
    );
    expect(last, vendor).toContain("anthropic-result");
  }
});
