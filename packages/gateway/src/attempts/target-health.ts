/** The contract of circuit breakers: which targets are left alone for a while. Its laws are `test/attempts/`. */
import type { DragomanError } from "@dragoman/llm";

export interface TargetHealth {
  /**
   * Whether a target may be asked now. `probe`: this call, and no other at the same time, finds out whether it has recovered; its outcome must be
   * told. `open`: not before `until`, milliseconds since 1970.
   */
  admit(target: string): Admission | LeftAlone;
  /** Why a target is not to be asked now; undefined where it may be, a probe that is due included. Takes no probe: for whoever puts targets in order. */
  leftAlone(target: string): string | undefined;
  /**
   * What became of a call that was admitted. Undefined: it was answered. An `aborted` or a caller's mistake counts for nothing. Of a target
   * that is open, only the probe has a say: calls that began before know nothing new.
   */
  record(target: string, failure: DragomanError | undefined, admission: Admission): void;
  /** Begins anew with all targets of a provider, as when its key or its address is another. */
  forget(provider: string): void;
  /** How each target stands that was ever asked. */
  view(): readonly TargetView[];
}

/** A target that is not to be asked now. */
export interface LeftAlone {
  readonly state: "open";
  readonly until: number;
  readonly reason: string;
  /** The vendor asked for it: whoever is turned away is told so, and not that the vendor is broken. */
  readonly isRateLimited: boolean;
}

export interface Admission {
  readonly state: "closed" | "probe";
}

export interface TargetView {
  readonly target: string;
  readonly state: "closed" | "half-open" | "open";
  /** Within the window. */
  readonly calls: number;
  readonly failures: number;
  readonly lastFailure?: { readonly at: number; readonly code: string; readonly detail: string };
  readonly openUntil?: number;
}
