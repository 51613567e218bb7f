/** Says when a limit is nearly used up: once for each threshold in each window. */
import type { Counter, Subject } from "./counter.ts";
import type { Moment } from "./meter-clock.ts";
import { describeUnits } from "./metric-units.ts";
import { describe } from "./refusal.ts";

/** What an operator should know of a limit. */
export interface LimitWarning {
  readonly type: "threshold" | "unknown-price";
  readonly rule: string;
  readonly subject: Subject;
  /** Of the amount, in use or set aside. Absent for an unknown price. */
  readonly share?: number;
  readonly message: string;
}

export interface ThresholdWarnings {
  /** Undefined: no threshold was crossed, or that was said before. After `turn`. */
  check(counter: Counter, at: Moment): string | undefined;
  /** A call that a budget lets through though it cannot count it. Told once in each window, and returned each time. */
  unpriced(counter: Counter, at: Moment): string;
}

/** Beside the thresholds, which are numbered from 0. */
const UNPRICED = 0;
const FIRST_THRESHOLD = 1;

/** `onWarning` gets each warning; what it throws is its own affair. */
export function createThresholdWarnings(onWarning: (warning: LimitWarning) => void): ThresholdWarnings {
  function tell(warning: LimitWarning): void {
    try {
      onWarning(warning);
    } catch {
      // A call must not fail, nor lose its reservation, for the sake of one who listens.
    }
  }

  function isDue(counter: Counter, place: number, at: Moment): boolean {
    counter.warnedUntil ??= [];
    if ((counter.warnedUntil[place] ?? Number.NEGATIVE_INFINITY) > at.now) return false;
    counter.warnedUntil[place] = at.now + counter.rule.span.warningMs(at);
    return true;
  }

  return {
    check(counter, at) {
      const { rule, tally, subject, allowance } = counter;
      const inUse = tally.spent + tally.reserved + (allowance.elsewhere ?? 0);
      const [lowest] = rule.warnAtUnits;
      if (lowest === undefined || inUse < lowest) return undefined;
      const crossed = rule.warnAtUnits.findLastIndex((units) => inUse >= units);
      // A higher one says the lower ones as well.
      let isNew = false;
      for (let place = 0; place <= crossed; place += 1) isNew = isDue(counter, FIRST_THRESHOLD + place, at) || isNew;
      if (!isNew) return undefined;
      const share = inUse / rule.units;
      const { metric, name } = rule.rule;
      const message = `${describe(counter)} is used to ${Math.floor(share * 100)} %: ${describeUnits(metric, inUse)}`;
      tell({ type: "threshold", rule: name, subject, share, message });
      return message;
    },
    unpriced(counter, at) {
      const message = `the price of this call is unknown: ${describe(counter)} does not count it`;
      const { rule, subject } = counter;
      if (isDue(counter, UNPRICED, at)) tell({ type: "unknown-price", rule: rule.rule.name, subject, message });
      return message;
    },
  };
}
