/** Bytes to events as `stream-answer.ts` does it: a reader that throws ends the stream with its error. */
import { createAnswerReader } from "../../answer-reader.ts";
import type { Dialect } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { createFold } from "../../fold.ts";
import { isTerminal, type StreamEvent } from "../../stream.ts";
import type { Violation } from "./fuzz-case.ts";

export const FUZZ_CONTEXT = { provider: "fuzz", model: "fuzz-model" };

export interface StreamReading {
  readonly events: readonly StreamEvent[];
  readonly violation?: Violation;
  /** The framing could not be read on: what stood before the place in the same piece of bytes may be lost. */
  readonly brokenOff?: true;
}

/** Reading stops at the step limit, which is in proportion to the bytes: it is work that counts, not time. */
export function readStreamCase(dialect: Dialect, bytes: Uint8Array, pieces: readonly number[]): StreamReading {
  const events: StreamEvent[] = [];
  const eventsMax = bytes.length * 2 + 64;
  try {
    const reader = createAnswerReader(dialect, FUZZ_CONTEXT);
    let offset = 0;
    for (const size of [...pieces, bytes.length]) {
      if (offset >= bytes.length) break;
      reader.push(bytes.subarray(offset, offset + size), events);
      offset += size;
      if (events.length > eventsMax) return { events, violation: flood(events.length, bytes.length) };
    }
    reader.end(events);
  } catch (error) {
    if (!DragomanError.is(error)) return { events, violation: thrown("reading the stream", error) };
    // The provider has closed the connection by then.
    if (!events.some(isTerminal)) events.push(...endsOf(events), { type: "error", error });
    return { events, brokenOff: true };
  }
  return events.length > eventsMax ? { events, violation: flood(events.length, bytes.length) } : { events };
}

export function thrown(doing: string, error: unknown): Violation {
  const name = error instanceof Error ? error.name : typeof error;
  const place = error instanceof Error ? (/at .*?([\w.-]+\.ts:\d+)/.exec(error.stack ?? "")?.[1] ?? "") : "";
  return { law: `${name} at ${place}`, detail: `${doing} threw ${String(error)} at ${place}` };
}

function endsOf(events: readonly StreamEvent[]): readonly StreamEvent[] {
  const folded = createFold();
  for (const event of events) folded.push(event);
  return folded.endsOfOpenParts();
}

function flood(events: number, bytes: number): Violation {
  return { law: "flood", detail: `${bytes} bytes became ${events} events` };
}
