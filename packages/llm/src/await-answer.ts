/**
 * Waits for an answer that the vendor goes on working at after it has replied: asks after it, ever more rarely, until it is
 * there. Aborted or too late, it is given up at the vendor as well.
 */
import type { Dialect, RenderedRequest } from "./dialect.ts";
import { DragomanError } from "./errors.ts";

/** How a suspended answer is asked after. Milliseconds. */
export interface PollingOptions {
  /** Before the first question. Default 1 000. */
  readonly firstMs?: number;
  /** Between two questions at most; each wait is half as long again as the one before. Default 15 000. */
  readonly mostMs?: number;
  /** Over all. Default one hour. */
  readonly totalMs?: number;
}

export interface SuspensionSource {
  readonly dialect: Dialect;
  readonly polling: PollingOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly fetchJson: (request: RenderedRequest, signal: AbortSignal | undefined) => Promise<unknown>;
}

const GROWTH = 1.5;
/** A vendor that has been asked to stop should not keep anybody waiting. */
const CANCEL_MS_MAX = 10_000;

/** The body of the answer, once it is one. Throws `timeout` or `aborted`. */
export async function awaitAnswer(first: unknown, source: SuspensionSource): Promise<unknown> {
  const { dialect, polling = {}, signal, fetchJson } = source;
  const { firstMs = 1_000, mostMs = 15_000, totalMs = 3_600_000 } = polling;
  const deadline = performance.now() + totalMs;
  let body = first;
  let waitMs = firstMs;
  for (;;) {
    const suspended = dialect.suspended?.(body);
    if (suspended === undefined) return body;
    try {
      if (performance.now() + waitMs > deadline) throw tooLate(totalMs);
      await sleep(waitMs, signal);
      body = await fetchJson(suspended.poll, signal);
    } catch (error) {
      if (suspended.cancel !== undefined && isGivenUp(error)) {
        await fetchJson(suspended.cancel, AbortSignal.timeout(CANCEL_MS_MAX)).catch(() => undefined);
      }
      throw error;
    }
    waitMs = Math.min(waitMs * GROWTH, mostMs);
  }
}

function tooLate(totalMs: number): DragomanError {
  const detail = `the answer in the background was not there within ${totalMs} ms (polling.totalMs)`;
  return new DragomanError({ code: "timeout", detail, advice: "raise polling.totalMs" });
}

/** Only our own decision is told to the vendor; after a fault of the network the answer may still be fetched. */
function isGivenUp(error: unknown): boolean {
  return DragomanError.is(error) && (error.code === "aborted" || error.code === "timeout");
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new DragomanError({ code: "aborted", detail: "the caller aborted the call", cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
