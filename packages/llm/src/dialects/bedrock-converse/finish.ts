/** Why an answer ended, between Bedrock's words and ours. Source: `StopReason` of @aws-sdk/client-bedrock-runtime. */
import type { Finish, FinishReason } from "../../completion.ts";
import { isJsonObject, type JsonValue } from "../../json.ts";

const REASON_BY_WORD: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["tool_use", "tool-calls"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["content_filtered", "content-filter"],
  ["guardrail_intervened", "content-filter"],
  ["refusal", "content-filter"],
  ["malformed_model_output", "error"],
  ["malformed_tool_use", "error"],
]);

/** `fields` is `additionalModelResponseFields`, which holds the stop sequence where the caller asked for it. */
export function parseFinish(word: JsonValue | undefined, fields: JsonValue | undefined): Finish {
  if (typeof word !== "string") return { reason: "other" };
  const stopSequence = word === "stop_sequence" ? stopSequenceIn(fields) : undefined;
  return {
    reason: REASON_BY_WORD.get(word) ?? "other",
    raw: word,
    ...(stopSequence === undefined ? {} : { stopSequence }),
  };
}

/** Claude's field, at the root or, in a stream, under `delta`. */
function stopSequenceIn(fields: JsonValue | undefined): string | undefined {
  if (!isJsonObject(fields)) return undefined;
  const holder = isJsonObject(fields.delta) ? fields.delta : fields;
  return typeof holder.stop_sequence === "string" ? holder.stop_sequence : undefined;
}

interface RenderedFinish {
  readonly word: string;
  /** What the word does not say. */
  readonly loss?: string;
}

const WORD_BY_REASON: Readonly<Record<FinishReason, RenderedFinish>> = {
  stop: { word: "end_turn" },
  length: { word: "max_tokens" },
  "tool-calls": { word: "tool_use" },
  "content-filter": { word: "content_filtered" },
  error: { word: "malformed_model_output" },
  pause: { word: "end_turn", loss: "the vendor suspended the turn; the wire has no word for it, end_turn stands in" },
  other: { word: "end_turn", loss: "the vendor gave a reason for which the wire has no word; end_turn stands in" },
};

/** Bedrock's own word where the answer came with one, else the word for the reason. */
export function renderFinish({ raw, reason, stopSequence, detail }: Finish): RenderedFinish {
  if (raw !== undefined && REASON_BY_WORD.get(raw) === reason) return { word: raw };
  if (stopSequence !== undefined && reason === "stop") return { word: "stop_sequence" };
  const rendered = WORD_BY_REASON[reason];
  if (rendered.loss !== undefined || detail === undefined) return rendered;
  return { ...rendered, loss: `the wire has no place for the vendor's explanation: ${detail}` };
}

/** Where a client that asked for the stop sequence finds it. */
export function renderStopSequence({ stopSequence }: Finish): {
  readonly additionalModelResponseFields?: { stop_sequence: string };
} {
  return stopSequence === undefined ? {} : { additionalModelResponseFields: { stop_sequence: stopSequence } };
}
