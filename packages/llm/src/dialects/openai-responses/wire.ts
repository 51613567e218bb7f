/**
 * What we write on this wire, as types. They are narrower than the protocol; a test holds them against the types of the
 * `openai` package. Fields that we only pass on are not listed.
 */
import type { JsonArray, JsonObject } from "../../json.ts";

export type WireInputText = { readonly type: "input_text"; readonly text: string };
export type WireInputImage = {
  readonly type: "input_image";
  readonly detail?: "auto" | "low" | "high";
  readonly image_url?: string;
  readonly file_id?: string;
};
export type WireInputFile = {
  readonly type: "input_file";
  readonly file_data?: string;
  readonly file_url?: string;
  readonly file_id?: string;
  readonly filename?: string;
};
export type WireInputContent = WireInputText | WireInputImage | WireInputFile;

export type WireInputMessage = {
  readonly role: "user" | "system" | "developer";
  readonly content: string | readonly WireInputContent[];
};

export type WireFunctionCallOutput = {
  readonly type: "function_call_output";
  readonly call_id: string;
  readonly output: string | readonly WireInputContent[];
};

export type WireFunctionCall = {
  readonly type: "function_call";
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
};

export type WireFunctionTool = {
  readonly type: "function";
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonObject;
  readonly strict?: boolean;
};

export type WireToolChoice = "auto" | "required" | "none" | { readonly type: "function"; readonly name: string };

export type WireFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly schema: JsonObject;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** The settings of a request; `input` and `tools` may hold items and tools that are only passed on. */
export type WireSettings = {
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly parallel_tool_calls?: boolean;
  readonly tool_choice?: WireToolChoice;
  readonly text?: { readonly format: WireFormat };
  readonly reasoning?: {
    readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
    readonly summary?: "auto" | "concise" | "detailed" | null;
  };
  readonly metadata?: { readonly [key: string]: string };
  readonly user?: string;
  readonly safety_identifier?: string;
  readonly prompt_cache_key?: string;
  readonly prompt_cache_retention?: "24h";
};

/** Status of an answer as we tell it. */
export type WireStatus = "completed" | "incomplete" | "in_progress" | "failed" | "queued" | "cancelled";

export type WireIncompleteReason = "max_output_tokens" | "content_filter";

/** The events that we write, with the fields beside `type` and `sequence_number`. */
export type WireStreamEvents = {
  readonly "response.created": { readonly response: JsonObject };
  readonly "response.in_progress": { readonly response: JsonObject };
  readonly "response.completed": { readonly response: JsonObject };
  readonly "response.incomplete": { readonly response: JsonObject };
  readonly "response.failed": { readonly response: JsonObject };
  readonly "response.output_item.added": { readonly output_index: number; readonly item: JsonObject };
  readonly "response.output_item.done": { readonly output_index: number; readonly item: JsonObject };
  readonly "response.content_part.added": WireContentPlace & { readonly part: JsonObject };
  readonly "response.content_part.done": WireContentPlace & { readonly part: JsonObject };
  readonly "response.output_text.delta": WireContentPlace & { readonly delta: string; readonly logprobs: readonly [] };
  readonly "response.output_text.done": WireContentPlace & { readonly text: string; readonly logprobs: JsonArray };
  readonly "response.output_text.annotation.added": WireContentPlace & {
    readonly annotation_index: number;
    readonly annotation: JsonObject;
  };
  readonly "response.refusal.delta": WireContentPlace & { readonly delta: string };
  readonly "response.refusal.done": WireContentPlace & { readonly refusal: string };
  readonly "response.reasoning_summary_part.added": WireSummaryPlace & { readonly part: WireSummary };
  readonly "response.reasoning_summary_part.done": WireSummaryPlace & { readonly part: WireSummary };
  readonly "response.reasoning_summary_text.delta": WireSummaryPlace & { readonly delta: string };
  readonly "response.reasoning_summary_text.done": WireSummaryPlace & { readonly text: string };
  readonly "response.reasoning_text.delta": WireContentPlace & { readonly delta: string };
  readonly "response.reasoning_text.done": WireContentPlace & { readonly text: string };
  readonly "response.function_call_arguments.delta": WireItemPlace & { readonly delta: string };
  readonly "response.function_call_arguments.done": WireItemPlace & { readonly arguments: string };
  readonly error: {
    readonly code: string | null;
    readonly message: string;
    readonly param: string | null;
    readonly error: JsonObject;
  };
};

export type WireItemPlace = { readonly item_id: string; readonly output_index: number };
export type WireContentPlace = WireItemPlace & { readonly content_index: number };
export type WireSummaryPlace = WireItemPlace & { readonly summary_index: number };
export type WireSummary = { readonly type: "summary_text"; readonly text: string };
