/**
 * Calls that wait for room. A call stands in the line of every counter that it was found short of, and goes in when all that
 * it needs is there at once; it holds nothing meanwhile. In one line nobody who waits for that counter's room is overtaken.
 * One whose turn it is there, yet who is short of something else, is passed over and keeps its place: or one key that has
 * used up its minute would stop everybody.
 */
import { DragomanError } from "@dragoman/llm";
import type { Dimension } from "../configuration.ts";
import { type Entrant, findShortage, type Shortage } from "./admission.ts";
import type { Claim } from "./claim.ts";
import { type Counter, roomOf } from "./counter.ts";
import { createFairLine } from "./fair-line.ts";
import type { MeteredCall, Reservation } from "./meter.ts";
import type { MeterClock, Moment } from "./meter-clock.ts";
import type { MeteredRule } from "./metered-rule.ts";
import { type Refusal, toError } from "./refusal.ts";

export interface Waiter extends Entrant {
  claims: readonly Claim[];
  readonly enteredAt: number;
  /** On the clock that never goes back. */
  deadline: number;
  cancelDeadline: (() => void) | undefined;
  /** What it is short of, for the refusal when the time is over. */
  refusal: Refusal;
  readonly lines: Set<Counter>;
  /** Ends the waiting. */
  readonly admit: (reservation: Reservation) => void;
  readonly refuse: (error: DragomanError) => void;
}

export interface WaitingRoom {
  /** Throws `rate_limited` where a line is full. */
  enter(entrant: Entrant, claims: readonly Claim[], shortage: Shortage, signal: AbortSignal | undefined): Promise<Reservation>;
  /** There may be more room in a counter. */
  serve(counter: Counter): void;
  /** The rules are others: all who wait ask anew, in the order in which they came. */
  restart(claimsOf: (entrant: Entrant, at: Moment) => readonly Claim[]): void;
  close(): void;
}

export interface WaitingRoomOptions {
  readonly clock: MeterClock;
  readonly moment: () => Moment;
  readonly take: (entrant: Entrant, claims: readonly Claim[], at: Moment) => Reservation;
}

/** Calls that wait for more of a shared limit, where the rule itself lets nobody wait. */
const REQUESTS_WAITING_MAX = 1_000;

