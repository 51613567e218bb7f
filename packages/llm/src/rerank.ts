/** Documents in the order in which they answer a question: what is asked, what comes back, and the codec of one wire. */
import type { ParseContext, RenderedRequest } from "./dialect.ts";
import type { JsonObject } from "./json.ts";
import type { Origin } from "./message.ts";
import type { RequestMetadata, Timeouts } from "./request.ts";
import type { Cost, Timing, Usage } from "./usage.ts";
import type { Warning } from "./warning.ts";

/** Documents to be put in the order in which they answer a question. A value of JSON. */
export interface RerankRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  /** How many results. Default: all. */
  readonly resultsMax?: number;
  readonly metadata?: RequestMetadata;
  readonly vendorOptions?: { readonly [codec: string]: JsonObject };
}

/** A request with what cannot be JSON. */
export interface RerankCall extends RerankRequest {
  readonly signal?: AbortSignal;
  readonly timeouts?: Timeouts;
}

/** One document's place in the order. */
export interface RankedDocument {
  /** Its place in the request. */
  readonly index: number;
  /** The greater, the better; the scale is the vendor's. */
  readonly score: number;
}

/** An order of documents, before it is costed. */
export interface RerankAnswer {
  readonly origin: Origin;
  /** Best first. */
  readonly results: readonly RankedDocument[];
  readonly usage: Usage;
  /** What vendors charge by, where they do not charge by token. */
  readonly searchUnits?: number;
  readonly warnings: readonly Warning[];
}

/** An order of documents, with what it cost. */
export interface RerankResult extends RerankAnswer {
  readonly cost?: Cost;
  readonly timing: Timing;
}

/** One wire of reranking, pure. */
export interface RerankCodec {
  /** As in `cohere-rerank`. */
  readonly id: string;
  /** What goes to the vendor. */
  renderRequest(request: RerankRequest): RenderedRequest;
  /** Throws `invalid_response`. */
  parseResponse(body: unknown, context: ParseContext): RerankAnswer;
}
