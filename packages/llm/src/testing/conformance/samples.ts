/** Canonical values on which every dialect shows its round trip: one idea each. */
import type { Completion } from "../../completion.ts";
import type { AssistantPart } from "../../message.ts";
import { systemMessage, toolResult, userMessage } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";
import { AWKWARD_TEXT, PERSON_SCHEMA } from "./answer-cases.ts";
import { TIME_TOOL, WEATHER_TOOL } from "./tool-cases.ts";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const CALLS = [
  { type: "tool-call", id: "call_1", name: "get_weather", arguments: { city: "Zürich", days: 2 } },
  { type: "tool-call", id: "call_2", name: "get_time", arguments: { zone: "CET" } },
] as const;

function request(rest: Omit<CompletionRequest, "model">): CompletionRequest {
  return { model: "sample-model", ...rest };
}

export const SAMPLE_REQUESTS: Readonly<Record<string, CompletionRequest>> = {
  "a question": request({ messages: [userMessage(AWKWARD_TEXT)] }),
  "a system message": request({ messages: [systemMessage("Be brief."), userMessage("Hello.")] }),
  "a conversation": request({
    messages: [userMessage("One."), { role: "assistant", parts: [{ type: "text", text: "Two." }] }, userMessage("Three.")],
  }),
  "sampling settings": request({
    messages: [userMessage("Hi.")],
    maxOutputTokens: 4096,
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    seed: 7,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    stopSequences: ["END"],
  }),
  "an image by value": request({
    messages: [
      userMessage([
        { type: "text", text: "What is it?" },
        { type: "image", mediaType: "image/png", source: { type: "data", data: PIXEL } },
      ]),
    ],
  }),
  "an image by address": request({
    messages: [userMessage([{ type: "image", source: { type: "url", url: "https://example.com/cat.png" } }])],
  }),
  "a document": request({
    messages: [
      userMessage([
        { type: "file", mediaType: "application/pdf", name: "paper.pdf", source: { type: "data", data: "JVBERi0xLjQK" } },
        { type: "text", text: "Sum it up." },
      ]),
    ],
  }),
  tools: request({ messages: [userMessage("Weather?")], tools: [WEATHER_TOOL, TIME_TOOL] }),
  "a required tool": request({
    messages: [userMessage("Weather?")],
    tools: [WEATHER_TOOL],
    toolChoice: "required",
    maxOutputTokens: 100,
  }),
  "a named tool": request({
    messages: [userMessage("Weather?")],
    tools: [WEATHER_TOOL, TIME_TOOL],
    toolChoice: { tool: "get_time" },
  }),
  "no parallel calls": request({
    messages: [userMessage("Weather?")],
    tools: [WEATHER_TOOL],
    toolChoice: "auto",
    parallelToolCalls: false,
  }),
  "a tool loop": request({
    messages: [
      userMessage("Weather and time?"),
      { role: "assistant", parts: [{ type: "text", text: "One moment." }, ...CALLS] },
      toolResult(CALLS[0], "sunny"),
      toolResult(CALLS[1], "no such zone", { isError: true }),
      userMessage("Thanks."),
    ],
    tools: [WEATHER_TOOL, TIME_TOOL],
  }),
  "structured tool results": request({
    messages: [
      userMessage("Weather?"),
      { role: "assistant", parts: [CALLS[0]] },
      toolResult(CALLS[0], { celsius: 21, wind: null }),
    ],
    tools: [WEATHER_TOOL],
  }),
  "an image in a tool result": request({
    messages: [
      userMessage("Show."),
      { role: "assistant", parts: [CALLS[0]] },
      toolResult(CALLS[0], [
        { type: "text", text: "here" },
        { type: "image", mediaType: "image/png", source: { type: "data", data: PIXEL } },
      ]),
    ],
    tools: [WEATHER_TOOL],
  }),
  "reasoning by effort": request({ messages: [userMessage("Think.")], reasoning: { effort: "high" } }),
  "a schema": request({ messages: [userMessage("Describe.")], output: { type: "json", schema: PERSON_SCHEMA, name: "person" } }),
  "any JSON": request({ messages: [userMessage("Describe in JSON.")], output: { type: "json" } }),
  "cache directives": request({
    messages: [systemMessage("A long text."), userMessage("Hi.")],
    tools: [WEATHER_TOOL],
    cache: [{ stable: "tools" }, { stable: "system", timeToLive: "1h" }],
  }),
  metadata: request({ messages: [userMessage("Hi.")], metadata: { user: "user-7" } }),
};

function completion(parts: readonly AssistantPart[], rest: Partial<Completion> = {}): Completion {
  const origin = { dialect: "sample", provider: "sample", model: "sample-model" };
  return {
    id: "sample-1",
    origin,
    message: { role: "assistant", parts, origin },
    finish: { reason: "stop" },
    usage: { inputTokens: 100, outputTokens: 20 },
    warnings: [],
    createdAt: 1_767_225_600,
    ...rest,
  };
}

export const SAMPLE_COMPLETIONS: Readonly<Record<string, Completion>> = {
  text: completion([{ type: "text", text: AWKWARD_TEXT }]),
  "reasoning and text": completion(
    [
      { type: "reasoning", text: "Let me see." },
      { type: "text", text: "Yes." },
    ],
    { usage: { inputTokens: 10, outputTokens: 30, reasoningTokens: 12 } },
  ),
  "parallel tool calls": completion([{ type: "text", text: "One moment." }, ...CALLS], { finish: { reason: "tool-calls" } }),
  "a call without arguments": completion([{ type: "tool-call", id: "call_3", name: "now", arguments: {} }], {
    finish: { reason: "tool-calls" },
  }),
  "an answer cut by length": completion([{ type: "text", text: "It goes on and" }], { finish: { reason: "length" } }),
  "a filtered answer": completion([{ type: "text", text: "I was" }], { finish: { reason: "content-filter" } }),
  "cached input": completion([{ type: "text", text: "Hi." }], {
    usage: { inputTokens: 1000, cacheReadTokens: 600, cacheWriteTokens: 300, cacheWriteOneHourTokens: 100, outputTokens: 3 },
  }),
  "unknown usage": completion([{ type: "text", text: "Hi." }], { usage: {} }),
};
