/**
 * What we write on this wire. Sources: ollama/ollama, api/types.go and docs/api.md; the types of the npm package `ollama`.
 * What comes in is read leniently, field by field, and has no type of its own.
 */
import type { JsonObject, JsonValue } from "../../json.ts";

/** `/api/chat` answers with a message, `/api/generate` with the same fields at the top. */
export type AnswerForm = "chat" | "generate";

export type WireToolCall = {
  readonly id?: string;
  readonly function: { readonly index?: number; readonly name: string; readonly arguments: JsonObject };
};

export type WireMessage = {
  readonly role: string;
  readonly content: string;
  readonly thinking?: string;
  /** Base64 without a `data:` prefix. */
  readonly images?: readonly string[];
  readonly tool_calls?: readonly WireToolCall[];
  readonly tool_name?: string;
  readonly tool_call_id?: string;
};

export type WireTool = {
  readonly type: "function";
  readonly function: { readonly name: string; readonly description?: string; readonly parameters: JsonObject };
};

export type WireThink = boolean | "low" | "medium" | "high" | "max";

/** Settings that stand under `options`. Others of the engine may stand beside them. */
export type WireOptions = {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly num_predict?: number;
  readonly presence_penalty?: number;
  readonly frequency_penalty?: number;
};

export type WireSettings = {
  readonly format?: "json" | JsonObject;
  readonly think?: WireThink;
  readonly options?: WireOptions;
};

export type WireChatRequest = WireSettings & {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly JsonValue[];
  readonly stream: boolean;
};

export type WireGenerateRequest = WireSettings & {
  readonly model: string;
  readonly prompt: string;
  readonly system?: string;
  readonly images?: readonly string[];
  readonly stream: boolean;
};

/** Counts, and durations in nanoseconds. Each is absent where it is not known. */
export type WireMetrics = {
  readonly total_duration?: number;
  readonly load_duration?: number;
  readonly prompt_eval_count?: number;
  readonly prompt_eval_duration?: number;
  readonly eval_count?: number;
  readonly eval_duration?: number;
};
