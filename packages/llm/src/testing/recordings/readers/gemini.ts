/** Reads generateContent answers straight from the wire's definition: candidates of parts, and figures that stand side by side. */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER, type UsageFacts } from "../facts.ts";
import { isRawObject, numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn, wordsIn } from "../raw-json.ts";

/** By the words of the enum `FinishReason`, and by the numbers that some clients print instead. */
const FINISH_REASONS: Readonly<Record<string, readonly FinishReason[]>> = {
  STOP: ["stop"],
  MAX_TOKENS: ["length"],
  SAFETY: ["content-filter"],
  RECITATION: ["content-filter"],
  BLOCKLIST: ["content-filter"],
  PROHIBITED_CONTENT: ["content-filter"],
  SPII: ["content-filter"],
  IMAGE_SAFETY: ["content-filter"],
  IMAGE_PROHIBITED_CONTENT: ["content-filter"],
  OTHER: ["other"],
  LANGUAGE: ["other", "content-filter"],
  MALFORMED_FUNCTION_CALL: ["error"],
  UNEXPECTED_TOOL_CALL: ["error", "other"],
  "1": ["stop"],
  "2": ["length"],
  "3": ["content-filter"],
  "4": ["content-filter"],
};

/** Google adds words as it goes; those that are not listed name one failure or another. */
const NEW_WORDS: readonly FinishReason[] = ["other", "error", "content-filter"];

export const geminiReader: AnswerReader = {
  readAnswer(body) {
    const answer = Array.isArray(body) ? body[0] : body;
    return collect([objectIn(inCamelCase(answer))]).facts;
  },

  readStream(units) {
    const chunks = units.map((unit) => objectIn(inCamelCase(unit.json)));
    const { facts, finishChunk } = collect(chunks);
    return { ...facts, finishUnit: finishChunk, lastWordUnit: finishChunk };
  },
};

/** Some clients print the proto's own names, with underscores. What a model wrote keeps its names. */
function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (!isRawObject(value)) return value;
  const named = Object.entries(value).map(([name, inner]) => [
    name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
    name === "args" ? inner : inCamelCase(inner),
  ]);
  return Object.fromEntries(named);
}

function collect(chunks: readonly RawObject[]): { readonly facts: AnswerFacts; readonly finishChunk: number | undefined } {
  const usage: Record<string, unknown> = {};
  const parts: RawObject[] = [];
  let finish: unknown;
  let finishChunk: number | undefined;
  let blocked = false;
  let alternatives = 1;
  for (const [index, chunk] of chunks.entries()) {
    if (isRawObject(chunk.error)) return { facts: failed(chunk), finishChunk };
    for (const [name, value] of Object.entries(objectIn(chunk.usageMetadata))) {
      if (value !== null) usage[name] = value;
    }
    const candidates = objectsIn(chunk.candidates);
    alternatives = Math.max(alternatives, candidates.length);
    const candidate = objectIn(candidates[0]);
    parts.push(...objectsIn(objectIn(candidate.content).parts));
    const reason = candidate.finishReason;
    if (reason !== undefined && reason !== null && reason !== "FINISH_REASON_UNSPECIFIED" && reason !== 0) {
      finish = reason;
      finishChunk ??= index;
    }
    if (wordIn(objectIn(chunk.promptFeedback).blockReason) !== undefined && candidates.length === 0) {
      blocked = true;
      finishChunk ??= index;
    }
  }
  return { facts: factsOf(parts, finish, blocked, usageOf(usage), alternatives), finishChunk };
}

function factsOf(
  parts: readonly RawObject[],
  finish: unknown,
  blocked: boolean,
  usage: UsageFacts,
  alternatives: number,
): AnswerFacts {
  const thoughts = parts.filter((part) => part.thought === true);
  const spoken = parts.filter((part) => part.thought !== true);
  const toolCalls = spoken
    .map((part) => objectIn(part.functionCall))
    .filter((call) => wordIn(call.name) !== undefined)
    .map((call) => ({ id: wordIn(call.id), name: stringIn(call.name) ?? "", arguments: call.args ?? {} }));
  const reasoning = thoughts.map((part) => stringIn(part.text) ?? "").join("");
  return {
    ...NO_ANSWER,
    text: spoken.map((part) => stringIn(part.text) ?? "").join(""),
    reasoningText: reasoning,
    hasReasoning: reasoning !== "",
    toolCalls,
    signatures: wordsIn(parts.map((part) => part.thoughtSignature)),
    media: spoken.filter((part) => wordIn(objectIn(part.inlineData).data) !== undefined).length,
    finish: blocked ? ["content-filter"] : finishOf(finish, toolCalls.length > 0),
    usage,
    alternatives,
  };
}

/** `STOP` also stands where the model calls tools. */
function finishOf(raw: unknown, calls: boolean): readonly FinishReason[] {
  if (raw === undefined) return [];
  const reasons = FINISH_REASONS[String(raw)] ?? NEW_WORDS;
  return calls && reasons[0] === "stop" ? ["tool-calls"] : reasons;
}

/** Thoughts stand beside the candidates, and prompts of built-in tools beside the prompt; the total adds all four. */
function usageOf(usage: RawObject): UsageFacts {
  const prompt = numberIn(usage.promptTokenCount);
  const toolPrompt = numberIn(usage.toolUsePromptTokenCount) ?? 0;
  const candidates = numberIn(usage.candidatesTokenCount);
  const thoughts = numberIn(usage.thoughtsTokenCount);
  const cached = numberIn(usage.cachedContentTokenCount);
  const total = numberIn(usage.totalTokenCount);
  const rest = total === undefined || prompt === undefined ? undefined : total - prompt - toolPrompt;
  const outputTokens = candidates === undefined ? [undefined, thoughts, rest, 0] : [candidates + (thoughts ?? 0)];
  return {
    ...(prompt === undefined ? {} : { inputTokens: [prompt + toolPrompt], outputTokens }),
    ...(cached === undefined ? {} : { cacheReadTokens: [cached] }),
    ...(thoughts === undefined ? {} : { reasoningTokens: [thoughts] }),
  };
}

function failed(answer: RawObject): AnswerFacts {
  return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(answer.error)) };
}
