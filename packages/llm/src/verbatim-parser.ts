/** A parser whose events carry what the vendor wrote: the text of a wire event goes with the first event that was read of it. */
import type { Dialect, StreamParser, WireEvent } from "./dialect.ts";
import type { WireRequest } from "./request.ts";
import type { StreamEvent } from "./stream.ts";
import { withWireText } from "./wire-text.ts";

export function verbatimParser(parser: StreamParser, { id, passThrough }: Dialect, passed: WireRequest): StreamParser {
  /** What of the wire came to no event yet. */
  let waiting = "";

  function mark(out: StreamEvent[], from: number): void {
    const first = out[from];
    if (first === undefined) return;
    // What failed is not passed on, be it no event that a client can read or the vendor's own words: the error is ours to tell.
    if (out.at(-1)?.type === "error") {
      waiting = "";
      return;
    }
    out[from] = withWireText(first, { dialect: id, text: waiting });
    waiting = "";
  }

  return {
    push(event, out) {
      const from = out.length;
      parser.push(event, out);
      if (passThrough?.withholds?.(event, passed) !== true) waiting += textOf(event);
      mark(out, from);
    },
    end(out) {
      const from = out.length;
      parser.end(out);
      waiting += passThrough?.endMark ?? "";
      mark(out, from);
    },
    ...(parser.resume === undefined ? {} : { resume: () => parser.resume?.() }),
  };
}

/** A server-sent event, as it is written. */
function textOf({ event, data }: WireEvent): string {
  const lines = data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data;
  return event === undefined ? `data: ${lines}\n\n` : `event: ${event}\ndata: ${lines}\n\n`;
}
