/**
 * What OpenAI's responses wire takes beyond a canonical request. Types only. Source of every field: `ResponseCreateParams`
 * of the `openai` package.
 */
import type { JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly "openai-responses"?: OpenAIResponsesOptions;
  }
}

/** Fields of `POST /responses`, laid over the body. */
export interface OpenAIResponsesOptions extends JsonObject {
  /** Lets the model work on after the reply; the provider asks until the answer is there. */
  readonly background?: boolean;
  /** What OpenAI may drop or compact in a long history. */
  readonly context_management?: readonly JsonObject[];
  /** A conversation that OpenAI keeps: its id. The messages come after what it holds. */
  readonly conversation?: string | JsonObject;
  /** What else to tell. Encrypted reasoning is asked for unasked. */
  readonly include?: readonly Suggested<
    | "code_interpreter_call.outputs"
    | "computer_call_output.output.image_url"
    | "file_search_call.results"
    | "message.input_image.image_url"
    | "message.output_text.logprobs"
    | "reasoning.encrypted_content"
    | "web_search_call.action.sources"
  >[];
  /** At most so many calls of the vendor's own tools in one answer. */
  readonly max_tool_calls?: number;
  /** Checks input and answer against the content policy. */
  readonly moderation?: JsonObject;
  /** Goes on from an answer that OpenAI keeps. Not together with `conversation`. */
  readonly previous_response_id?: string;
  /** A prompt template that is kept at OpenAI, with its variables. */
  readonly prompt?: OpenAIPromptReference;
  /** Breakpoints and lifetime of the prompt cache. `request.cache` sets its key. */
  readonly prompt_cache_options?: JsonObject;
  /** A stable, hashed id of the end user. At most 128 characters. */
  readonly safety_identifier?: string;
  /** `flex` is cheaper and slower, `priority` dearer and faster. Default `auto`: the project's setting. */
  readonly service_tier?: Suggested<"auto" | "default" | "flex" | "scale" | "priority" | "fast" | "ultrafast">;
  /** Whether OpenAI keeps the answer. */
  readonly store?: boolean;
  /** Joined with the output format that was rendered; `verbosity` is how much the model says. */
  readonly text?: OpenAIResponsesText;
  /** How many likely tokens to tell at each place, at most 20. */
  readonly top_logprobs?: number;
  /** `auto` drops the oldest messages where the window is too small. Default `disabled`: an error. */
  readonly truncation?: Suggested<"auto" | "disabled">;
}

/** A template at OpenAI. */
export interface OpenAIPromptReference extends JsonObject {
  /** As in `pmpt_123`. */
  readonly id?: string;
  /** Default: the one that is marked as current. */
  readonly version?: string;
  /** What the template leaves open, by name. */
  readonly variables?: JsonObject;
}

/** Settings of the text beside its format. */
export interface OpenAIResponsesText extends JsonObject {
  /** How much the model says. Default `medium`. */
  readonly verbosity?: Suggested<"low" | "medium" | "high">;
}
