/**
 * What one node holds of one shared limit. Between two answers of the store it spends what it holds, and says what it wants; it never
 * counts on more than it was given, and what it is about to give back it no longer spends.
 */
import type { Allowance, AllowanceOf } from "../../limits/allowance.ts";
import type { CounterName } from "./counter-name.ts";
import type { LeaseAnswer, LeaseAsked } from "./lease-store.ts";
import { createSlice, sliceMax } from "./slice-size.ts";

/** What a lease needs to know of its node. */
export interface LeaseRound {
  /** Milliseconds that never go back. */
  now(): number;
  /** Nodes that live, this one included. */
  readonly nodes: number;
  /** The store cannot be reached: there is nothing to be had. */
  readonly isCutOff: boolean;
  /** This lease has something to say. `isUrgent`: a call waits for it. */
  ask(lease: LeasedAllowance, isUrgent: boolean): void;
  /** The counter is forgotten. */
  forget(lease: LeasedAllowance): void;
}

/** How long a refusal holds, so that a limit that is used up is not asked for at each call. Milliseconds. */
const REFUSAL_MS = 250;
/** Rounds without a call after which everything that is spare is given back: a minute of a lease of ten seconds. */
const ROUNDS_IDLE = 18;
/** More is asked for when less than this part of what was spared is left. */
const LOW_WATER_SHARE = 2;

/** A class, for there may be fifty thousand of it. */
export class LeasedAllowance implements Allowance {
  readonly counter: string;
  readonly label: string;
  /** Until the store has it. */
  private name: string | undefined;
  private readonly of: AllowanceOf;
  private readonly round: LeaseRound;
  private readonly leavesInMs: () => number;
  private readonly slice = createSlice();
  private held = 0;
  private inUse = 0;
  private othersUse = 0;
  private free = Number.POSITIVE_INFINITY;
  /** What was last said to be in use, and held. */
  private told: { readonly used: number; readonly units: number } = { used: 0, units: 0 };
  /** Units of the largest call that waits, and of all that do. */
  private waitingLargest = 0;
  private waitingAll = 0;
  /** The largest call of late, and how much was in use at most since the last round. */
  private callLargest = 1;
  private peak = 0;
  private inUseAtRound = 0;
  /** More is asked for when less than this is left. */
  private lowWater = 0;
  private roundsIdle = 0;
  private isTouched = false;
  /** No more is to be had now: it is asked for again when a call needs it, not before. */
  private isDry = false;
  private refusedAt = Number.NEGATIVE_INFINITY;
  private isReleased = false;

  constructor(of: AllowanceOf, round: LeaseRound, { counter, name }: CounterName, leavesInMs: () => number) {
    this.of = of;
    this.name = name;
    this.round = round;
    this.counter = counter;
    this.leavesInMs = leavesInMs;
    this.label = labelOf(of);
  }

  get units(): number {
    const amount = this.of.amountUnits();
    if (!this.round.isCutOff || this.of.isBudget) return Math.min(this.held, amount);
    // A rate goes on with its share while nobody can be asked; money does not.
    return Math.min(amount, Math.max(this.held, Math.floor(amount / this.round.nodes)));
  }

  get elsewhere(): number {
    return this.othersUse;
  }

  request(units: number): boolean {
    if (this.isReleased || this.round.isCutOff || units > this.of.amountUnits()) return false;
    if (this.round.now() - this.refusedAt < REFUSAL_MS) return false;
    const call = Math.max(1, units - this.of.inUseUnits());
    this.waitingLargest = Math.max(this.waitingLargest, call);
    this.waitingAll += call;
    this.callLargest = Math.max(this.callLargest, call);
    this.slice.ranLow(call);
    this.round.ask(this, true);
    return true;
  }

