/** What batches, files and fine-tuning of a vendor are built on: its authenticated channel, and its dialect. */
import type { Completion } from "./completion.ts";
import type { RenderedRequest } from "./dialect.ts";
import type { DragomanError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { CompletionRequest } from "./request.ts";
import type { TransportResponse } from "./transport/transport.ts";
import type { SendOptions } from "./vendor-connection.ts";

/** One request to a vendor. */
export interface ChannelRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the base URL; a path that begins with `../` leaves the base URL's own path. Never another host. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON; bytes go under the content type among the headers. */
  readonly body?: JsonObject | Uint8Array;
}

/** The one way to the vendor: signed, limited, every refusal an error of the table. */
export interface VendorChannel {
  /** The answer as it comes. Throws a DragomanError. */
  send(request: ChannelRequest, call: SendOptions): Promise<TransportResponse>;
  /** The parsed answer, not checked. Throws a DragomanError. */
  fetchJson(request: ChannelRequest, call: SendOptions): Promise<unknown>;
}

/** What a vendor's batches, files and trainings are built on. */
export interface VendorOperations {
  readonly provider: string;
  readonly channel: VendorChannel;
  /** The model's own id for a short name. */
  modelOf(name: string): string;
  /** As for a completion of now: handed off, media brought in, rendered by the dialect, addressed. */
  render(request: CompletionRequest, signal: AbortSignal | undefined): Promise<RenderedRequest>;
  /** An answer of the dialect's wire, costed. `batch` takes the batch's rates where the catalogue has them. */
  parseCompletion(body: unknown, model: string, rates: "standard" | "batch"): Promise<Completion>;
  /** An error of the dialect's wire, as it stands in a batch's results. */
  parseError(status: number, body: unknown, model: string): Promise<DragomanError>;
}
