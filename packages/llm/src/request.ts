/**
 * What is asked. A value of JSON; what cannot be JSON (a signal) stands beside it in `CompletionCall`.
 * A setting that the caller left out is never sent, unless the wire demands it.
 */
import type { CacheDirective } from "./cache.ts";
import type { JsonObject, JsonSchema } from "./json.ts";
import type { Message } from "./message.ts";
import type { Tool, ToolChoice } from "./tool.ts";
import type { VendorOptions } from "./vendor-options.ts";

/** How much to think, on one scale for all vendors. Each dialect takes the nearest that its vendor has. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** Whether and how much to think. */
export interface ReasoningRequest {
  /** One scale for all vendors; `none` turns thinking off where that is possible. */
  readonly effort?: ReasoningEffort;
  /** Upper bound of thinking tokens, for vendors that count rather than grade. */
  readonly budgetTokens?: number;
  /** Ask for readable thinking where the vendor hides it by default. */
  readonly summary?: "auto" | "concise" | "detailed" | "none";
}

/** In which form the answer is wanted. Default: text. */
export type OutputRequest =
  | { readonly type: "text" }
  | {
      readonly type: "json";
      /** Absent: any JSON object. */
      readonly schema?: JsonSchema;
      /** Name that some vendors demand for a schema. Default `output`. */
      readonly name?: string;
      readonly description?: string;
      /** Ask the vendor to enforce the schema while it samples. */
      readonly strict?: boolean;
    };

/** For whom a call is made. What a vendor has no field for stays here. */
export interface RequestMetadata {
  /** The session that usage is added up for, and that cache affinity follows. */
  readonly session?: string;
  /** The end user, opaque, for the vendor's abuse monitoring. */
  readonly user?: string;
  readonly tags?: { readonly [key: string]: string };
}

/** One question to one model: a value of JSON. */
export interface CompletionRequest {
  /** The model's id at its provider, without the provider's name. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** False forbids more than one tool call in an answer. */
  readonly parallelToolCalls?: boolean;
  /** Upper bound of the answer, reasoning included. Tokens. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stopSequences?: readonly string[];
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly reasoning?: ReasoningRequest;
  readonly output?: OutputRequest;
  readonly cache?: readonly CacheDirective[];
  readonly metadata?: RequestMetadata;
  /**
   * Fields of one dialect's wire, by dialect id, laid over the rendered body at its top level. The hatch for what has no
   * canonical form. Entries of other dialects are reported, not sent.
   */
  readonly vendorOptions?: VendorOptions;
}

/** How long to wait for what. Milliseconds; `Infinity` waits for ever. */
export interface Timeouts {
  /** To a connection. Default 10 000. */
  readonly connectMs?: number;
  /** From the request sent to the answer's headers. Default 600 000: thinking models answer late. */
  readonly firstByteMs?: number;
  /** From the request sent to the first delta of a stream. Default: no limit of its own. */
  readonly firstTokenMs?: number;
  /** Between two pieces of a body. Default 300 000. */
  readonly idleMs?: number;
  /** The whole call. Default: no limit of its own. */
  readonly totalMs?: number;
}

/**
 * A request with what cannot be JSON. `Model` is for editors only: the names to offer. Every type of names takes any other
 * string as well.
 */
export interface CompletionCall<Model extends string = string> extends CompletionRequest {
  /** The model's id at its provider, without the provider's name. */
  readonly model: Model;
  /** Aborts the call; the vendor's connection is closed, what had arrived is kept. */
  readonly signal?: AbortSignal;
  readonly timeouts?: Timeouts;
  /**
   * The same request as a client wrote it, where one did. A provider of that very wire sends it on as it is, with its own model's name,
   * so that nothing is lost which has no canonical form; every other provider, and a request that a policy has changed, is rendered.
   */
  readonly wire?: WireRequest;
}

/** A request as its client wrote it. */
export interface WireRequest {
  /** Id of the dialect. */
  readonly dialect: string;
  readonly body: JsonObject;
  /** Those of the client's headers that are part of the wire, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What was read of it. It is passed on only while the call still says the same. */
  readonly request: CompletionRequest;
}

/** The request alone, ready for JSON. */
export function requestOf(call: CompletionCall): CompletionRequest {
  const { signal: _signal, timeouts: _timeouts, wire: _wire, ...request } = call;
  return request;
}
