/** What a wire gives back to the server: a whole body, a stream of frames, or a refusal that it throws. */
import type { JsonObject } from "../../json.ts";

/** A request as a wire sees it. */
export interface FakeRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where the request has none, or none that is a JSON object. */
  readonly body: JsonObject;
  /** The body as it came. */
  readonly bytes: Uint8Array;
}

export interface WholeReply {
  readonly kind: "whole";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * One event in the wire's own bytes. `head` opens the answer, `content` carries a piece of it, `end` says that it is
 * complete. Faults cut between them.
 */
export interface Frame {
  readonly part: "head" | "content" | "end";
  readonly text: string | Uint8Array;
}

export interface StreamReply {
  readonly kind: "stream";
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: readonly Frame[];
  /** An event that no client can read. */
  readonly malformedFrame: string | Uint8Array;
  /** The vendor's way of failing inside a stream of status 200. */
  readonly errorFrame: string | Uint8Array;
}

export type Reply = WholeReply | StreamReply;

/** Thrown by a wire that turns a request down; it carries the vendor's own error body. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reply: WholeReply;

  constructor(status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${JSON.stringify(body)}`);
    this.reply = jsonReply(status, body, headers);
  }
}

export function jsonReply(status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): WholeReply {
  return { kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** A server-sent event without a name. */
export function sse(data: JsonObject): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** A server-sent event named by the `type` of its data. */
export function namedSse(data: JsonObject & { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function head(text: string | Uint8Array): Frame {
  return { part: "head", text };
}

export function content(text: string | Uint8Array): Frame {
  return { part: "content", text };
}

export function end(text: string | Uint8Array): Frame {
  return { part: "end", text };
}
