/** Why an answer ended, between Anthropic's words and ours. */
import type { Finish, FinishReason } from "../../completion.ts";
import { isJsonObject, type JsonValue } from "../../json.ts";

const REASON_BY_WORD: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["tool_use", "tool-calls"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content-filter"],
  ["pause_turn", "pause"],
]);

const WORD_BY_REASON: Readonly<Record<FinishReason, string | undefined>> = {
  stop: "end_turn",
  "tool-calls": "tool_use",
  length: "max_tokens",
  "content-filter": "refusal",
  pause: "pause_turn",
  error: undefined,
  other: undefined,
};

export function parseFinish(
  word: JsonValue | undefined,
  stopSequence: JsonValue | undefined,
  stopDetails: JsonValue | undefined,
): Finish {
  const raw = typeof word === "string" ? word : undefined;
  const detail = explanationOf(stopDetails);
  return {
    reason: (raw === undefined ? undefined : REASON_BY_WORD.get(raw)) ?? "other",
    ...(raw === undefined ? {} : { raw }),
    ...(typeof stopSequence === "string" ? { stopSequence } : {}),
    ...(detail === undefined ? {} : { detail }),
  };
}

function explanationOf(stopDetails: JsonValue | undefined): string | undefined {
  if (!isJsonObject(stopDetails)) return undefined;
  const { explanation, category } = stopDetails;
  if (typeof explanation === "string" && explanation !== "") return explanation;
  return typeof category === "string" ? category : undefined;
}

export interface RenderedFinish {
  readonly word: string;
  /** False where Anthropic has no word for it and `end_turn` stands in. */
  readonly exact: boolean;
}

/** Anthropic's own word where the answer came with one, else the word for the reason. */
export function renderFinish(finish: Finish): RenderedFinish {
  const { raw, reason } = finish;
  if (raw !== undefined && (REASON_BY_WORD.get(raw) === reason || raw === "compaction")) return { word: raw, exact: true };
  if (finish.stopSequence !== undefined && reason === "stop") return { word: "stop_sequence", exact: true };
  const word = WORD_BY_REASON[reason];
  return { word: word ?? "end_turn", exact: word !== undefined };
}
