/**
 * Tells how far a batch is: a line that is written over on a terminal; elsewhere a line for each change of what it is doing,
 * so that a log stays short.
 */
import { printable } from "../printable.ts";
import { createStatusLine } from "../status-line.ts";
import { type Progress, progressLine } from "./progress-line.ts";

export interface ProgressNotes {
  show(progress: Progress): void;
  /** A line of its own, which stays. */
  note(text: string): void;
  clear(): void;
}

export function createProgressNotes(stream: NodeJS.WriteStream = process.stderr): ProgressNotes {
  const status = createStatusLine(stream);
  const isTerminal = stream.isTTY === true && process.env.TERM !== "dumb";
  let told = "";
  return {
    show(progress) {
      const line = progressLine(progress, (stream.columns || 80) - 1);
      if (isTerminal) status.show(line);
      else if (progress.word !== told) stream.write(`${printable(progressLine(progress, 0))}\n`);
      told = progress.word;
    },
    note(text) {
      status.clear();
      stream.write(`${printable(text)}\n`);
    },
    clear: () => status.clear(),
  };
}
