/**
 * A streamed answer: as it came over the connection, cut into single bytes, rendered for a client and parsed again, and cut
 * short at many places. However it is cut, it folds to the same or ends in an error.
 */
import { type ClientContext, type Dialect, type Framing, type ParseContext, wireBytes } from "../../dialect.ts";
import { isTerminal, type StreamEvent } from "../../stream.ts";
import { createDecoder } from "../../transport/decoders.ts";
import { checkStream as checkStreamLaw, checkUsage, compareCompletions, foldEvents } from "../laws.ts";
import { type AnswerDialects, checkError, mayBeAnError, reportDifferences } from "./check-completion.ts";
import { createRandom, cutIntoChunks, seedOf } from "./chunking.ts";
import { compareAnswer } from "./compare-answer.ts";
import type { StreamFacts } from "./facts.ts";
import { shortened } from "./raw-json.ts";
import { joinUnits, type RecordedFraming, type StreamUnit } from "./raw-stream.ts";
import { createStreamReading, readChunks } from "./read-stream.ts";
import type { Findings } from "./report.ts";

export interface RecordedStream {
  readonly text: string;
  readonly framing: RecordedFraming;
  readonly units: readonly StreamUnit[];
  readonly facts: StreamFacts;
}

/** Longer texts are not cut into single bytes, nor at every place. */
const SINGLE_BYTES_MAX = 8_000;
const CUTS_MAX = 24;

export function checkStreamAnswer(
  events: readonly StreamEvent[],
  stream: RecordedStream,
  dialects: AnswerDialects,
  context: ParseContext,
  client: ClientContext,
  findings: Findings,
): void {
  const { dialect, clientDialect } = dialects;
  for (const violation of checkStreamLaw(events)) findings.add(`stream law 3: ${violation}`);
  checkChunking(events, stream, dialect, context, findings);
  checkOutcome(events, stream, findings);
  checkRoundTrip(events, clientDialect, context, client, findings);
  checkCuts(stream, dialect, context, findings);
}

/** The stream says by itself that it is over. */
function isComplete(facts: StreamFacts): boolean {
  return facts.finishUnit !== undefined || facts.lastWordUnit !== undefined;
}

function checkOutcome(events: readonly StreamEvent[], stream: RecordedStream, findings: Findings): void {
  const { facts } = stream;
  const terminal = events.find(isTerminal);
  if (terminal === undefined) return;
  const completion = foldEvents(events);
  for (const violation of checkUsage(completion.usage)) findings.add(`stream law 4: ${violation}`);
  if (terminal.type === "error") {
    if (facts.outcome === "error" || isComplete(facts)) checkError(terminal.error, facts, "stream", findings);
    return;
  }
  if (facts.outcome === "error") findings.add("stream error inside a 200", "an error event", `finish ${terminal.finish.reason}`);
  else if (!isComplete(facts)) findings.add("stream law 3: unterminated", "an error event", `finish ${terminal.finish.reason}`);
  else compareAnswer(facts, completion, "stream", findings);
}

/** Where the pieces end must make no difference. */
function checkChunking(
  events: readonly StreamEvent[],
  stream: RecordedStream,
  dialect: Dialect,
  context: ParseContext,
  findings: Findings,
): void {
  const bytes = wireBytes(stream.framing, stream.text);
  const pieces =
    bytes.length <= SINGLE_BYTES_MAX
      ? cutIntoChunks(bytes, { type: "bytes" })
      : cutIntoChunks(bytes, { type: "random", seed: seedOf(stream.text), piecesMax: 400 });
  const again = readChunks(pieces, dialect.parseStream(context), stream.framing);
  for (const difference of compareCompletions(foldEvents(events), foldEvents(again))) {
    findings.add(`stream in other pieces: ${difference}`);
  }
}

/** Law 2 for streams: a client's stream folds to the same, less the warnings. */
function checkRoundTrip(
  events: readonly StreamEvent[],
  dialect: Dialect,
  context: ParseContext,
  client: ClientContext,
  findings: Findings,
): void {
  const terminal = events.find(isTerminal);
  if (terminal === undefined) return;
  try {
    const renderer = dialect.renderStream({ ...client, model: modelOf(events) ?? client.model });
    const text = events.map((event) => renderer.push(event)).join("");
    const again = readText(text, dialect, context, framingOfType(renderer.contentType, dialect.framing));
    for (const violation of checkStreamLaw(again)) findings.add(`stream law 2: rendered again, ${violation}`);
    const ending = again.find(isTerminal)?.type;
    if (ending !== terminal.type) findings.add("stream law 2: terminal event of the rendered stream", terminal.type, ending);
    else if (ending === "finish") {
      reportDifferences(foldEvents(events), foldEvents(again), renderer.warnings, "stream law 2", findings);
    }
  } catch (thrown) {
    findings.add("stream law 2 renderStream and parseStream", "no error", shortened(String(thrown), 300));
  }
}

/** A client is told the model that it asked for; here it asked for the one that answered. */
function modelOf(events: readonly StreamEvent[]): string | undefined {
  const start = events.find((event) => event.type === "start");
  return start?.type === "start" ? start.origin.model : undefined;
}

function framingOfType(contentType: string, framing: Framing): Framing {
  if (contentType.includes("event-stream")) return "sse";
  if (contentType.includes("ndjson")) return "ndjson";
  return contentType.startsWith("application/json") ? "json-array" : framing;
}

/** Without its end, a stream must not be taken for a success, wherever it broke off. */
function checkCuts(stream: RecordedStream, dialect: Dialect, context: ParseContext, findings: Findings): void {
  const { units, facts, framing } = stream;
  const end = Math.min(facts.finishUnit ?? units.length, facts.lastWordUnit ?? units.length);
  for (const count of cutPlaces(units.length, stream.text)) {
    const events = readText(joinUnits(units, count, framing), dialect, context, framing);
    const where = `after ${count} of ${units.length} events`;
    for (const violation of checkStreamLaw(events)) findings.add(`stream cut ${where}: ${violation}`);
    const terminal = events.find(isTerminal);
    if (count <= end && terminal?.type === "finish" && !mayBeAnError(facts)) {
      findings.add(`stream cut ${where}`, "an error event", `finish ${terminal.finish.reason}`);
      return;
    }
  }
}

/** The last places and some before, all different from the whole. */
function cutPlaces(units: number, text: string): readonly number[] {
  const random = createRandom(seedOf(text));
  const places = new Set<number>([0, 1]);
  for (let back = 1; back <= CUTS_MAX / 2; back++) places.add(units - back);
  for (let extra = 0; extra < CUTS_MAX / 2; extra++) places.add(Math.floor(random() * units));
  return [...places].filter((place) => place >= 0 && place < units);
}

function readText(text: string, dialect: Dialect, context: ParseContext, framing: Framing): StreamEvent[] {
  const reading = createStreamReading(createDecoder(framing), dialect.parseStream(context));
  reading.push(wireBytes(framing, text));
  return reading.end();
}
