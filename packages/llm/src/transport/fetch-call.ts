/** One call over `fetch`, with its clock and its abort, and the answer that comes of it. */
import { DragomanError } from "../errors.ts";
import { CallClock } from "./call-clock.ts";
import { contentEncodingOf, unpackedHeaders } from "./content-encoding.ts";
import { readBytes } from "./read-bytes.ts";
import type { TransportTimeouts } from "./timeouts.ts";
import type { TransportResponse } from "./transport.ts";
import {
  abortedBySignal,
  type BreakPoint,
  bodyTooLong,
  cancelled,
  connectionFailed,
  readTwice,
  timedOut,
  withStatus,
} from "./transport-failure.ts";
import { TEXT_BYTES_MAX } from "./transport-limits.ts";
import { utf8Text } from "./utf8-text.ts";

export interface FetchCallInit {
  /** Method and path, for errors. */
  readonly request: string;
  readonly timeouts: TransportTimeouts;
  readonly signal: AbortSignal | undefined;
  readonly decompressedBytesMax: number;
}

export class FetchCall {
  private readonly init: FetchCallInit;
  private readonly clock: CallClock;
  private readonly controller = new AbortController();
  private over = false;
  private failure: DragomanError | undefined;
  /** Of the answer, once its head is there. */
  private status: number | undefined;

  constructor(init: FetchCallInit) {
    this.init = init;
    this.clock = new CallClock(init.timeouts, "firstByteMs", (name, limitMs) => {
      this.fail(timedOut(name, limitMs, init.request));
    });
    init.signal?.addEventListener("abort", this.onAbort);
  }

  async send(fetchNow: typeof fetch, url: URL, init: RequestInit): Promise<TransportResponse> {
    let response: Response;
    try {
      response = await fetchNow(url.href, { ...init, signal: this.controller.signal });
    } catch (thrown) {
      throw this.failureOf(thrown, "before the answer");
    }
    if (response.type === "opaqueredirect") {
      throw this.failureOf(new Error("the endpoint redirects, and this runtime hides where to"), "before the answer");
    }
    this.status = response.status;
    // Nobody reads yet, so that nothing can be late.
    this.clock.enter("idleMs");
    this.clock.pause();
    return this.createResponse(response);
  }

  private createResponse(response: Response): TransportResponse {
    const received = Object.fromEntries(response.headers);
    const packed = contentEncodingOf(received) !== undefined;
    const bodyBytesMax = packed ? this.init.decompressedBytesMax : Infinity;
    let taken = false;
    const take = (): AsyncGenerator<Uint8Array, undefined> => {
      if (taken) throw readTwice(this.init.request);
      taken = true;
      return this.read(response, bodyBytesMax);
    };
    return {
      status: response.status,
      headers: packed ? unpackedHeaders(received) : received,
      body: { [Symbol.asyncIterator]: take },
      text: async (bytesMax = TEXT_BYTES_MAX) =>
        utf8Text(await readBytes(take(), bytesMax, () => bodyTooLong(bytesMax, this.init.request))),
      cancel: () => this.fail(cancelled(this.init.request)),
    };
  }

  private async *read(response: Response, bytesMax: number): AsyncGenerator<Uint8Array, undefined> {
    const reader = response.body?.getReader();
    let bytes = 0;
    try {
      for (;;) {
        if (this.failure !== undefined) throw this.failure;
        this.clock.resume();
        const piece = await reader?.read();
        this.clock.pause();
        if (piece === undefined || piece.done) return this.finish();
        bytes += piece.value.length;
        if (bytes > bytesMax) throw bodyTooLong(bytesMax, this.init.request);
        yield piece.value;
      }
    } catch (thrown) {
      throw this.failureOf(thrown, "inside the answer");
    } finally {
      // Also when the loop is left early.
      this.fail(cancelled(this.init.request));
    }
  }

  private readonly onAbort = (): void => {
    if (this.init.signal !== undefined) this.fail(abortedBySignal(this.init.signal, this.init.request));
  };

  /** What went wrong: our own reason where we ended the call, or else what the runtime says. */
  private failureOf(thrown: unknown, where: BreakPoint): DragomanError {
    if (this.failure === undefined) {
      this.fail(DragomanError.is(thrown) ? thrown : connectionFailed(thrown, where, this.init.request));
    }
    return this.failure ?? cancelled(this.init.request);
  }

  private fail(error: DragomanError): void {
    if (this.over) return;
    this.failure = withStatus(error, this.status);
    this.finish();
    this.controller.abort(this.failure);
  }

  private finish(): undefined {
    this.over = true;
    this.clock.stop();
    this.init.signal?.removeEventListener("abort", this.onAbort);
  }
}
