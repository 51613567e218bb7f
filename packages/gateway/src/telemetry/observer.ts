/** What the pipeline tells of its work: for metrics, spans and logs. Every method must be quick and must not throw. */
import type { DragomanError } from "@dragoman/llm";
import type { AttemptRecord, CallRecord, OpenCall } from "../ledger/call-record.ts";

export interface GatewayObserver {
  /** A call was let in, and is about to be sent. */
  callOpened?(call: OpenCall): void;
  attemptStarted?(call: OpenCall, attempt: { readonly number: number; readonly provider: string; readonly model: string }): void;
  attemptEnded?(call: OpenCall, attempt: AttemptRecord): void;
  /** Once for every call, those that were refused included. */
  callClosed?(record: CallRecord): void;
  /** A request over HTTP was answered with an error and never became a call: without a key, to a path that is not served, not to be read. */
  requestFailed?(failed: FailedRequest): void;
  /** Something beside calls: a reload that failed, a store that is slow, a budget that is nearly used up. */
  noticed?(notice: Notice): void;
}

/** What is known of it. */
export interface FailedRequest {
  readonly error: DragomanError;
  /** As the client was given it. Absent where what came was not HTTP. */
  readonly id?: string;
  readonly method?: string;
  /** Without its query. Anybody's words. */
  readonly path?: string;
  /** Who asked, where a key was proved. */
  readonly key?: string;
  readonly team?: string;
}

/** For the log; without secrets. */
export interface Notice {
  readonly level: "debug" | "info" | "warn" | "error";
  /** A noun and a verb, as `configuration.reloaded`. */
  readonly event: string;
  readonly message: string;
  readonly error?: DragomanError;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
}
