/** Why an answer ended, there and back. Source: the enum FinishReason of the API and of @google/genai. */
import type { Finish, FinishReason } from "../../completion.ts";

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["CONTINUATION", "length"],
  ["SAFETY", "content-filter"],
  ["RECITATION", "content-filter"],
  ["BLOCKLIST", "content-filter"],
  ["PROHIBITED_CONTENT", "content-filter"],
  ["SPII", "content-filter"],
  ["IMAGE_SAFETY", "content-filter"],
  ["IMAGE_PROHIBITED_CONTENT", "content-filter"],
  ["IMAGE_RECITATION", "content-filter"],
  ["MALFORMED_FUNCTION_CALL", "error"],
  ["MALFORMED_RESPONSE", "error"],
  ["UNEXPECTED_TOOL_CALL", "error"],
  ["TOO_MANY_TOOL_CALLS", "error"],
]);

/**
 * With `$alt=json;enum-encoding=int` the API sends numbers. Only those below 6 mean the same in the Gemini API and in
 * Vertex AI; a larger one stays a number.
 */
const NUMBERS: readonly string[] = ["FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER"];

/** The wire's word for a finish reason, or undefined where the candidate has none yet. */
export function finishWord(value: unknown): string | undefined {
  const word = typeof value === "number" ? (NUMBERS[value] ?? String(value)) : value;
  return typeof word === "string" && word !== "" && word !== "FINISH_REASON_UNSPECIFIED" ? word : undefined;
}

/** `STOP` is also what ends an answer with function calls; they decide. */
export function finishOf(word: string | undefined, message: unknown, hasToolCalls: boolean): Finish {
  if (word === undefined) return { reason: "other" };
  const reason = REASONS.get(word) ?? "other";
  return {
    reason: reason === "stop" && hasToolCalls ? "tool-calls" : reason,
    raw: word,
    ...(typeof message === "string" && message !== "" ? { detail: message } : {}),
  };
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "content-filter": "SAFETY",
  pause: "OTHER",
  error: "MALFORMED_RESPONSE",
  other: "OTHER",
};

/** The vendor's own word where it is one of Gemini's for this reason, else the nearest. */
export function finishReasonOf(finish: Finish): string {
  const raw = finish.raw;
  if (raw === undefined) return WORDS[finish.reason];
  const reason = REASONS.get(raw);
  if (reason === undefined) return finish.reason === "other" && /^[A-Z][A-Z_]+$/.test(raw) ? raw : WORDS[finish.reason];
  return reason === finish.reason || (reason === "stop" && finish.reason === "tool-calls") ? raw : WORDS[finish.reason];
}
