/** Laws 1 and 3 on the wire itself: written, cut into bytes, read again, and cut short at every place. */
import type { Completion } from "../../completion.ts";
import { type Dialect, type Framing, type WireEvent, wireBytes } from "../../dialect.ts";
import type { StreamEvent } from "../../stream.ts";
import { streamFromCompletion } from "../../stream-from-completion.ts";
import { createDecoder } from "../../transport/decoders.ts";
import { checkStream, compareCompletions, foldEvents } from "../laws.ts";
import type { ConformanceCase, DialectSubject } from "./conformance-case.ts";
import { expectNone, expectTrue } from "./expect.ts";
import { clientOf, expectCovered, withoutOrigin } from "./round-trip-cases.ts";
import { SAMPLE_COMPLETIONS } from "./samples.ts";

const CONTEXT = { provider: "sample", model: "sample-model" };

export function wireStreamCases({ dialect }: DialectSubject): readonly ConformanceCase[] {
  return Object.entries(SAMPLE_COMPLETIONS).flatMap(([name, sample]) => [
    { name: `stream round trip: ${name}`, run: async () => expectStreamRoundTrip(dialect, sample) },
    { name: `a stream cut short is never a success: ${name}`, run: async () => expectNoTruncatedSuccess(dialect, sample) },
    {
      name: `a malformed event ends the stream with an error: ${name}`,
      run: async () => expectMalformedIsError(dialect, sample),
    },
  ]);
}

function expectStreamRoundTrip(dialect: Dialect, sample: Completion): void {
  const renderer = dialect.renderStream(clientOf(dialect, true));
  const framing = framingOf(renderer.contentType, dialect);
  const bytes = wireBytes(
    framing,
    streamFromCompletion(sample)
      .map((event) => renderer.push(event))
      .join(""),
  );
  const events = parseAll(dialect, wireEvents(bytes, framing));
  expectNone(checkStream(events), "the stream");
  const folded = foldEvents(events);
  expectTrue(events.at(-1)?.type === "finish", `the stream ended with ${JSON.stringify(events.at(-1))}`);
  expectCovered(compareCompletions(withoutOrigin(sample), withoutOrigin(folded)), [...renderer.warnings, ...folded.warnings]);
}

/** Every beginning of the stream is either an error or, where only the goodbye is missing, the whole answer. */
function expectNoTruncatedSuccess(dialect: Dialect, sample: Completion): void {
  const wire = rendered(dialect, sample);
  const whole = foldEvents(parseAll(dialect, wire));
  for (let kept = 0; kept < wire.length; kept++) {
    const events = parseAll(dialect, wire.slice(0, kept));
    expectNone(checkStream(events), `the stream cut after ${kept} of ${wire.length} events`);
    if (events.at(-1)?.type === "error") continue;
    const { usage: _usage, ...partial } = foldEvents(events);
    expectNone(
      compareCompletions({ ...whole, usage: {} }, { ...partial, usage: {} }),
      `cut after ${kept} of ${wire.length} events it still succeeded`,
    );
  }
}

function expectMalformedIsError(dialect: Dialect, sample: Completion): void {
  const wire = rendered(dialect, sample);
  const [first] = wire;
  expectTrue(first !== undefined, "the stream has no event");
  const broken: WireEvent[] = [first, { ...first, data: '{"broken": ' }, ...wire.slice(1)];
  const events = parseAll(dialect, broken);
  expectNone(checkStream(events), "the broken stream");
  const last = events.at(-1);
  expectTrue(last?.type === "error" && last.error.code === "invalid_response", `it ended with ${JSON.stringify(last)}`);
}

function rendered(dialect: Dialect, sample: Completion): readonly WireEvent[] {
  const renderer = dialect.renderStream(clientOf(dialect, true));
  const framing = framingOf(renderer.contentType, dialect);
  const bytes = wireBytes(
    framing,
    streamFromCompletion(sample)
      .map((event) => renderer.push(event))
      .join(""),
  );
  return wireEvents(bytes, framing);
}

function framingOf(contentType: string, dialect: Dialect): Framing {
  return contentType.startsWith("application/json") ? "json-array" : dialect.framing;
}

/** In pieces of seven bytes, so that characters are cut. */
function wireEvents(bytes: Uint8Array, framing: Framing): readonly WireEvent[] {
  const decoder = createDecoder(framing);
  const events: WireEvent[] = [];
  for (let from = 0; from < bytes.length; from += 7) decoder.push(bytes.subarray(from, from + 7), events);
  decoder.end(events);
  return events;
}

function parseAll(dialect: Dialect, wire: readonly WireEvent[]): readonly StreamEvent[] {
  const parser = dialect.parseStream(CONTEXT);
  const events: StreamEvent[] = [];
  for (const event of wire) parser.push(event, events);
  parser.end(events);
  return events;
}
