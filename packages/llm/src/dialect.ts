/**
 * A dialect is one wire protocol as a two-way codec: towards a vendor it renders requests and parses answers, towards a
 * client it parses requests and renders answers. It is pure: no I/O, no clock, no state beyond one stream. What differs
 * between vendors of one wire comes in as quirk data when the codec is made; what differs between models as capabilities.
 *
 * Laws (`testing/conformance`): what goes out and comes back is what it was, less the warnings; a stream folds to what
 * the completion would have been; it has one terminal event; a wire that ends early is an error.
 */
import type { Capabilities, CapabilityFacts } from "./capabilities.ts";
import type { Completion } from "./completion.ts";
import type { DragomanError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { Origin } from "./message.ts";
import type { ModelInfo } from "./provider.ts";
import type { CompletionRequest, WireRequest } from "./request.ts";
import type { StreamEvent } from "./stream.ts";
import type { Warning } from "./warning.ts";

/** How a stream is cut into events: server-sent events, JSON lines, one JSON array that grows, or AWS's binary frames. */
export type Framing = "sse" | "ndjson" | "json-array" | "aws-event-stream";

/** What a stream renderer wrote, as bytes for the network. */
export function wireBytes(framing: Framing, text: string): Uint8Array {
  return Buffer.from(text, framing === "aws-event-stream" ? "latin1" : "utf8");
}

/** One event of a stream's framing, already cut out of the bytes. */
export interface WireEvent {
  /** The SSE event name, or the frame's `:event-type`, `:exception-type` or `:error-code`, where there was one. */
  readonly event?: string;
  /** The SSE data, the JSON line, or the frame's payload. */
  readonly data: string;
}

// Towards a vendor

/** What a rendering depends on beside the request. */
export interface RenderContext {
  readonly stream: boolean;
  readonly capabilities: Capabilities;
}

/** A request, ready for HTTP. */
export interface RenderedRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the provider's base URL, as in `/messages`; query included. */
  readonly path: string;
  /** Only what the dialect itself demands (a version, a beta). Authentication is the provider's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** What could not be rendered as asked. */
  readonly warnings: readonly Warning[];
}

/** An answer that the vendor goes on working at after it has replied. */
export interface SuspendedAnswer {
  /** Asks how far it is; answered as the call itself is. */
  readonly poll: RenderedRequest;
  /** Gives it up. */
  readonly cancel?: RenderedRequest;
}

/** Who is answering, for the origin of the message. */
export interface ParseContext {
  readonly provider: string;
  readonly backend?: string;
  /** The model that was asked; the wire's own answer, where it gives one, goes into the origin. */
  readonly model: string;
  /** The assistant's words that ended the request, to be continued. Some vendors repeat them in front of the answer. */
  readonly prefill?: string;
}

/** A refusal as it came over HTTP. */
export interface ErrorResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, bounded; may be HTML or empty. */
  readonly body: string;
  /** Method and path, as in `POST /v1/messages`. */
  readonly request?: string;
}

/**
 * Reads one stream. `push` and `end` append events to `out` in order and never throw: what cannot be read becomes the
 * terminal `error` event. After the terminal event both do nothing.
 */
export interface StreamParser {
  /** Takes the next event of the wire. */
  push(event: WireEvent, out: StreamEvent[]): void;
  /** The wire has ended. Appends `stream_truncated` unless the vendor had said that the answer is complete. */
  end(out: StreamEvent[]): void;
  /** How to go on where the connection broke, for an answer that the vendor goes on working at. Undefined: not at all. */
  resume?(): RenderedRequest | undefined;
}

// Towards a client

/** What a client sent over HTTP, body parsed. */
export interface ClientRequest {
  /** The path without query, as in `/v1beta/models/gemini-pro:generateContent`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body. Not yet checked. */
  readonly body: unknown;
}

/** A client's request, read. */
export interface ParsedRequest {
  readonly request: CompletionRequest;
  readonly stream: boolean;
  /** What was not understood, or was passed on unread. */
  readonly warnings: readonly Warning[];
  readonly client: ClientContext;
}

/** What the answer to a client depends on, besides the completion. Made by `parseRequest`, given back unread. */
export interface ClientContext {
  /** The model as the client named it. */
  readonly model: string;
  /** Fields of the request that the answer repeats or obeys (`stream_options`, the tools that Responses echoes). */
  readonly echo: JsonObject;
}

/** An answer, ready for HTTP. */
export interface RenderedResponse {
  readonly body: JsonObject;
  /** What the client's dialect has no room for. */
  readonly warnings: readonly Warning[];
}

/** Writes one stream, framing included. */
export interface StreamRenderer {
  readonly contentType: string;
  /**
   * The wire text for an event; empty when it has none. The terminal event's text includes the terminator. Where the
   * framing is binary, each character is one byte: `wireBytes` makes bytes of it.
   */
  push(event: StreamEvent): string;
  /** What the client's dialect had no room for, so far. */
  readonly warnings: readonly Warning[];
}

/** An error, ready for HTTP. */
export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

// A client and a vendor of the same wire

