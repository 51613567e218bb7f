/**
 * One call over undici: the handler that its dispatcher drives, and the answer that comes of it. It uses the dispatcher
 * directly, as `undici.request` wraps every body in a Node stream, which costs more than the rest of a call.
 */
import type { Dispatcher } from "undici";
import type { DragomanError } from "../errors.ts";
import { CallClock } from "./call-clock.ts";
import { ChunkQueue, type ChunkSource } from "./chunk-queue.ts";
import { contentEncodingOf, unpackedHeaders } from "./content-encoding.ts";
import { decompress } from "./decompress.ts";
import { readBytes } from "./read-bytes.ts";
import type { TransportTimeouts } from "./timeouts.ts";
import type { TransportResponse } from "./transport.ts";
import {
  abortedBySignal,
  bodyTooLong,
  cancelled,
  connectionFailed,
  readTwice,
  timedOut,
  unsendable,
  withStatus,
} from "./transport-failure.ts";
import { TEXT_BYTES_MAX } from "./transport-limits.ts";
import { utf8Text } from "./utf8-text.ts";

export interface UndiciCallInit {
  /** Method and path, for errors. */
  readonly request: string;
  readonly timeouts: TransportTimeouts;
  readonly signal: AbortSignal | undefined;
  readonly decompressedBytesMax: number;
  /** The call needs its connection no more. Called once. */
  onOver(): void;
}

/** Ends a connection that took too long to open, where it belongs to no call that could be named when it was begun. */
export class ConnectLimitError extends Error {}

export class UndiciCall implements Dispatcher.DispatchHandler, ChunkSource {
  /** Closes the connection that is being opened for this call alone. Set by whoever opens it. */
  closeConnecting: (() => void) | undefined;
  private readonly init: UndiciCallInit;
  private readonly clock: CallClock;
  private readonly queue = new ChunkQueue(this);
  private readonly answer = Promise.withResolvers<TransportResponse>();
  private controller: Dispatcher.DispatchController | undefined;
  /** Of the answer, once its head is there. */
  private status: number | undefined;
  private over = false;
  private failure: DragomanError | undefined;

  constructor(init: UndiciCallInit) {
    this.init = init;
    this.clock = new CallClock(init.timeouts, "connectMs", this.onExpired);
    init.signal?.addEventListener("abort", this.onAbort);
  }

  /** Settles when the answer's headers are there. */
  get response(): Promise<TransportResponse> {
    return this.answer.promise;
  }

  // What undici calls

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.closeConnecting = undefined;
    if (this.failure !== undefined) {
      controller.abort(this.failure);
      return;
    }
    this.controller = controller;
    this.clock.enter("firstByteMs");
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHeaders): void {
    if (status < 200) return; // 1xx announces the answer and is none.
    this.status = status;
    this.clock.enter("idleMs");
    this.answer.resolve(this.createResponse(status, joinHeaders(headers)));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.clock.touch();
    this.queue.push(chunk);
  }

  onResponseEnd(): void {
    this.finish();
    this.queue.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.closeConnecting = undefined;
    if (!this.over) this.fail(this.failureOf(error));
  }

  // What the queue calls

  pause(): void {
    this.controller?.pause();
    this.clock.pause();
  }

  resume(): void {
    this.clock.resume();
    this.controller?.resume();
  }

  abandon(): void {
    this.fail(cancelled(this.init.request));
  }

  // How it ends

  private readonly onAbort = (): void => {
    if (this.init.signal !== undefined) this.fail(abortedBySignal(this.init.signal, this.init.request));
  };

  private readonly onExpired: ConstructorParameters<typeof CallClock>[2] = (name, limitMs) => {
    this.fail(timedOut(name, limitMs, this.init.request));
  };

  private failureOf(error: Error): DragomanError {
    const { request, timeouts } = this.init;
    if (error instanceof ConnectLimitError) return timedOut("connectMs", timeouts.connectMs, request);
    if ("code" in error && error.code === "UND_ERR_INVALID_ARG") return unsendable(error, request);
    return connectionFailed(error, this.status === undefined ? "before the answer" : "inside the answer", request);
  }

  private fail(failure: DragomanError): void {
    if (this.over) return;
    const error = withStatus(failure, this.status);
    this.failure = error;
    this.finish();
    this.controller?.abort(error);
    this.closeConnecting?.();
    if (this.status === undefined) this.answer.reject(error);
    else this.queue.fail(error);
  }

  private finish(): void {
    this.over = true;
    this.clock.stop();
    this.init.signal?.removeEventListener("abort", this.onAbort);
    this.init.onOver();
  }

  // The answer

  private createResponse(status: number, headers: Record<string, string>): TransportResponse {
    const encoding = contentEncodingOf(headers);
    if (encoding !== undefined) return this.createUnpackedResponse(status, headers, encoding);
    const takeQueue = this.createTakeOnce();
    return {
      status,
      headers,
      body: { [Symbol.asyncIterator]: takeQueue },
      text: async (bytesMax = TEXT_BYTES_MAX) => utf8Text(await takeQueue().collect(bytesMax, this.createTooLong(bytesMax))),
      cancel: this.cancel,
    };
  }

  private createUnpackedResponse(status: number, headers: Record<string, string>, encoding: string): TransportResponse {
    const { decompressedBytesMax, request } = this.init;
    const takeQueue = this.createTakeOnce();
    const unpack = (bytesMax: number) => decompress(takeQueue(), encoding, bytesMax, request);
    return {
      status,
      headers: unpackedHeaders(headers),
      body: { [Symbol.asyncIterator]: () => unpack(decompressedBytesMax) },
      text: async (bytesMax = TEXT_BYTES_MAX) =>
        utf8Text(await readBytes(unpack(Math.min(bytesMax, decompressedBytesMax)), bytesMax, this.createTooLong(bytesMax))),
      cancel: this.cancel,
    };
  }

  private createTakeOnce(): () => ChunkQueue {
    let taken = false;
    return () => {
      if (taken) throw readTwice(this.init.request);
      taken = true;
      return this.queue;
    };
  }

  private createTooLong(bytesMax: number): () => DragomanError {
    return () => bodyTooLong(bytesMax, this.init.request);
  }

  private readonly cancel = (): void => {
    if (this.over && this.queue.isUsedUp) return;
    const error = cancelled(this.init.request);
    this.fail(error);
    this.queue.discard(error);
  };
}

type IncomingHeaders = Record<string, string | string[] | undefined>;

/** Several values of one name joined by a comma (RFC 9110, 5.3). */
function joinHeaders(incoming: IncomingHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in incoming) {
    const value = incoming[name];
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}
