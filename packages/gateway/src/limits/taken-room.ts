/** Room that one call has taken, from then until it is settled. A class, for there is one of it for each call and attempt. */
import { DragomanError } from "@dragoman/llm";
import type { Amounts } from "../ledger/call-record.ts";
import { growthOf } from "./admission.ts";
import { type Claim, growAll, learnHold, settleAll } from "./claim.ts";
import type { Counter } from "./counter.ts";
import type { Reservation } from "./meter.ts";
import type { Moment } from "./meter-clock.ts";
import type { ThresholdWarnings } from "./threshold-warnings.ts";

/** What a reservation knows of the meter that gave it. */
export interface Surroundings {
  readonly moment: () => Moment;
  readonly warnings: ThresholdWarnings;
  /** More may be taken of a counter than before. */
  readonly onRoom: (counter: Counter) => void;
}

export class TakenRoom implements Reservation {
  readonly warnings: string[] = [];
  private readonly claims: readonly Claim[];
  private readonly around: Surroundings;
  private readonly takenAt: number;
  private isSettled = false;

  constructor(claims: readonly Claim[], around: Surroundings, at: Moment) {
    this.claims = claims;
    this.around = around;
    this.takenAt = at.now;
    this.warn(at);
  }

  get rules(): readonly string[] {
    return this.claims.map(({ counter }) => counter.rule.rule.name);
  }

  grow(amounts: Amounts): void {
    if (this.isSettled) {
      throw new DragomanError({ code: "internal", detail: "a reservation was to grow after it had been settled" });
    }
    const at = this.around.moment();
    growAll(growthOf(this.claims, amounts), at);
    this.warn(at);
  }

  settle(used: Amounts): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const at = this.around.moment();
    settleAll(this.claims, used);
    for (const { counter } of this.claims) {
      learnHold(counter.rule, at.now - this.takenAt);
      counter.rule.span.turn(counter.tally, at);
    }
    this.warn(at);
    for (const { counter } of this.claims) {
      if (counter.line !== undefined && counter.line.length > 0) this.around.onRoom(counter);
    }
  }

  private warn(at: Moment): void {
    for (const { counter } of this.claims) {
      if (counter.rule.warnAtUnits.length === 0) continue;
      const note = this.around.warnings.check(counter, at);
      if (note !== undefined) this.warnings.push(note);
    }
  }
}
