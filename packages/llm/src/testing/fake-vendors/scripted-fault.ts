/** What a test lets one request meet, beyond the faults that have a name: any answer, and what only a socket can do. */
import type { DeliveryFault } from "./faults.ts";

/**
 * - `reset-after-head`: the connection breaks when the head and nothing of the answer has come.
 * - `cut-at-once`: the answer ends cleanly before its first token.
 * - `silent-after-head`: the head, and then nothing; the connection stays open.
 * - `error-at-once`: status 200, then an error before the first token.
 * - `no-last-event`: everything but the very last event of a stream, as `[DONE]` is.
 * - `odd-pieces`: a good answer in pieces of seven bytes, wherever they fall.
 * - `garbage`: bytes that are no HTTP.
 */
export type SocketFault =
  | "reset-after-head"
  | "cut-at-once"
  | "silent-after-head"
  | "error-at-once"
  | "no-last-event"
  | "odd-pieces"
  | "garbage";

/** What one request meets, as `script` of a fake vendor decides by its model. */
export type ScriptedFault =
  | { readonly type: "delivery"; readonly how: DeliveryFault | SocketFault }
  /** One of `FAULTS`, by its name. */
  | { readonly type: "named"; readonly name: string }
  /** The vendor's own form for an error about the request, with this status and these words. */
  | {
      readonly type: "error";
      readonly status: number;
      readonly message: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Exactly this. */
  | { readonly type: "raw"; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
