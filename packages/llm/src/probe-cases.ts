/** What a probe asks, one small call per capability, and what it makes of the answers. */
import type { CapabilityAnswer, CapabilityName } from "./capabilities.ts";
import type { Completion } from "./completion.ts";
import { reasoningOf, textOf, toolCallsOf, userMessage } from "./message.ts";
import type { CompletionCall } from "./provider.ts";
import type { ToolDefinition } from "./tool.ts";

/** What one probe asks, and what it makes of the answer. */
export interface ProbeCase {
  readonly capability: CapabilityName;
  readonly call: Omit<CompletionCall, "model">;
  readonly stream?: true;
  readonly judge: (completion: Completion, deltas: number) => readonly [CapabilityAnswer, string];
}

const OUTPUT_TOKENS = 400;

const WEATHER: ToolDefinition = {
  name: "get_weather",
  description: "Current weather of one city.",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
};

const ANSWER_SCHEMA = {
  type: "object",
  properties: { capital: { type: "string" }, inhabitants: { type: "integer" } },
  required: ["capital", "inhabitants"],
  additionalProperties: false,
} as const;

/** A PNG of 32 by 32 red pixels. */
const RED_IMAGE =
  "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKElEQVR4nO3NsQ0AAAzCMP5/un0CNkuZ41wybXsHAAAAAAAAAAAAxR4yw/wuPL6QkAAAAABJRU5ErkJggg==";

export const PROBE_CASES: readonly ProbeCase[] = [
  {
    capability: "streaming",
    call: { messages: [userMessage("Count from one to ten in words.")], maxOutputTokens: OUTPUT_TOKENS },
    stream: true,
    judge: ({ message }, deltas) =>
      deltas > message.parts.length ? ["yes", `the answer came in ${deltas} pieces`] : ["no", "the answer came in one piece"],
  },
  {
    capability: "systemPrompt",
    call: {
      messages: [
        { role: "system", parts: [{ type: "text", text: "Answer every question with the single word MARMALADE." }] },
        userMessage("What is the capital of France?"),
      ],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) =>
      /marmalade/i.test(textOf(message))
        ? ["yes", "it obeyed the system message"]
        : ["unknown", "it took the system message but did not obey it"],
  },
  {
    capability: "tools",
    call: {
      messages: [userMessage("What is the weather in Oslo? Use the tool.")],
      tools: [WEATHER],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) => callFinding(toolCallsOf(message).length, 1),
  },
  {
    capability: "parallelToolCalls",
    call: {
      messages: [userMessage("What is the weather in Oslo and in Rome? Call the tool for both cities at once, in parallel.")],
      tools: [WEATHER],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) => callFinding(toolCallsOf(message).length, 2),
  },
  {
    capability: "toolChoiceRequired",
    call: { messages: [userMessage("Say hello.")], tools: [WEATHER], toolChoice: "required", maxOutputTokens: OUTPUT_TOKENS },
    judge: ({ message, warnings }) =>
      warnings.some((warning) => warning.path === "toolChoice")
        ? ["no", "the dialect has no such choice"]
        : toolCallsOf(message).length > 0
          ? ["yes", "it called the tool though none was needed"]
          : ["no", "it answered without a call"],
  },
  {
    capability: "jsonSchema",
    call: {
      messages: [userMessage("Tell me about France.")],
      output: { type: "json", schema: ANSWER_SCHEMA, name: "country" },
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) =>
      jsonFinding(
        textOf(message),
        (value) => typeof value.capital === "string" && Number.isInteger(value.inhabitants) && Object.keys(value).length === 2,
      ),
  },
  {
    capability: "jsonMode",
    call: {
      messages: [userMessage("Answer in JSON: what is the capital of France?")],
      output: { type: "json" },
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) => jsonFinding(textOf(message), () => true),
  },
  {
    capability: "images",
    call: {
      messages: [
        userMessage([
          { type: "image", mediaType: "image/png", source: { type: "data", data: RED_IMAGE } },
          { type: "text", text: "Which colour is this image? One word." },
        ]),
      ],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message, warnings }) =>
      warnings.some((warning) => warning.type === "handoff")
        ? ["no", "known to take none"]
        : /\b(?:red|rot|rouge)\b/i.test(textOf(message))
          ? ["yes", "it named the colour"]
          : ["unknown", "it took the image but did not name its colour"],
  },
  {
    capability: "reasoning",
    call: {
      messages: [userMessage("Is 1009 a prime number? Think it through.")],
      reasoning: { effort: "low", summary: "auto" },
      maxOutputTokens: 2_000,
    },
    judge: ({ message, usage }) =>
      reasoningOf(message) !== "" || (usage.reasoningTokens ?? 0) > 0 || message.parts.some((part) => part.type === "reasoning")
        ? ["yes", "it thought before it answered"]
        : ["no", "it answered without thinking"],
  },
  {
    capability: "temperature",
    call: { messages: [userMessage("Say hello.")], temperature: 0.2, maxOutputTokens: OUTPUT_TOKENS },
    judge: ({ warnings }) =>
      warnings.some((warning) => warning.path === "temperature") ? ["no", "known to refuse it"] : ["yes", "it was taken"],
  },
  {
    capability: "stopSequences",
    call: {
      messages: [userMessage("Repeat exactly: alpha beta gamma delta")],
      stopSequences: ["gamma"],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message, warnings }) =>
      warnings.some((warning) => warning.path === "stopSequences")
        ? ["no", "the dialect has none"]
        : /alpha/i.test(textOf(message)) && !/gamma|delta/i.test(textOf(message))
          ? ["yes", "it stopped at the word"]
          : ["no", "it went past the word"],
  },
];

function callFinding(calls: number, wanted: number): readonly [CapabilityAnswer, string] {
  if (calls >= wanted) return ["yes", `${calls} tool calls came`];
  return calls === 0 ? ["no", "no tool call came"] : ["unknown", `${calls} tool call came, ${wanted} were asked for`];
}

function jsonFinding(text: string, isRight: (value: Record<string, unknown>) => boolean): readonly [CapabilityAnswer, string] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return ["no", "JSON, but no object"];
    return isRight(Object.fromEntries(Object.entries(value)))
      ? ["yes", "the answer is JSON as asked"]
      : ["no", "JSON, but not of the schema"];
  } catch {
    return ["no", "the answer is not JSON"];
  }
}
