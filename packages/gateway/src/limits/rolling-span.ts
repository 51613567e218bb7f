/**
 * A window that rolls, in slices. A slice leaves when all of it is older than the window, so no window of that length,
 * wherever it is laid, holds more than the amount; a unit comes back up to one slice, a sixtieth of the window, later than
 * it might.
 *
 * It goes by the clock that never goes back: the machine's clock may jump, and neither frees nor keeps anything. While a machine
 * sleeps that clock may stand still; what was used comes back so much later.
 */
import type { UsedAmount } from "../ledger/ledger.ts";
import type { Moment } from "./meter-clock.ts";
import { addCell, type Cell, dropCell, type Span, type Tally, writeCell } from "./tally.ts";

/** Slices of a window: what a unit may be late by, and how many cells a busy counter holds. */
const SLICES = 60;

export function createRollingSpan(windowMs: number): Span {
  const sliceMs = Math.max(1, windowMs / SLICES);

  const startOf = (now: number): number => Math.floor(now / sliceMs) * sliceMs;
  const leavesAt = (cell: Cell): number => cell.start + sliceMs + windowMs;

  function turn(tally: Tally, { now }: Moment): void {
    const { cells } = tally;
    for (let cell = cells[0]; cell !== undefined && leavesAt(cell) <= now; cell = cells[0]) {
      cells.shift();
      dropCell(tally, cell);
    }
  }

  return {
    turn,
    open(tally, { now }) {
      const start = startOf(now);
      const last = tally.cells.at(-1);
      return last !== undefined && last.start >= start ? last : addCell(tally, start);
    },
    leavesInMs(tally, units, { now }, spentOnly = false) {
      let left = units;
      for (const cell of tally.cells) {
        left -= spentOnly ? cell.spent : cell.spent + cell.reserved;
        if (left <= 0) return Math.max(0, leavesAt(cell) - now);
      }
      return undefined;
    },
    since: ({ wall }) => wall - windowMs - sliceMs,
    restore(tally: Tally, { slices }: UsedAmount, { now, wall }: Moment) {
      for (const slice of slices) {
        // What the machine's clock dates later than now has been used by now.
        const start = startOf(now - Math.max(0, wall - slice.at));
        const last = tally.cells.at(-1);
        const cell = last !== undefined && last.start >= start ? last : addCell(tally, start);
        writeCell(tally, cell, slice.amount, 0);
      }
      turn(tally, { now, wall });
    },
    resetsAt(tally, { now, wall }) {
      const last = tally.cells.at(-1);
      return last === undefined ? wall : wall + leavesAt(last) - now;
    },
    warningMs: () => windowMs,
  };
}
