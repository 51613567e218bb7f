/** The contract of whatever opens connections. Only this folder does. */
import type { WireEvent } from "../dialect.ts";
import type { Timeouts } from "../request.ts";

/** One request over HTTP. */
export interface TransportRequest {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/** The head of an answer, and its body as it comes. */
export interface TransportResponse {
  readonly status: number;
  /** Names in lower case; several values of one name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body, decompressed, in pieces as they come. May be read once, by `body` or by `text`. Leaving the loop early
   * closes the connection. Throws `connection_failed`, `timeout` or `aborted`.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as UTF-8. Throws `invalid_response` when it is longer than `bytesMax`. Default 64 MiB. */
  text(bytesMax?: number): Promise<string>;
  /** Gives the connection up without reading the rest. */
  cancel(): void;
}

/** Must not follow redirects: an answer of 3xx is returned as it is. */
export interface Transport {
  /** Resolves when the answer's headers are there. Throws `connection_failed`, `timeout` or `aborted`. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Closes idle connections and refuses new calls. Idempotent. */
  close(): Promise<void>;
}

/** Cuts a body into events. Both calls append to `out`; both throw `invalid_response` for a line over the limit. */
export interface Decoder {
  /** Takes the next bytes, and appends the events that they complete. */
  push(bytes: Uint8Array, out: WireEvent[]): void;
  /** The bytes have ended. A last event without its blank line still counts, as vendors leave it out. */
  end(out: WireEvent[]): void;
}
