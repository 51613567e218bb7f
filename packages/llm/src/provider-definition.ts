/** What a provider is made of: a vendor's facts, the hooks for its own behaviour, and what a caller may want otherwise. */
import type { PollingOptions } from "./await-answer.ts";
import type { Batches } from "./batch.ts";
import type { Capabilities, CapabilityFacts } from "./capabilities.ts";
import type { Catalogue, FamilyRule } from "./catalogue.ts";
import type { Completion } from "./completion.ts";
import type { Dialect, ErrorResponse, LazyDialect, RenderedRequest } from "./dialect.ts";
import type { EmbeddingCodec } from "./embedding.ts";
import type { FineTuning } from "./fine-tune.ts";
import type { InlineMedia } from "./inline-media.ts";
import type { OwnPricing, PriceRates } from "./pricing.ts";
import type { CompletionRequest, Timeouts } from "./request.ts";
import type { RequestSigner } from "./request-signer.ts";
import type { RerankCodec } from "./rerank.ts";
import type { SecretReference, SecretSources } from "./secret.ts";
import type { TokenCount } from "./tokens.ts";
import type { Transport } from "./transport/transport.ts";
import type { EngineTiming, Usage } from "./usage.ts";
import type { VendorFiles } from "./vendor-file.ts";
import type { VendorOperations } from "./vendor-operations.ts";
import type { Warning } from "./warning.ts";

/** How a key goes into a request. */
export type AuthScheme =
  | { readonly type: "bearer"; readonly key: SecretReference; readonly optional?: boolean }
  | { readonly type: "header"; readonly name: string; readonly key: SecretReference; readonly optional?: boolean }
  /** Each request is signed, or gets a token that has to be fetched: SigV4, OAuth. */
  | { readonly type: "signed"; readonly signer: RequestSigner }
  | { readonly type: "none" };

/** Places where a vendor's own behaviour goes, beside the refusal that it avoids. Each is optional. */
export interface ProviderHooks {
  /** Changes a request before it is handed off, as in setting a context size. May ask the vendor. */
  readonly prepare?: (request: CompletionRequest, context: HookContext) => Promise<PreparedRequest> | PreparedRequest;
  /** Looks at an answer beside its request for what the vendor does not say, as in a prompt cut short. */
  readonly inspect?: (completion: Completion, request: CompletionRequest) => readonly Warning[];
  /** What the engine says of its own times. */
  readonly engineTiming?: (completion: Pick<Completion, "vendor">) => EngineTiming | undefined;
  /** Counts where the dialect has no endpoint for it. */
  readonly countTokens?: (request: CompletionRequest, context: HookContext) => Promise<TokenCount | undefined>;
  /** Where and how a rendered request goes, where that is not the dialect's: a deployment in the path, the model out of the body. */
  readonly address?: (rendered: RenderedRequest, call: AddressedCall) => RenderedRequest;
  /** What the vendor itself says that an answer cost. It goes over what the prices come to. */
  readonly charged?: (answer: Pick<Completion, "usage">) => VendorCharge | undefined;
  /** What the vendor bills, where that is not what the model read and wrote. Undefined: it has not said; the cost is estimated. */
  readonly billed?: (usage: Usage) => Usage | undefined;
  /** Makes an answer of a refusal that carries one, as in a tool call that the vendor could not read. Undefined: it stays an error. */
  readonly recover?: (
    refused: ErrorResponse,
    call: AddressedCall,
  ) => Promise<RecoveredAnswer | undefined> | RecoveredAnswer | undefined;
  /** What the vendor's API tells of one model, beyond its listing. */
  readonly listModels?: (context: HookContext) => Promise<readonly ModelFacts[]>;
}

/** Which call a rendered request belongs to. */
export interface AddressedCall {
  readonly operation: "complete" | "stream" | "count-tokens" | "embed" | "rerank";
  /** The model as the vendor knows it. */
  readonly model: string;
}

/** A vendor's own word on the cost of one answer. USD. */
export interface VendorCharge {
  readonly totalUsd: number;
  /** The parts, where the vendor tells them; they count as proportions of the total. */
  readonly inputUsd?: number;
  readonly outputUsd?: number;
  /** What of the total is for its own tools, or a fee of the request. */
  readonly toolsUsd?: number;
}

