import type { FailedAttempt } from "./errors.ts";
import type { JsonValue } from "./json.ts";

/**
 * Something that was not done as asked, as data on the result. Nothing degrades without one.
 *
 * - `unsupported`: the vendor or model cannot take a setting; it was left out.
 * - `lossy`: a value went over in a lesser form (media as text, a schema keyword dropped).
 * - `handoff`: something of another maker was replayed as text, dropped or repaired.
 * - `unknown-field`: a field that the dialect does not define; it was passed on or left out, as the detail says.
 * - `truncated`: the engine read less of the prompt than was sent.
 * - `simulated`: this came from a simulator, or a stream was made from a finished answer.
 * - `fallback`: another target was tried first, or passed over; see `attempt`.
 * - `other`: see the detail.
 */
export interface Warning {
  readonly type: "unsupported" | "lossy" | "handoff" | "unknown-field" | "truncated" | "simulated" | "fallback" | "other";
  /** Path of the value in the canonical request or answer, as in `tools[0].inputSchema.properties.when`. */
  readonly path?: string;
  /** What happened and what was done instead, in one sentence. */
  readonly detail: string;
  readonly value?: JsonValue;
  /** Of a `fallback`: what was tried. */
  readonly attempt?: FailedAttempt;
}
