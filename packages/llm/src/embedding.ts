/** Texts and images as vectors: what is asked, what comes back, and the two-way codec of one wire. */
import type { ClientRequest, ParseContext, RenderedRequest } from "./dialect.ts";
import type { JsonObject } from "./json.ts";
import type { ImagePart, Origin, TextPart } from "./message.ts";
import type { RequestMetadata, Timeouts } from "./request.ts";
import type { Cost, Timing, Usage } from "./usage.ts";
import type { Warning } from "./warning.ts";

/** What the vectors are for. Vendors that tell them apart embed a query and a document differently. */
export type EmbeddingPurpose =
  | "query"
  | "document"
  | "similarity"
  | "classification"
  | "clustering"
  | "code-query"
  | "fact-check";

/** One thing to embed: a text, or parts that make one vector together. */
export type EmbeddingInput = string | readonly (TextPart | ImagePart)[];

/** Texts and images to be turned into vectors. A value of JSON. */
export interface EmbeddingRequest {
  /** The model's id at its provider. */
  readonly model: string;
  /** At least one; each comes to one vector, in this order. More than the vendor takes at once are sent in several calls. */
  readonly inputs: readonly EmbeddingInput[];
  /** Length of the vectors, for models that can shorten them. Default: the model's own. */
  readonly dimensions?: number;
  readonly purpose?: EmbeddingPurpose;
  /** True: an input over the model's limit is cut at its end. False: it is an error. Default: the vendor's own way. */
  readonly truncate?: boolean;
  readonly metadata?: RequestMetadata;
  /** Fields of one wire, by codec id, laid over the rendered body. Entries of other wires are reported, not sent. */
  readonly vendorOptions?: { readonly [codec: string]: JsonObject };
}

/** A request with what cannot be JSON. */
export interface EmbeddingCall extends EmbeddingRequest {
  readonly signal?: AbortSignal;
  readonly timeouts?: Timeouts;
}

/** What one answer of the wire says. */
export interface EmbeddingAnswer {
  readonly origin: Origin;
  /** One vector an input, in the order of the inputs. */
  readonly embeddings: readonly (readonly number[])[];
  readonly usage: Usage;
  readonly warnings: readonly Warning[];
}

export interface EmbeddingResult extends EmbeddingAnswer {
  /** Absent when the price or the usage is unknown; never 0 for unknown. */
  readonly cost?: Cost;
  readonly timing: Timing;
}

/** What a client asked for, towards whom the answer is rendered. */
export interface ParsedEmbeddingRequest {
  readonly request: EmbeddingRequest;
  /** Fields that the answer repeats or obeys, as in the encoding of the vectors. Given back unread. */
  readonly echo: JsonObject;
  readonly warnings: readonly Warning[];
}

/** Who is answering, and what stands beside the body. */
export interface EmbeddingContext extends ParseContext {
  /** Names in lower case. Some vendors tell the tokens here alone. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One wire of embeddings, pure, towards a vendor and towards a client. */
export interface EmbeddingCodec {
  /** As in `openai-embeddings`. The key of its vendor options. */
  readonly id: string;
  /** Most inputs that one request to this model may have. */
  inputsMax(model: string): number;
  /** Throws `unsupported` for an input that the wire cannot carry, as an image. */
  renderRequest(request: EmbeddingRequest): RenderedRequest;
  /**
   * Throws `invalid_response` for a body that is not what the wire promises, as a vector that is no numbers. Whether there
   * is one for each input is the caller's to check.
   */
  parseResponse(body: unknown, context: EmbeddingContext): EmbeddingAnswer;
  /** Throws `invalid_request` with the field's path. Absent where no client speaks the wire to us. */
  parseRequest?(input: ClientRequest): ParsedEmbeddingRequest;
  /** Vectors for a client. */
  renderResponse?(result: EmbeddingAnswer, parsed: ParsedEmbeddingRequest): JsonObject;
}
