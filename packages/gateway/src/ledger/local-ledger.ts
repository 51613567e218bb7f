/** The ledger of one node, as `openSqliteLedger` and `createMemoryLedger` give it: what only a local file can do stands here. */
import type { JsonValue } from "@dragoman/llm";
import type { Notice } from "../telemetry/observer.ts";
import type { CallRecord } from "./call-record.ts";
import type { Ledger } from "./ledger.ts";

export interface LocalLedger extends Ledger {
  /**
   * Keeps what was asked and answered, compressed, for as long as the call is kept. Resolves with false where `content` is off, or
   * where it is larger than `contentBytesMax`. The oldest content goes when all of it is larger than `contentsBytesMax`.
   */
  keepContent(id: string, content: CallContent): Promise<boolean>;
  /** Undefined where none was kept. */
  content(id: string): Promise<CallContent | undefined>;
  /**
   * Settled calls in the order in which they were settled here, after a sequence number: what is to be copied elsewhere. A call whose prices were
   * changed comes again, under a new number.
   */
  unshipped(afterSequence: number, countMax: number): Promise<readonly SequencedCall[]>;
  /** Calls that are open in this process. */
  readonly openCount: number;
}

/** What was asked and what was answered. */
export interface CallContent {
  /** The request as JSON; its keys are put in order. */
  readonly request: JsonValue;
  /** The text of the answer. */
  readonly answer: string;
}

/** A call with its place in this node's order. Numbers grow and are never given twice; some are left out. */
export interface SequencedCall {
  readonly sequence: number;
  readonly record: CallRecord;
}

export interface LocalLedgerOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  readonly onNotice?: (notice: Notice) => void;
  /** Whether content is kept. Default false. */
  readonly content?: boolean;
  /** Of one call, before compression. Default 4 MiB. */
  readonly contentBytesMax?: number;
  /** Of all calls, compressed. Default 1 GiB. */
  readonly contentsBytesMax?: number;
  /**
   * Settled calls that wait in memory for their place in the tables, as while the disk is full. No call is opened when there are so many. Default
   * 10 000.
   */
  readonly waitingMax?: number;
}
