/** Finish reasons: the words of many servers to the canonical ones, and these back to OpenAI's. */
import type { Finish, FinishReason } from "../../completion.ts";
import type { ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { ResolvedQuirks } from "./quirks.ts";

/** OpenAI's words, and OpenRouter's `error`, for which OpenAI has none. */
export type FinishWord = "stop" | "length" | "tool_calls" | "content_filter" | "function_call" | "error";

/** Who says what: TGI `eos_token`, Together `eos`, LM Studio `end`, z.ai `sensitive`, DeepSeek `insufficient_system_resource`. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", "stop"],
  ["end", "stop"],
  ["eos", "stop"],
  ["eos_token", "stop"],
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["complete", "stop"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_length", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_calls", "tool-calls"],
  ["tool_use", "tool-calls"],
  ["function_call", "tool-calls"],
  ["content_filter", "content-filter"],
  ["refusal", "content-filter"],
  ["safety", "content-filter"],
  ["sensitive", "content-filter"],
  ["error", "error"],
  ["network_error", "error"],
  ["insufficient_system_resource", "error"],
]);

export interface FinishFacts {
  /** The wire's word; empty is as good as absent (Snowflake sends an empty one). */
  readonly word: string | undefined;
  readonly hasToolCalls: boolean;
  readonly hasRefusal: boolean;
  /** Without a word: whether this vendor is known to leave it out. */
  readonly optional: boolean;
  /** The choice, for the stop sequence that was met and a vendor's explanation. */
  readonly choice: JsonObject;
}

/**
 * `stop` with tool calls is what several servers say for `tool_calls`; a refusal ends with `stop` at OpenAI. OpenRouter tells
 * the model's own word as `native_finish_reason`, and so do we to clients.
 */
export function parseFinish(facts: FinishFacts): Finish {
  const word = facts.word === undefined || facts.word === "" ? undefined : facts.word;
  const said = word === undefined ? undefined : (REASONS.get(word) ?? "other");
  const native = facts.choice.native_finish_reason;
  const raw = typeof native === "string" && native !== "" ? native : word;
  return {
    reason: adjust(said, facts),
    ...(raw === undefined ? {} : { raw }),
    ...stopSequenceOf(facts.choice),
    ...errorDetailOf(facts.choice),
  };
}

function adjust(said: FinishReason | undefined, facts: FinishFacts): FinishReason {
  const mayBeCalls = said === undefined || said === "stop";
  if (mayBeCalls && facts.hasToolCalls) return "tool-calls";
  if (mayBeCalls && facts.hasRefusal) return "content-filter";
  return said ?? (facts.optional ? "stop" : "other");
}

/** The error that a finish word stands for at this vendor. */
export function finishError(word: unknown, quirks: ResolvedQuirks, context: ParseContext): DragomanError | undefined {
  const code = typeof word === "string" && Object.hasOwn(quirks.finishErrors, word) ? quirks.finishErrors[word] : undefined;
  if (code === undefined) return undefined;
  const { provider, model } = context;
  return new DragomanError({ code, detail: `the answer ended with ${String(word)}`, provider, model, vendorCode: String(word) });
}

/** vLLM and SGLang name the stop sequence that was met; a number is a token's id and says nothing to a caller. */
function stopSequenceOf(choice: JsonObject): { stopSequence?: string } {
  const met = choice.stop_reason ?? choice.matched_stop;
  return typeof met === "string" && met !== "" ? { stopSequence: met } : {};
}

/** OpenRouter puts an upstream's failure into the choice. */
function errorDetailOf(choice: JsonObject): { detail?: string } {
  const message = isJsonObject(choice.error) ? choice.error.message : undefined;
  return typeof message === "string" ? { detail: message } : {};
}

export interface RenderedFinish {
  readonly word: FinishWord;
  /** What the word does not say. */
  readonly loss?: string;
}

/** `legacy`: the client spoke of functions, not tools. */
export function renderFinish(finish: Finish, hasRefusal: boolean, legacy: boolean): RenderedFinish {
  switch (finish.reason) {
    case "stop":
      return { word: "stop" };
    case "length":
      return { word: "length" };
    case "tool-calls":
      return { word: legacy ? "function_call" : "tool_calls" };
    case "content-filter":
      return { word: hasRefusal && finish.raw === "stop" ? "stop" : "content_filter" };
    case "error":
      return { word: "error" };
    case "pause":
      return { word: "length", loss: "the vendor suspended the turn; the wire can only say that the answer is incomplete" };
    case "other":
      return { word: "stop", loss: `the vendor ended with ${finish.raw ?? "no reason"}; the wire has no such word` };
  }
}
