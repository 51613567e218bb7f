/**
 * How much of a rule's amount this process may give out for one counter. On one node that is all of it. Nodes that share
 * limits hold a slice each, and come by more of it in the background: the meter asks for more, goes on with other calls, and
 * is told when there is an answer. Nothing here waits.
 */
import type { Dimension, LimitWindow } from "../configuration.ts";

export interface Allowance {
  /**
   * Units that may be spent and reserved here, within the window. Never more than what the rule allows in all, taken over
   * all nodes. It may rise and fall at any time; where it falls below what is in use, nothing more is given out.
   */
  readonly units: number;
  /** Units in use at others that share the limit, as last told: for warnings and figures. Absent: nobody shares it. */
  readonly elsewhere?: number;
  /**
   * Asks for so many units in all. True: they may be had, and `changed` will be called, granted or not. False: they are not
   * to be had. Absent: what there is is all.
   */
  request?(units: number): boolean;
  /** What is in use has changed: the time to renew a slice before it is used up, or to give some of it back. Must be cheap. */
  used?(units: number): void;
  /** The counter is forgotten, or the rule is gone. */
  release?(): void;
}

/** Which counter an allowance is for. */
export interface AllowanceOf {
  readonly rule: string;
  /** What the rule counts, whatever its name and amount: equal where counts go on when the configuration changes. */
  readonly identity: string;
  readonly window: LimitWindow;
  /** Whether the rule is a budget, which says "used up", or a rate, which says "wait". */
  readonly isBudget: boolean;
  readonly subject: Readonly<Partial<Record<Dimension, string>>>;
  /** Units of the rule's amount, now: it may be configured anew. */
  readonly amountUnits: () => number;
  /** Units in use within the window as it is now. */
  readonly inUseUnits: () => number;
  /** To be called when `units` has changed, or a request was answered. */
  readonly changed: () => void;
}

export interface AllowanceSource {
  (of: AllowanceOf): Allowance;
  /** Told once who knows what was used of counters that an earlier process of this node has left, and that none of this one has asked for. */
  takeUp?(find: FindLeft): void;
}

/** A counter of an earlier process, by all that `AllowanceOf` says of whose it is. */
export type LeftCounter = Pick<AllowanceOf, "rule" | "identity" | "subject">;

/** What is in use of it, as the ledger has it. Undefined for one that an earlier program counted otherwise. */
export type FindLeft = (left: LeftCounter) => Pick<AllowanceOf, "window" | "isBudget" | "inUseUnits"> | undefined;

/** All of it: one node, which shares with nobody. */
export function localAllowance(units: number): Allowance {
  return { units };
}
