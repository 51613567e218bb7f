/** A whole answer -> completion, by the same reader and the same fold as a stream. */
import type { Completion } from "../../completion.ts";
import type { ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { createFold } from "../../fold.ts";
import type { StreamEvent } from "../../stream.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { AnswerReader } from "./answer-reader.ts";
import type { ResolvedQuirks } from "./quirks.ts";

/**
 * A prompt that the vendor blocked is an answer with finish reason `content-filter`, not an error: the vendor says so with
 * 200 and counts its tokens. An answer without any candidate is not an answer.
 */
export function parseResponse(body: unknown, context: ParseContext, quirks: ResolvedQuirks): Completion {
  refuseFlawedAnswer(body, context);
  const events: StreamEvent[] = [];
  const reader = new AnswerReader(context, quirks.fileKeeper);
  reader.into(events);
  reader.read(body);
  if (!reader.done && !reader.complete && !reader.candidateSeen) {
    const { provider, model } = context;
    throw new DragomanError({ code: "invalid_response", detail: "the answer has no candidates", provider, model });
  }
  if (!reader.done) reader.finish();
  const folded = createFold();
  for (const event of events) folded.push(event);
  if (folded.terminal?.type === "error") throw folded.terminal.error;
  return folded.completion();
}
