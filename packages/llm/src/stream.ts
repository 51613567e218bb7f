/**
 * An answer as it comes. `start` first; then parts, each opened, filled and ended under its index; then exactly one
 * terminal event, `finish` or `error`, and nothing after it. Every part that was opened is ended before the terminal
 * event, also when the stream fails.
 *
 * Vendor data on a part's start is what its maker tells at once, such as an id; that of the end, where there is any, replaces it.
 * `index` is the part's place in the finished message. Parts may be open at the same time.
 */
import type { CacheOutcome } from "./cache.ts";
import type { CachedAnswer, Completion, Finish } from "./completion.ts";
import type { DragomanError } from "./errors.ts";
import type { AudioPart, FilePart, ImagePart, OpaquePart, Origin, SourcePart, VendorData } from "./message.ts";
import type { Cost, Timing, Usage } from "./usage.ts";
import type { Warning } from "./warning.ts";

/** Parts that arrive whole. */
export type WholePart = SourcePart | OpaquePart | ImagePart | AudioPart | FilePart;

/** One event of an answer. `type` tells which; see above for their order. */
export type StreamEvent =
  | { readonly type: "start"; readonly id: string; readonly origin: Origin; readonly createdAt?: number }
  | { readonly type: "text-start"; readonly index: number; readonly vendor?: VendorData }
  | { readonly type: "text-delta"; readonly index: number; readonly text: string }
  | { readonly type: "text-end"; readonly index: number; readonly vendor?: VendorData }
  | { readonly type: "reasoning-start"; readonly index: number; readonly vendor?: VendorData }
  | { readonly type: "reasoning-delta"; readonly index: number; readonly text: string }
  | { readonly type: "reasoning-end"; readonly index: number; readonly vendor?: VendorData }
  | { readonly type: "refusal-start"; readonly index: number; readonly vendor?: VendorData }
  | { readonly type: "refusal-delta"; readonly index: number; readonly text: string }
  | { readonly type: "refusal-end"; readonly index: number; readonly vendor?: VendorData }
  | {
      readonly type: "tool-call-start";
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly vendor?: VendorData;
    }
  /** A piece of the arguments' JSON text. */
  | { readonly type: "tool-call-delta"; readonly index: number; readonly text: string }
  | { readonly type: "tool-call-end"; readonly index: number; readonly vendor?: VendorData }
  /** A part that comes in one piece; its place in the message is `index`. */
  | { readonly type: "part"; readonly index: number; readonly part: WholePart }
  /** What is known of usage so far; cumulative, and completed by `finish`. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "warning"; readonly warning: Warning }
  /** Drop what you have: another model took over; a new `start` follows. */
  | { readonly type: "restart"; readonly reason: string; readonly error?: DragomanError }
  | FinishEvent
  | ErrorEvent;

/** The end of an answer that is complete. */
export interface FinishEvent {
  readonly type: "finish";
  readonly finish: Finish;
  readonly usage: Usage;
  readonly cost?: Cost;
  readonly timing?: Timing;
  readonly cache?: CacheOutcome;
  readonly cached?: CachedAnswer;
  /** Vendor data of the message as a whole. */
  readonly messageVendor?: VendorData;
  /** Vendor data of the completion. */
  readonly vendor?: VendorData;
}

/** The end of an answer that failed. */
export interface ErrorEvent {
  readonly type: "error";
  readonly error: DragomanError;
  /** What had arrived, with its usage. Every provider sets it; a dialect alone does not. */
  readonly partial?: Completion;
}

/** Whether this is the last event of its stream. */
export function isTerminal(event: StreamEvent): event is FinishEvent | ErrorEvent {
  return event.type === "finish" || event.type === "error";
}
