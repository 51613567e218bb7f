/** What a fake vendor server is to whoever starts one. */
import type { ScriptedFault } from "./scripted-fault.ts";

export const FAKE_VENDOR_NAMES = [
  "openai",
  "anthropic",
  "gemini",
  "ollama",
  "lmstudio",
  "llamacpp",
  "huggingface",
  "moonshot",
  "openai-compatible",
  "cohere",
  "mistral",
  "bedrock",
  "azure",
  "vertex",
  "together",
  "groq",
  "vllm",
  "deepseek",
  "xai",
  "openrouter",
  "fireworks",
  "cerebras",
  "perplexity",
  "zai",
  "dashscope",
] as const;

/** A vendor that can be imitated. */
export type FakeVendorName = (typeof FAKE_VENDOR_NAMES)[number];

/** How the imitation behaves. */
export interface FakeVendorOptions {
  /** Ids, signatures and encrypted reasoning follow from it; another seed does not accept them. Default `seed`. */
  readonly seed?: string;
  /** Pause before each event of a stream. Milliseconds. Default 0. */
  readonly chunkDelayMs?: number;
  /** How long `fault-slow-first-token` holds the first token back. Milliseconds. Default 300. */
  readonly slowMs?: number;
  /** False turns the prompt cache off, so that equal requests get equal usage. Default true. */
  readonly promptCache?: boolean;
  /** Models that are served besides the fake's own; they have every ability. */
  readonly models?: readonly string[];
  /** What a request for an answer of this model meets. Asked once for each; undefined: what the model's name asks for. */
  readonly script?: (model: string) => ScriptedFault | undefined;
}

/** One request as it came over the network. */
export interface RecordedRequest {
  readonly method: string;
  /** Query included. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, parsed; the text itself where it is not JSON; undefined where there is none. */
  readonly body: unknown;
  /** True once the client has closed the connection before the answer was complete. */
  readonly aborted: boolean;
}

/** A running imitation of a vendor, on loopback. */
export interface FakeVendor {
  readonly vendor: FakeVendorName;
  /** As in `http://127.0.0.1:4321`. */
  readonly url: string;
  /**
   * The base URL of our providers: `url` with the vendor's version prefix, as in `http://127.0.0.1:4321/v1`; for Ollama
   * `url` itself. The SDKs of Anthropic, Google and Ollama add the prefix themselves and take `url`.
   */
  readonly baseUrl: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Resolves when a client has given up one request; at once when one already has. Rejects when the server closes first. */
  waitForAbort(): Promise<void>;
  /** Closes all connections, open answers included. Idempotent. */
  close(): Promise<void>;
}
