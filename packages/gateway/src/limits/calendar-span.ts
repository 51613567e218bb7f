/**
 * A window that begins anew with each period of a calendar. What was reserved in a period is settled in it, though the call
 * ends in the next.
 *
 * It goes by the machine's clock, which may jump. Forward over a border is a new period: it cannot be told from a machine
 * that has slept. Back over a border frees nothing: the earlier period goes on with what was counted in it, and with what
 * was counted since; what the clock had dated in the very next period counts there as well, once that begins.
 */
import type { Calendar } from "./calendar.ts";
import type { Moment } from "./meter-clock.ts";
import { addCell, type Cell, dropCell, reviveCell, type Span, type Tally, writeCell } from "./tally.ts";

export function createCalendarSpan(calendar: Calendar): Span {
  const leftMs = ({ wall }: Moment): number => calendar.periodAt(wall).end - wall;

  function turn(tally: Tally, { wall }: Moment): void {
    const { start, end } = calendar.periodAt(wall);
    if (tally.periodStart === start) return;
    if (tally.periodStart < start) goForward(tally, start);
    else goBack(tally, start, end);
    tally.periodStart = start;
  }

  function open(tally: Tally, { wall }: Moment): Cell {
    const { start } = calendar.periodAt(wall);
    return tally.cells.find((cell) => cell.start === start) ?? addCell(tally, start);
  }

  return {
    turn,
    open,
    leavesInMs(tally, units, at, spentOnly = false) {
      const counted = spentOnly ? tally.spent : tally.spent + tally.reserved;
      return counted < units ? undefined : leftMs(at);
    },
    since: ({ wall }) => calendar.periodAt(wall).start,
    restore(tally, { amount }, at) {
      turn(tally, at);
      if (amount > 0) writeCell(tally, open(tally, at), amount, 0);
    },
    resetsAt: (_tally, { wall }) => calendar.periodAt(wall).end,
    warningMs: leftMs,
  };
}

function goForward(tally: Tally, start: number): void {
  const left = tally.cells.filter((cell) => cell.start < start);
  if (left.length === 0) return;
  const stay = tally.cells.filter((cell) => cell.start >= start);
  tally.cells.splice(0, tally.cells.length, ...stay);
  for (const cell of left) dropCell(tally, cell);
  const latest = Math.max(...left.map((cell) => cell.start));
  tally.previous = left.filter((cell) => cell.start === latest);
}

function goBack(tally: Tally, start: number, end: number): void {
  const { previous } = tally;
  tally.previous = previous.filter((cell) => cell.start < start);
  for (const cell of previous) if (cell.start >= start) reviveCell(tally, cell);
  for (const cell of tally.cells) if (cell.start > end) cell.start = start;
}
