/** A stream as the codec inside reads it, which understands Mistral's chunks; only names are changed. */
import type { StreamParser, WireEvent } from "../../dialect.ts";
import type { StreamEvent } from "../../stream.ts";
import { eventOutside } from "./names.ts";

export class MistralStreamParser implements StreamParser {
  readonly #inside: StreamParser;

  constructor(inside: StreamParser) {
    this.#inside = inside;
  }

  push(event: WireEvent, out: StreamEvent[]): void {
    const from = out.length;
    this.#inside.push(event, out);
    rename(out, from);
  }

  end(out: StreamEvent[]): void {
    const from = out.length;
    this.#inside.end(out);
    rename(out, from);
  }
}

function rename(events: StreamEvent[], from: number): void {
  for (let index = from; index < events.length; index++) {
    const event = events[index];
    if (event !== undefined) events[index] = eventOutside(event);
  }
}