export function createWaitingRoom({ clock, moment, take }: WaitingRoomOptions): WaitingRoom {
  const waiters = new Set<Waiter>();
  const due = new Set<Counter>();
  let isServing = false;

  function enter(
    entrant: Entrant,
    claims: readonly Claim[],
    shortage: Shortage,
    signal: AbortSignal | undefined,
  ): Promise<Reservation> {
    const full = shortage.claims.find(({ counter }) => (counter.line?.length ?? 0) >= lengthMax(counter.rule));
    if (full !== undefined) throw toError(shortage.refusal, `${full.counter.line?.length ?? 0} calls wait for it already`);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => refuse(waiter, aborted());
      const end = (): void => {
        signal?.removeEventListener("abort", onAbort);
        leave(waiter);
      };
      const waiter: Waiter = {
        ...entrant,
        claims,
        enteredAt: clock.now(),
        deadline: Number.POSITIVE_INFINITY,
        cancelDeadline: undefined,
        refusal: shortage.refusal,
        lines: new Set(),
        admit(reservation) {
          end();
          resolve(reservation);
        },
        refuse(error) {
          end();
          reject(error);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      waiters.add(waiter);
      pin(claims, 1);
      standIn(waiter, shortage);
    });
  }

  /** Puts a waiter into the line of everything that it is short of, and sees to it that its time is limited. */
  function standIn(waiter: Waiter, { claims, patienceMs, refusal }: Shortage): void {
    waiter.refusal = refusal;
    for (const { counter, units } of claims) {
      if (waiter.lines.has(counter)) continue;
      counter.line ??= createFairLine();
      counter.line.join(partyOf(counter.rule, waiter.call), waiter, units);
      waiter.lines.add(counter);
      wakeFor(counter);
    }
    const deadline = clock.now() + patienceMs;
    if (deadline >= waiter.deadline) return;
    waiter.deadline = deadline;
    waiter.cancelDeadline?.();
    waiter.cancelDeadline = clock.after(patienceMs, () => {
      refuse(waiter, toError(waiter.refusal, `it has waited ${Math.round(clock.now() - waiter.enteredAt)} ms`));
    });
  }

  function refuse(waiter: Waiter, error: DragomanError): void {
    const lines = [...waiter.lines];
    waiter.refuse(error);
    // Those behind may need less.
    for (const counter of lines) serve(counter);
  }

  function leave(waiter: Waiter): void {
    waiters.delete(waiter);
    pin(waiter.claims, -1);
    waiter.cancelDeadline?.();
    leaveLines(waiter);
  }

  function leaveLines(waiter: Waiter): void {
    for (const counter of waiter.lines) {
      counter.line?.leave(waiter);
      if (counter.line?.length === 0) stopWaking(counter);
    }
    waiter.lines.clear();
  }

  function serve(counter: Counter): void {
    due.add(counter);
    if (isServing) return;
    isServing = true;
    try {
      for (const one of due) {
        due.delete(one);
        serveLine(one);
      }
    } finally {
      isServing = false;
    }
  }

  function serveLine(counter: Counter): void {
    const { line } = counter;
    if (line === undefined || line.length === 0) return;
    for (let index = 0, place = line.places[0]; place !== undefined; place = line.places[index]) {
      const waiter = place.item;
      const others = [...waiter.lines].filter((one) => one !== counter);
      const shortage = admitOrRefuse(waiter, () => line.serve(place));
      if (shortage === undefined) {
        // It may have been refused, and have stood in the way of others elsewhere.
        for (const other of others) due.add(other);
        continue;
      }
      standIn(waiter, shortage);
      if (shortage.claims.some((claim) => claim.counter === counter)) break;
      index += 1;
    }
    wakeFor(counter);
  }

  /** Undefined: it waits no longer. */
  function admitOrRefuse(waiter: Waiter, onAdmit: () => void): Shortage | undefined {
    const at = moment();
    try {
      const shortage = findShortage(waiter.claims, at, waiter);
      if (shortage !== undefined) return shortage;
      onAdmit();
      waiter.admit(take(waiter, waiter.claims, at));
    } catch (thrown) {
      waiter.refuse(asRefusal(thrown));
    }
    return undefined;
  }

  /** Looks at the line again when time alone may have made room for the first who waits for it. */
  function wakeFor(counter: Counter): void {
    stopWaking(counter);
    const { line, tally, rule } = counter;
    const room = roomOf(counter);
    const first = line?.places.find(({ units }) => units > room);
    if (first === undefined) return;
    const leavesInMs = rule.span.leavesInMs(tally, first.units - room, moment());
    if (leavesInMs !== undefined) counter.cancelWake = clock.after(Math.max(1, leavesInMs), () => serve(counter));
  }

  function stopWaking(counter: Counter): void {
    counter.cancelWake?.();
    counter.cancelWake = undefined;
  }

  function restart(claimsOf: (entrant: Entrant, at: Moment) => readonly Claim[]): void {
    const all = [...waiters];
    for (const waiter of all) leaveLines(waiter);
    for (const waiter of all) {
      const at = moment();
      try {
        const claims = claimsOf(waiter, at);
        pin(waiter.claims, -1);
        pin(claims, 1);
        waiter.claims = claims;
      } catch (thrown) {
        waiter.refuse(asRefusal(thrown));
        continue;
      }
      const shortage = admitOrRefuse(waiter, () => {});
      if (shortage !== undefined) standIn(waiter, shortage);
    }
  }

  function close(): void {
    for (const waiter of [...waiters]) waiter.refuse(closed());
  }

  return { enter, serve, restart, close };
}

/** A counter that is waited for is not to be forgotten. */
function pin(claims: readonly Claim[], by: 1 | -1): void {
  for (const { counter } of claims) counter.pins += by;
}

function lengthMax({ rule: { overflow } }: MeteredRule): number {
  return overflow.type === "queue" ? overflow.lengthMax : REQUESTS_WAITING_MAX;
}

const PARTIES = ["team", "key", "user", "session"] as const satisfies readonly Dimension[];

/** Who takes turns with others in a line: the widest that the rule does not hold fast itself. */
function partyOf({ rule: { of, each } }: MeteredRule, call: MeteredCall): string {
  for (const dimension of PARTIES) {
    const value = call[dimension];
    const isFixed = each.includes(dimension) || of[dimension]?.length === 1;
    if (value !== undefined && !isFixed) return `${dimension}:${value}`;
  }
  return "";
}

function asRefusal(thrown: unknown): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  const detail = `room could not be looked for: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return new DragomanError({ code: "internal", detail, cause: thrown });
}

export function aborted(): DragomanError {
  return new DragomanError({ code: "aborted", detail: "the call was aborted before it was sent" });
}

export function closed(): DragomanError {
  return new DragomanError({ code: "provider_unavailable", detail: "the gateway is closing, and lets no more calls in" });
}