/** A client's own request, sent on as it came; its answer is given back as it comes. Only for a wire without quirks. */
export interface PassThroughCodec {
  /** What to keep of a client's request; undefined for one whose answer has to be rendered, as for another framing. */
  parseRequest(input: ClientRequest, parsed: ParsedRequest): WireRequest | undefined;
  /** The client's body, with the model's name at this vendor; and with the vendor's word on usage asked for. */
  renderRequest(wire: WireRequest, call: { readonly model: string; readonly stream: boolean }): RenderedRequest;
  /** Whether the client did not ask for this event of a stream: what was asked for on its behalf. */
  withholds?(event: WireEvent, wire: WireRequest): boolean;
  /** The mark that a stream is complete, as it is written: for one that is known to be, and whose vendor left it out. */
  readonly endMark?: string;
}

// Smaller operations that some dialects have

/** The wire's endpoint for counting a prompt. */
export interface CountTokensCodec {
  /** The question to the vendor. */
  renderRequest(request: CompletionRequest, context: RenderContext): RenderedRequest;
  /** The tokens of the vendor's answer. Throws `invalid_response`. */
  parseResponse(body: unknown): number;
  /** A client's question. Throws `invalid_request` with the field's path. */
  parseRequest(input: ClientRequest): ParsedRequest;
  /** The answer to a client. */
  renderResponse(tokens: number): JsonObject;
}

/** A row of a vendor's model listing. */
export interface ListedModel {
  readonly id: string;
  readonly displayName?: string;
  /** Seconds since 1970. */
  readonly createdAt?: number;
  readonly facts?: CapabilityFacts;
}

/** The wire's listing of models. */
export interface ModelsCodec {
  /** Below the provider's base URL. */
  readonly path: string;
  /** The rows of a vendor's listing. Throws `invalid_response`. */
  parseResponse(body: unknown): readonly ListedModel[];
  /** A listing for a client. */
  renderResponse(models: readonly ModelInfo[]): JsonObject;
  /** One row of the listing, as the vendor answers for a single model. */
  renderModel(model: ModelInfo): JsonObject;
}

// What `handoff` has to know

/** Forms in which a kind of media may be sent. */
export type MediaForm = "data" | "url" | "reference";

/** What a vendor of this wire accepts in a history. */
export interface DialectConstraints {
  /** Ids of tool calls that the vendor accepts in a history. Others are mapped, call and result alike. */
  readonly toolCallId: { readonly pattern: RegExp; readonly lengthMax: number };
  /** An empty list: this kind of media cannot be sent. */
  readonly media: {
    readonly image: readonly MediaForm[];
    readonly audio: readonly MediaForm[];
    readonly file: readonly MediaForm[];
    /** Images inside tool results. */
    readonly toolResultImage: readonly MediaForm[];
  };
  /**
   * Which reasoning can be sent back: only what this vendor signed (`signed`), any text (`text`), or none (`none`).
   */
  readonly reasoning: "signed" | "text" | "none";
  /** Options of the wire by which the vendor goes on with a history that it keeps: a result then needs no call here. */
  readonly keptHistory?: readonly string[];
}

/** A dialect that is loaded at the first call: a vendor that is not used costs nothing. */
export interface LazyDialect {
  readonly id: string;
  /** Loads the codec. Called once; again only after a failure. */
  readonly load: () => Promise<Dialect>;
}

/** One wire, both ways. Pure: the same input gives the same output. */
export interface Dialect {
  /** As in `anthropic-messages`. The key of its vendor data. */
  readonly id: string;
  readonly framing: Framing;
  readonly constraints: DialectConstraints;

  /** What goes to the vendor, with what could not be rendered as asked. */
  renderRequest(request: CompletionRequest, context: RenderContext): RenderedRequest;
  /** Throws a DragomanError for a body that is an error or not what the protocol promises. */
  parseResponse(body: unknown, context: ParseContext): Completion;
  /** A reader for one stream. */
  parseStream(context: ParseContext): StreamParser;
  /** For a reply that is no answer yet: how to ask for it. Absent where the wire has no such thing. */
  suspended?(body: unknown): SuspendedAnswer | undefined;
  /** The error of a vendor's refusal. */
  parseError(response: ErrorResponse, context: ParseContext): DragomanError;

  /** Throws `invalid_request` with the field's path. */
  parseRequest(input: ClientRequest): ParsedRequest;
  /** A whole answer for a client. */
  renderResponse(completion: Completion, client: ClientContext): RenderedResponse;
  /** A writer for one stream to a client. */
  renderStream(client: ClientContext): StreamRenderer;
  /** An error as the wire words it to a client. */
  renderError(error: DragomanError): RenderedError;

  readonly passThrough?: PassThroughCodec;
  readonly countTokens?: CountTokensCodec;
  readonly models?: ModelsCodec;
}

/** The origin of an answer that names its model, or does not. */
export function originOf(dialect: string, context: ParseContext, answeredModel: unknown): Origin {
  const model = typeof answeredModel === "string" && answeredModel !== "" ? answeredModel : context.model;
  return {
    dialect,
    provider: context.provider,
    ...(context.backend === undefined ? {} : { backend: context.backend }),
    model,
  };
}
