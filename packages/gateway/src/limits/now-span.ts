/** What is under way, and nothing else: it comes back when a call ends, never by time. */
import { addCell, type Span } from "./tally.ts";

/** A concurrency near its limit swings around it: once a minute is enough. Milliseconds. */
const WARNING_MS = 60_000;

export const nowSpan: Span = {
  turn() {},
  open: (tally) => tally.cells[0] ?? addCell(tally, 0),
  leavesInMs: () => undefined,
  since: () => undefined,
  restore() {},
  resetsAt: () => undefined,
  warningMs: () => WARNING_MS,
};
