/**
 * What is counted within one window. A window is made of cells: each is opened at a moment, takes what is reserved from then
 * on, and leaves as a whole. A reservation keeps its cell: what it is settled at is written where it was reserved, so a call
 * counts at the moment when it was let in, in a limit as in the ledger.
 */
import type { UsedAmount } from "../ledger/ledger.ts";
import type { Moment } from "./meter-clock.ts";

export interface Cell {
  /** On the clock by which the window goes. */
  start: number;
  spent: number;
  reserved: number;
  /** Whether it is still within the window: then its figures are part of the tally's. */
  live: boolean;
}

export interface Tally {
  /** Those within the window, oldest first. */
  readonly cells: Cell[];
  spent: number;
  reserved: number;
  /** Of calendars: the period that is now, and the cells of the one before. */
  periodStart: number;
  previous: readonly Cell[];
}

/** How one kind of window goes by. Holds no counts: many tallies share one. */
export interface Span {
  /** Lets go of what has left. To be called before a tally is read or written. */
  turn(tally: Tally, at: Moment): void;
  /** Where what is taken now is written. */
  open(tally: Tally, at: Moment): Cell;
  /**
   * How long until time alone has let so many units leave, at most. Milliseconds. Undefined: never. `spentOnly` leaves out what
   * is reserved: the soonest, should all calls under way give everything back.
   */
  leavesInMs(tally: Tally, units: number, at: Moment, spentOnly?: boolean): number | undefined;
  /** From when on usage counts. Milliseconds since 1970. Undefined: nothing of the past does. */
  since(at: Moment): number | undefined;
  /** Writes what was used before this process counted. Amounts are units. */
  restore(tally: Tally, used: UsedAmount, at: Moment): void;
  /** When everything will have left. Milliseconds since 1970; undefined: when the calls under way end. */
  resetsAt(tally: Tally, at: Moment): number | undefined;
  /** How long a warning that was given now holds. Milliseconds. */
  warningMs(at: Moment): number;
}

const NONE: readonly Cell[] = [];

export function createTally(): Tally {
  return { cells: [], spent: 0, reserved: 0, periodStart: Number.NEGATIVE_INFINITY, previous: NONE };
}

/** A cell of its own at the end of the window. */
export function addCell(tally: Tally, start: number): Cell {
  const cell: Cell = { start, spent: 0, reserved: 0, live: true };
  tally.cells.push(cell);
  return cell;
}

/** Takes a cell's figures out of the tally. It stays with the reservations that were written there. */
export function dropCell(tally: Tally, cell: Cell): void {
  cell.live = false;
  tally.spent -= cell.spent;
  tally.reserved -= cell.reserved;
}

/** Puts a cell back that had left. */
export function reviveCell(tally: Tally, cell: Cell): void {
  cell.live = true;
  tally.cells.unshift(cell);
  tally.spent += cell.spent;
  tally.reserved += cell.reserved;
}

/** Puts figures into a cell, and into the tally while the cell is within it. Both may be negative. */
export function writeCell(tally: Tally, cell: Cell, spent: number, reserved: number): void {
  cell.spent += spent;
  cell.reserved += reserved;
  if (!cell.live) return;
  tally.spent += spent;
  tally.reserved += reserved;
}
