/**
 * Streams over the size limit of a line, an event and a body: each must end in one error, and hold no more than the limit.
 * They are made as they are read, a mebibyte at a time.
 */
import { createAnswerReader } from "../../answer-reader.ts";
import type { Dialect } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { StreamEvent } from "../../stream.ts";
import { EVENT_BYTES_MAX } from "../../transport/transport-limits.ts";
import type { Violation } from "./fuzz-case.ts";
import { FUZZ_CONTEXT, thrown } from "./read-stream-case.ts";

const MEBIBYTE = 1024 * 1024;

interface Giant {
  readonly name: string;
  readonly beginning: string;
  /** Comes again and again. */
  readonly filler: string;
}

const GIANTS: readonly Giant[] = [
  { name: "a line without an end", beginning: 'data: {"text":"', filler: "x" },
  { name: "an event of ever more lines", beginning: "", filler: `data: ${"x".repeat(1017)}\n` },
  { name: "one JSON object without an end", beginning: '{"text":"', filler: "x" },
  { name: "an array element without an end", beginning: '[{"text":"', filler: "x" },
];

/** One entry for each giant, undefined where all is well. */
export function giantStreamViolations(dialect: Dialect): readonly (Violation | undefined)[] {
  return GIANTS.map((giant) => giantViolation(dialect, giant));
}

function giantViolation(dialect: Dialect, { name, beginning, filler }: Giant): Violation | undefined {
  const encoder = new TextEncoder();
  const piece = encoder.encode(filler.repeat(MEBIBYTE / filler.length));
  const events: StreamEvent[] = [];
  try {
    const reader = createAnswerReader(dialect, FUZZ_CONTEXT);
    if (beginning !== "") reader.push(encoder.encode(beginning), events);
    for (let pushed = 0; pushed <= EVENT_BYTES_MAX + 2 * MEBIBYTE; pushed += piece.length) {
      reader.push(piece, events);
      if (events.at(-1)?.type === "error") return undefined;
    }
    return { law: "size limit", detail: `${name}: over ${EVENT_BYTES_MAX} bytes were taken without an error` };
  } catch (error) {
    if (DragomanError.is(error)) return undefined;
    return thrown(`reading ${name}`, error);
  }
}
