/** One count of one rule: for all calls, or for one key, one team, one session. */
import type { Dimension } from "../configuration.ts";
import type { Allowance } from "./allowance.ts";
import type { FairLine } from "./fair-line.ts";
import type { Moment } from "./meter-clock.ts";
import type { MeteredRule } from "./metered-rule.ts";
import type { Tally } from "./tally.ts";
import type { Waiter } from "./waiting-room.ts";

export type Subject = Readonly<Partial<Record<Dimension, string>>>;

export interface Counter {
  /** Another one after the configuration has changed. */
  rule: MeteredRule;
  /** Within the rule. */
  readonly key: string;
  readonly subject: Subject;
  readonly tally: Tally;
  /** Where its room is from. */
  allowance: Allowance;
  /** Reservations and waiting calls that refer to it. While there are any, it is not forgotten. */
  pins: number;
  /** Whether it was asked since it was last looked at for forgetting. */
  touched: boolean;
  /** When it was asked last. What is asked at the same moment is for the same call. */
  askedAt: Moment;
  /** Until when no more warnings are given, by the place of the threshold in the rule. On the clock that never goes back. */
  warnedUntil: number[] | undefined;
  /** Who waits for room here. */
  line: FairLine<Waiter> | undefined;
  /** Calls off the next look at the line. */
  cancelWake: (() => void) | undefined;
}

/** Units that may still be taken. After `turn`. Below nothing where more was used than reserved. */
export function roomOf({ allowance, tally }: Counter): number {
  return allowance.units - tally.spent - tally.reserved;
}

/** Nothing counted and nothing expected: it may be forgotten without loss. After `turn`. */
export function isEmpty({ tally, pins }: Counter): boolean {
  return tally.spent === 0 && tally.reserved === 0 && pins === 0;
}
