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
  /** Something beside calls: a reload that failed, a store that is slow, a budget that is nearly used up. */
  noticed?(notice: Notice): void;
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
