/**
 * Stream -> events. The wire has no terminator: a finish reason says that the answer is complete, yet usage and grounding
 * may follow it, so the terminal event is written when the wire ends. An end without a finish reason is an error.
 */
import type { ParseContext, StreamParser, WireEvent } from "../../dialect.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { AnswerReader } from "./answer-reader.ts";
import type { ResolvedQuirks } from "./quirks.ts";

export function createStreamParser(context: ParseContext, quirks: ResolvedQuirks): StreamParser {
  const reader = new AnswerReader(context, quirks.fileKeeper);

  function push(event: WireEvent, out: StreamEvent[]): void {
    if (reader.done || event.data.trim() === "" || event.data === "[DONE]") return;
    reader.into(out);
    let body: unknown;
    try {
      body = parseWireJson(event.data);
    } catch (error) {
      reader.fail("invalid_response", `a chunk is not JSON: ${event.data.slice(0, 200)}`, error);
      return;
    }
    reader.read(body);
  }

  function end(out: StreamEvent[]): void {
    if (reader.done) return;
    reader.into(out);
    if (reader.complete) reader.finish();
    else if (reader.candidateSeen) reader.fail("stream_truncated", "the stream ended without a finish reason");
    else reader.fail("stream_truncated", "the stream ended without a candidate");
  }

  return { push, end };
}
