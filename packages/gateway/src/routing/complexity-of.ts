/**
 * A score from 0 (simple) to 1 (hard), as a logistic sum of signs that can be told to a person. It reads the last question and the size of
 * what stands before it, no more, so that it costs microseconds; it knows words of English and the shapes of code and mathematics. Of a text
 * in another language it says nothing from words alone: the score stays near the border, where nothing is changed.
 */
import type { CompletionRequest, Message } from "@dragoman/llm";
import { SIGNS } from "./complexity-signs.ts";
import { countWords, isEnglish } from "./question-text.ts";

export interface Complexity {
  readonly score: number;
  /** The signs that were found, weightiest first, as `asks for a proof (+2.2)`. */
  readonly reasons: readonly string[];
}

/** What the signs look at. */
export interface QuestionFacts {
  readonly request: CompletionRequest;
  /** The last question, in as far as it is read. */
  readonly text: string;
  readonly words: number;
  readonly english: boolean;
  /** Characters of the whole prompt. */
  readonly length: number;
}

/** Nothing said: at the border where the default settings abstain. In log odds. */
const BIAS = -0.6;
/** Characters of the last question that are read: what it asks for stands at its beginning or at its end. */
const READ_MAX = 4_000;
/** A follow-up of so few words, as "and now?", is read together with the question before it. */
const FOLLOW_UP_WORDS = 8;
const REASONS_MAX = 6;

export function complexityOf(request: CompletionRequest): Complexity {
  const facts = factsOf(request);
  const found = SIGNS.filter(({ holds }) => holds(facts));
  const sum = found.reduce((total, { weight }) => total + weight, BIAS);
  const reasons = found
    .toSorted((left, right) => Math.abs(right.weight) - Math.abs(left.weight))
    .slice(0, REASONS_MAX)
    .map(({ name, weight }) => `${name} (${weight > 0 ? "+" : ""}${weight})`);
  return { score: 1 / (1 + Math.exp(-sum)), reasons };
}

function factsOf(request: CompletionRequest): QuestionFacts {
  const text = questionOf(request.messages);
  let length = 0;
  for (const { parts } of request.messages) for (const part of parts) if (part.type === "text") length += part.text.length;
  return { request, text, words: countWords(text), english: isEnglish(text), length };
}

function questionOf(messages: readonly Message[]): string {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const text = textOf(messages[last]);
  if (last <= 0 || countWords(text) > FOLLOW_UP_WORDS) return text;
  const before = textOf(messages.slice(0, last).findLast(({ role }) => role === "user"));
  return before === "" ? text : `${before}\n${text}`;
}

/** Its beginning and its end. */
function textOf(message: Message | undefined): string {
  const texts = message?.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])) ?? [];
  const text = texts.length === 1 ? (texts[0] ?? "") : texts.join("\n");
  return text.length <= READ_MAX ? text : `${text.slice(0, READ_MAX / 2)}\n${text.slice(-READ_MAX / 2)}`;
}
