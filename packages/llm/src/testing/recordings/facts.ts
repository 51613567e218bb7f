/**
 * What a person reading the raw traffic would say of it. Made twice, by two ways that share no code: from the raw bytes by
 * `readers/`, and from the canonical values by the comparison; every difference is a finding.
 */
import type { FinishReason } from "../../completion.ts";
import type { ErrorCode } from "../../errors.ts";
import type { StreamUnit } from "./raw-stream.ts";

export interface AnswerFacts {
  /** `error`: an error inside a 200. */
  readonly outcome: "success" | "error";
  /** Codes of which any is right. Only for an error, and only where the answer tells. */
  readonly errorCodes?: readonly ErrorCode[] | undefined;
  readonly text: string;
  readonly refusal: string;
  /** Undefined where the wire shows it in a way that may be read differently: then only presence counts. */
  readonly reasoningText: string | undefined;
  readonly hasReasoning: boolean;
  readonly toolCalls: readonly ToolCallFact[];
  /** What only the vendor can read and wants back as it was: signatures, encrypted reasoning. Each must be kept somewhere. */
  readonly signatures: readonly string[];
  /** Pieces of audio or pictures with content in the answer. */
  readonly media: number;
  /** Finish reasons of which any is right; empty where anything goes. */
  readonly finish: readonly FinishReason[];
  readonly usage: UsageFacts;
  /** More than one alternative was answered: the canonical form has room for one, so a warning is due. */
  readonly alternatives: number;
}

export interface ToolCallFact {
  readonly id: string | undefined;
  readonly name: string;
  /** The arguments as JSON, where they are JSON. */
  readonly arguments: unknown;
  /** The arguments as they came, where they are not JSON. */
  readonly invalidText?: string;
  /** A kind of call that may as well be kept as a vendor's own block. */
  readonly optional?: boolean;
}

/** Each figure: the values of which any is right. Undefined: nothing is known, anything goes. */
export interface UsageFacts {
  readonly inputTokens?: readonly (number | undefined)[] | undefined;
  readonly cacheReadTokens?: readonly (number | undefined)[] | undefined;
  readonly cacheWriteTokens?: readonly (number | undefined)[] | undefined;
  readonly outputTokens?: readonly (number | undefined)[] | undefined;
  readonly reasoningTokens?: readonly (number | undefined)[] | undefined;
}

export interface StreamFacts extends AnswerFacts {
  /** Index of the first unit that says that generation is over (a finish reason); undefined when none does. */
  readonly finishUnit: number | undefined;
  /** Index of the wire's own last word (`[DONE]`, `message_stop`, `done: true`); undefined when it never came. */
  readonly lastWordUnit: number | undefined;
}

/** The independent reader of one wire. It must not import any dialect, and must not throw. */
export interface AnswerReader {
  readAnswer(body: unknown): AnswerFacts;
  readStream(units: readonly StreamUnit[]): StreamFacts;
}

export const NO_ANSWER: AnswerFacts = Object.freeze({
  outcome: "success",
  text: "",
  refusal: "",
  reasoningText: "",
  hasReasoning: false,
  toolCalls: [],
  signatures: [],
  media: 0,
  finish: [],
  usage: {},
  alternatives: 1,
});

/** A tool call from the JSON text of its arguments, as most wires send it. */
export function toolCallFact(id: string | undefined, name: string, text: string): ToolCallFact {
  if (text.trim() === "") return { id, name, arguments: {} };
  try {
    return { id, name, arguments: JSON.parse(text) };
  } catch {
    return { id, name, arguments: undefined, invalidText: text };
  }
}
