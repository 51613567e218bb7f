/** Why an answer ended, between Cohere's words and ours. */
import type { Finish, FinishReason } from "../../completion.ts";
import type { JsonValue } from "../../json.ts";

/** Source: `ChatFinishReason` of cohere-ai. */
const REASON_BY_WORD: ReadonlyMap<string, FinishReason> = new Map([
  ["COMPLETE", "stop"],
  ["STOP_SEQUENCE", "stop"],
  ["MAX_TOKENS", "length"],
  ["TOOL_CALL", "tool-calls"],
  ["ERROR", "error"],
  ["TIMEOUT", "error"],
]);

export function parseFinish(word: JsonValue | undefined): Finish {
  if (typeof word !== "string") return { reason: "other" };
  return { reason: REASON_BY_WORD.get(word) ?? "other", raw: word };
}

interface RenderedFinish {
  readonly word: string;
  /** What the word does not say. */
  readonly loss?: string;
}

const WORD_BY_REASON: Readonly<Record<FinishReason, RenderedFinish>> = {
  stop: { word: "COMPLETE" },
  length: { word: "MAX_TOKENS" },
  "tool-calls": { word: "TOOL_CALL" },
  error: { word: "ERROR" },
  "content-filter": { word: "ERROR", loss: "the wire has no word for an answer that a policy cut off; it went as an error" },
  pause: { word: "MAX_TOKENS", loss: "the vendor suspended the turn; the wire can only say that the answer is incomplete" },
  other: { word: "COMPLETE", loss: "the vendor gave a reason for which the wire has no word" },
};

/** Cohere's own word where the answer came with one, else the word for the reason. */
export function renderFinish(finish: Finish): RenderedFinish {
  const { raw, reason, stopSequence, detail } = finish;
  if (raw !== undefined && REASON_BY_WORD.get(raw) === reason) return { word: raw };
  if (stopSequence !== undefined && reason === "stop") {
    return { word: "STOP_SEQUENCE", loss: `the wire does not say which stop sequence was met: ${JSON.stringify(stopSequence)}` };
  }
  const rendered = WORD_BY_REASON[reason];
  if (rendered.loss !== undefined || detail === undefined) return rendered;
  return { ...rendered, loss: `the wire has no place for the vendor's explanation: ${detail}` };
}
