/** How far a batch is, in one line that fits: a bar where there is room for one. */
import { displayWidth } from "../display-width.ts";

export interface Progress {
  /** What it is doing, as `running`. */
  readonly word: string;
  readonly total?: number;
  readonly succeeded?: number;
  readonly failed?: number;
}

const BAR_MIN = 8;
const BAR_MAX = 30;

export function progressLine({ word, total, succeeded = 0, failed = 0 }: Progress, columns: number): string {
  if (total === undefined || total === 0) return word;
  const done = succeeded + failed;
  const text = `${word} · ${done} of ${total}${failed === 0 ? "" : `, ${failed} failed`}`;
  const room = Math.min(BAR_MAX, columns - displayWidth(text) - " [] ".length);
  return room < BAR_MIN ? text : `[${bar(done / total, room)}] ${text}`;
}

function bar(part: number, width: number): string {
  const full = Math.min(width, Math.floor(part * width));
  return "#".repeat(full) + "-".repeat(width - full);
}
