/** What the ledger knows of one counter's window, in units: where a counter begins that this process has not seen yet. */
import type { Dimension, LimitRule } from "../configuration.ts";
import type { Ledger, UsedAmount } from "../ledger/ledger.ts";
import type { Subject } from "./counter.ts";
import type { Moment } from "./meter-clock.ts";
import { entriesOf, type MeteredRule } from "./metered-rule.ts";
import { toUnits } from "./metric-units.ts";
import type { Tally } from "./tally.ts";

/** As the ledger's `used`: each slice is dated by when it was used. */
export type RestoreUsed = Ledger["used"];

export function restoreTally(tally: Tally, rule: MeteredRule, subject: Subject, restore: RestoreUsed, at: Moment): void {
  const since = rule.span.since(at);
  if (since === undefined) return;
  const { metric } = rule.rule;
  const used = combinations(rule.rule, subject).map((of) => restore(metric, of, since));
  rule.span.restore(tally, inUnits(rule, used), at);
}

function inUnits({ rule: { metric } }: MeteredRule, used: readonly UsedAmount[]): UsedAmount {
  const slices = used.flatMap((one) => one.slices).map(({ at, amount }) => ({ at, amount: toUnits(metric, amount) }));
  return {
    amount: used.reduce((sum, { amount }) => sum + toUnits(metric, amount), 0),
    slices: slices.toSorted((one, other) => one.at - other.at),
  };
}

/** The ledger is asked for one value of a dimension at a time: every choice of what the rule names and the counter leaves open. */
function combinations({ of }: LimitRule, subject: Subject): readonly Subject[] {
  let all: Partial<Record<Dimension, string>>[] = [{ ...subject }];
  for (const [dimension, values] of entriesOf(of)) {
    if (subject[dimension] !== undefined) continue;
    all = all.flatMap((one) => [...new Set(values)].map((value) => ({ ...one, [dimension]: value })));
  }
  return all;
}
