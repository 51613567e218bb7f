/**
 * What OpenAI's chat wire takes beyond a canonical request. Types only. Source of every field: `ChatCompletionCreateParams`
 * of the `openai` package. Vendors that speak this wire have fields of their own, which go in beside these.
 */
import type { JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly "openai-chat"?: OpenAIChatOptions;
  }
}

/** Fields of `POST /chat/completions`, laid over the body. */
export interface OpenAIChatOptions extends JsonObject {
  /** Voice and format of a spoken answer; needs `modalities` with `audio`. */
  readonly audio?: OpenAIChatAudio;
  /** Token id -> bias between -100 and 100. */
  readonly logit_bias?: { readonly [token: string]: number };
  /** Tells how probable each token was; it comes back under `completion.vendor`. */
  readonly logprobs?: boolean;
  /** Default `["text"]`. */
  readonly modalities?: readonly Suggested<"text" | "audio">[];
  /** Checks prompt and answer against the content policy. */
  readonly moderation?: JsonObject;
  /** How many answers. The first is the completion, the others come back under its `vendor`; all are paid. Default 1. */
  readonly n?: number;
  /** Text that much of the answer will repeat, so that it comes faster. */
  readonly prediction?: JsonObject;
  /** Breakpoints and lifetime of the prompt cache. `request.cache` sets its key. */
  readonly prompt_cache_options?: JsonObject;
  /** A stable, hashed id of the end user. At most 128 characters. */
  readonly safety_identifier?: string;
  /** `flex` is cheaper and slower, `priority` dearer and faster. Default `auto`: the project's setting. */
  readonly service_tier?: Suggested<"auto" | "default" | "flex" | "scale" | "priority" | "fast">;
  /** Keeps the answer at OpenAI for distillation and evaluation; `metadata.tags` then go along. */
  readonly store?: boolean;
  /** Joined with what the dialect sends, so that usage is still told. */
  readonly stream_options?: JsonObject;
  /** How many likely tokens to tell at each place, at most 20. Needs `logprobs`. */
  readonly top_logprobs?: number;
  /** How much the model says. Default `medium`. */
  readonly verbosity?: Suggested<"low" | "medium" | "high">;
  /** Lets a search model read the web, as in `{ search_context_size: "low" }`. */
  readonly web_search_options?: JsonObject;
}

/** How an answer is spoken. */
export interface OpenAIChatAudio extends JsonObject {
  /** Of the sound. A stream is `pcm16` only. */
  readonly format?: Suggested<"wav" | "mp3" | "flac" | "opus" | "pcm16" | "aac">;
  /** A built-in voice, or `{ id }` of one's own. */
  readonly voice?:
    | Suggested<"alloy" | "ash" | "ballad" | "cedar" | "coral" | "echo" | "marin" | "sage" | "shimmer" | "verse">
    | JsonObject;
}
