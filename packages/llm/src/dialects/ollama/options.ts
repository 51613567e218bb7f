/**
 * What Ollama's wire takes beyond a canonical request. Types only. Source of every field: ollama/ollama, api/types.go and
 * docs/api.md.
 */
import type { JsonObject } from "../../json.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly ollama?: OllamaWireOptions;
    /** Of `/api/generate` only; it reads the entry `ollama` as well. */
    readonly "ollama-generate"?: OllamaGenerateOptions;
  }
}

/** Fields of `POST /api/chat`, laid over the body; `options` are joined with the canonical settings. */
export interface OllamaWireOptions extends JsonObject {
  /** How long the model stays loaded, as in `10m` or seconds; 0 unloads it, a negative number keeps it. */
  readonly keep_alive?: string | number;
  /** Tells how probable each token was; it comes back under `completion.vendor`. */
  readonly logprobs?: boolean;
  /** The engine and its sampling. */
  readonly options?: OllamaEngineOptions;
  /** Whether the engine may drop the oldest tokens while it answers, where the window is full. */
  readonly shift?: boolean;
  /** How many likely tokens to tell at each place. Needs `logprobs`. */
  readonly top_logprobs?: number;
  /** Whether a prompt that does not fit is cut. The provider says no, so that nothing is lost silently. */
  readonly truncate?: boolean;
}

/** Fields of `POST /api/generate` that `/api/chat` has not. */
export interface OllamaGenerateOptions extends OllamaWireOptions {
  /** Sends the prompt without the model's template. */
  readonly raw?: boolean;
  /** What comes after the text that is to be filled in. */
  readonly suffix?: string;
  /** A template instead of the model's. */
  readonly template?: string;
}

/** Settings of the engine and its sampling that have no canonical form. */
export interface OllamaEngineOptions extends JsonObject {
  /** Number of the GPU that holds the small tensors. */
  readonly main_gpu?: number;
  /** Tokens less probable than this share of the likeliest are not sampled. */
  readonly min_p?: number;
  /** Tokens of the prompt that are read at once. */
  readonly num_batch?: number;
  /** Context window. Tokens. A change loads the model anew. */
  readonly num_ctx?: number;
  /** Layers that go onto the GPU. */
  readonly num_gpu?: number;
  /** Tokens at the prompt's beginning that are kept where the window is full. */
  readonly num_keep?: number;
  /** Threads of the processor. */
  readonly num_thread?: number;
  /** How many tokens back a repetition counts; 0 for none, -1 for the whole window. */
  readonly repeat_last_n?: number;
  /** Above 1 repetitions become less likely. */
  readonly repeat_penalty?: number;
  /** Keeps tokens that are about as surprising as expected; 1 turns it off. */
  readonly typical_p?: number;
  /** Maps the model's file into memory instead of reading it. */
  readonly use_mmap?: boolean;
}