  used(units: number): void {
    if (units > this.inUse) this.callLargest = Math.max(this.callLargest, units - this.inUse);
    this.inUse = units;
    this.isTouched = true;
    if (units > this.peak) this.peak = units;
    if (this.isDry || this.held - units >= this.lowWater) return;
    this.isDry = true;
    this.slice.ranLow(this.callLargest);
    this.round.ask(this, false);
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.round.forget(this);
  }

  /** A round of renewals begins: looks at what was used, and asks where there is something to say. */
  endRound(): void {
    // What is given back while nobody hears of it is lost to all.
    if (this.round.isCutOff) return;
    this.inUse = this.of.inUseUnits();
    if (this.isTouched) {
      this.roundsIdle = 0;
      this.slice.roundEnded(Math.max(0, this.peak - this.inUseAtRound), this.callLargest);
    } else {
      this.roundsIdle += 1;
      if (this.roundsIdle >= ROUNDS_IDLE) this.slice.rest();
      else this.slice.roundEnded(0, this.callLargest);
    }
    this.isTouched = false;
    this.isDry = false;
    this.peak = this.inUse;
    this.inUseAtRound = this.inUse;
    if (this.inUse !== this.told.used || this.wanted(this.inUse) < this.held) this.round.ask(this, false);
  }

  /** Nothing is in use or held: there is nothing to renew. What is in use was perhaps never told: it may be from before this process. */
  get isEmpty(): boolean {
    return this.held === 0 && this.told.used === 0 && this.of.inUseUnits() === 0;
  }

  /** What is to be said now. From here on what is given back is no longer spent. */
  say(): LeaseAsked {
    const used = this.of.inUseUnits();
    const demand = used + this.waitingAll;
    const wanted = this.isReleased ? used : Math.max(this.wanted(demand), this.round.isCutOff ? this.held : 0);
    const asked: LeaseAsked = {
      counter: this.counter,
      label: this.label,
      name: this.name,
      amount: this.of.amountUnits(),
      used,
      need: used + this.waitingLargest,
      demand,
      wanted,
      leavesInMs: this.leavesInMs(),
      released: this.isReleased,
    };
    this.inUse = used;
    this.held = Math.min(this.held, wanted);
    this.waitingLargest = 0;
    this.waitingAll = 0;
    return asked;
  }

  /** What came of it. */
  hear({ need, used, demand }: LeaseAsked, { units, elsewhere, free }: LeaseAnswer): void {
    this.name = undefined;
    const isRefused = need > used && units < need;
    if (isRefused) this.refusedAt = this.round.now();
    this.told = { used: Math.max(used, Math.min(demand, units)), units };
    this.othersUse = elsewhere;
    this.free = free;
    const grew = units > this.held;
    this.held = units;
    this.lowWater = Math.ceil(Math.max(0, units - demand) / LOW_WATER_SHARE);
    this.isDry = !grew;
    if (need > used || grew) this.of.changed();
  }

  /** What others have in use by now. */
  see(elsewhere: number): void {
    this.othersUse = elsewhere;
  }

  /** The store could not be asked: whoever waits is to look again. */
  fail(): void {
    this.of.changed();
  }

  /** What was held is another's now. */
  lose(): void {
    this.held = 0;
    this.isDry = true;
  }

  /** What is in use and waited for, with what is to be spared. Of a rest that is too small for a call nothing is kept from others. */
  private wanted(demand: number): number {
    const amount = this.of.amountUnits();
    const left = Math.max(0, this.free) + Math.max(0, this.held - this.inUse);
    const share = Math.ceil(left / (this.round.nodes + 1));
    const spared = share < this.callLargest ? 0 : Math.min(share, this.slice.units, sliceMax(amount, this.round.nodes));
    return Math.min(amount, demand + spared);
  }
}

const LABEL_LENGTH_MAX = 200;

function labelOf({ rule, subject }: AllowanceOf): string {
  const whose = Object.entries(subject).map(([dimension, value]) => `${dimension} ${value}`);
  return [rule, ...whose].join(", ").replaceAll("\0", "").slice(0, LABEL_LENGTH_MAX);
}
