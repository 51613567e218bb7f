/** The contract between whoever calls models and whoever serves them. */
import type { Batches } from "./batch.ts";
import type { Capabilities } from "./capabilities.ts";
import type { Completion } from "./completion.ts";
import type { EmbeddingCall, EmbeddingResult } from "./embedding.ts";
import type { FineTuning } from "./fine-tune.ts";
import type { Pricing } from "./pricing.ts";
import type { CompletionCall, CompletionRequest } from "./request.ts";
import type { RerankCall, RerankResult } from "./rerank.ts";
import type { StreamEvent } from "./stream.ts";
import type { TokenCount } from "./tokens.ts";
import type { VendorFiles } from "./vendor-file.ts";

/** One model on offer. */
export interface ModelInfo {
  /** The model's id at its provider. */
  readonly id: string;
  readonly provider: string;
  readonly displayName?: string;
  readonly capabilities: Capabilities;
  readonly pricing?: Pricing;
  /** Seconds since 1970. */
  readonly createdAt?: number;
  /** Where the row comes from: the vendor's listing or the bundled catalogue. */
  readonly source: "vendor" | "catalogue";
}

/** Whether a provider can be used now, and if not, why and what to do. */
export type Availability =
  | { readonly available: true; readonly detail?: string }
  | {
      readonly available: false;
      readonly reason: "no-key" | "not-reachable" | "refused" | "not-configured";
      readonly detail: string;
      readonly nextStep: string;
    };

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * One vendor, ready to be asked. `Model` is for editors only: the names that it offers, as in `Provider<AnthropicModel>`.
 * Every type of names takes any other string as well, and any provider stands wherever a `Provider` is asked for.
 */
export interface Provider<Model extends string = string> {
  /** The name before the colon in `provider:model`. */
  readonly id: string;
  /** Short names that stand for models here, as in `{ "claude-sonnet": "claude-sonnet-5" }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether a bare model id belongs to this provider. Must not do I/O. */
  supports(model: Model): boolean;
  /** Names that can be told without asking the vendor, aliases included: for suggestions. */
  knownModels?(): readonly string[];
  /** The models on offer: the vendor's own list where it has one, else the catalogue. */
  models(options?: CallOptions): Promise<readonly ModelInfo[]>;
  /** What is known of a model; `unknown` for what is not. Must not do I/O. */
  capabilities(model: Model): Capabilities;
  /** Undefined is "unknown", never free. */
  pricing(model: Model): Pricing | undefined;
  /** The size of a prompt, by the vendor's count where it has one. Throws a DragomanError. */
  countTokens(call: CompletionCall<Model>): Promise<TokenCount>;
  /** The whole answer. Throws a DragomanError. */
  complete(call: CompletionCall<Model>): Promise<Completion>;
  /** The answer as it comes. Never throws: a failure is the terminal `error` event, with what had arrived. */
  stream(call: CompletionCall<Model>): AsyncIterable<StreamEvent>;
  /** Whether it can be used now. May ask the vendor something that costs nothing. */
  availability(options?: CallOptions): Promise<Availability>;

  // Present only where the vendor has it

  /** Texts and images as vectors. Throws a DragomanError. */
  embed?(call: EmbeddingCall): Promise<EmbeddingResult>;
  /** Documents in the order in which they answer a question. Throws a DragomanError. */
  rerank?(call: RerankCall): Promise<RerankResult>;
  readonly batches?: Batches;
  readonly fineTuning?: FineTuning;
  readonly files?: VendorFiles;

  /** Closes what the provider holds open. Idempotent. */
  close?(): Promise<void>;
}

export type { CompletionCall, CompletionRequest };