export interface RecoveredAnswer {
  /** A body in the dialect's wire, as if the vendor had answered so: an event stream where the call streams. */
  readonly body: string;
  readonly warning: Warning;
}

/** What a vendor has beside completions. Each is loaded at its first use. */
export interface OperationDefinitions {
  readonly embed?: () => Promise<EmbeddingCodec>;
  readonly rerank?: () => Promise<RerankCodec>;
  readonly batches?: (vendor: VendorOperations) => Promise<Batches>;
  readonly fineTuning?: (vendor: VendorOperations) => Promise<FineTuning>;
  readonly files?: (vendor: VendorOperations) => Promise<VendorFiles>;
}

/** A row of a vendor's listing, with what it says of the model. */
export interface ModelFacts {
  readonly id: string;
  readonly displayName?: string;
  readonly createdAt?: number;
  readonly facts?: CapabilityFacts;
  /** What the vendor's listing asks for it. Goes over the catalogue's price, as its facts do. */
  readonly pricing?: PriceRates;
}

/** A request that the vendor's own hook has settled. */
export interface PreparedRequest {
  readonly request: CompletionRequest;
  readonly warnings?: readonly Warning[];
}

/** What a hook may use: one authenticated JSON request to its own vendor. */
export interface HookContext {
  readonly capabilities: Capabilities;
  /** Throws a DragomanError; the answer is not checked. */
  readonly fetchJson: (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object) => Promise<unknown>;
}

/** A vendor's facts. Only the first five fields must be there. */
export interface ProviderDefinition {
  readonly id: string;
  /** For people: `Anthropic`. */
  readonly name: string;
  /** Without a slash at the end; the dialect's paths are appended. */
  readonly baseUrl: string;
  /** The wire that it speaks, at hand or loaded at the first call. */
  readonly dialect: Dialect | LazyDialect;
  readonly auth: AuthScheme;
  /** Who serves behind the endpoint, where signatures depend on it. */
  readonly backend?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly catalogue?: Catalogue;
  readonly families?: readonly FamilyRule[];
  /** What a batch pays of the standard rates, as 0.5, where the vendor says so for all of its models. */
  readonly batchPriceFactor?: number;
  /** Short names in data: `claude-sonnet` -> `claude-sonnet-5`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Beginnings of bare model ids that belong here, beyond the catalogue's rows. */
  readonly modelPrefixes?: readonly string[];
  /** Overrides the path of the model listing, where it is not the dialect's. */
  readonly modelsPath?: string;
  /** How to get it running, for a local engine: `start it with ollama serve`. */
  readonly startHint?: string;
  readonly hooks?: ProviderHooks;
  readonly operations?: OperationDefinitions;
  /** What one caller wants otherwise; see `ProviderOptions`. */
  readonly options?: ProviderOptions;
}

/** What every provider's function takes. */
export interface ProviderOptions {
  /** Registers under another name, for a second account or host. */
  readonly id?: string;
  readonly key?: SecretReference;
  readonly baseUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeouts?: Timeouts;
  /** The longest streamed answer: all that its connections bring. Bytes, after decompression. Default 128 MiB. */
  readonly streamBytesMax?: number;
  /** Default: undici, shared by all providers of the process that bring none. */
  readonly transport?: Transport;
  /** Own prices by model id, over the catalogue's. */
  readonly prices?: Readonly<Record<string, OwnPricing>>;
  readonly aliases?: Readonly<Record<string, string>>;
  /** What `probe` measured of a model, by model id. */
  readonly probed?: Readonly<Record<string, CapabilityFacts>>;
  /** What the owner knows of a model, by model id; goes over everything else. */
  readonly capabilities?: Readonly<Record<string, CapabilityFacts>>;
  /** Replaces the bundled catalogue, as after `dragoman models refresh`. */
  readonly catalogue?: Catalogue;
  /** How an answer is asked after that the vendor works at in the background. */
  readonly polling?: PollingOptions;
  readonly secrets?: SecretSources;
  /** Fetches media by URL where the vendor cannot. Default: guarded, public addresses only, 20 MiB. */
  readonly inlineMedia?: InlineMedia;
}
