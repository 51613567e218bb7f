/**
 * The gateway on behalf of one caller, as a provider. Each call is let in, answered and settled; what the record keeps of it
 * is told here, at the caller's side. It knows neither HTTP nor dialects.
 */
import {
  type Completion,
  type CompletionCall,
  createFold,
  DragomanError,
  type EmbeddingCall,
  type EmbeddingResult,
  type Provider,
  type StreamEvent,
  textOf,
  toDragomanError,
  type Warning,
} from "@dragoman/llm";
import type { Caller } from "../caller.ts";
import { GATEWAY_ID } from "./answering.ts";
import { withGoverned } from "./call-context.ts";
import { embedGoverned } from "./embed-governed.ts";
import { errorForCaller } from "./error-for-caller.ts";
import type { Frame, GatewayParts } from "./gateway-parts.ts";
import { admitCall, type GovernedCall } from "./governed-call.ts";
import { createModelView } from "./model-view.ts";

/** `frame` is asked once a call. */
export function govern(parts: GatewayParts, frame: () => Frame, caller: Caller): Provider {
  async function complete(call: CompletionCall): Promise<Completion> {
    const governed = await admitCall(parts, frame(), caller, { operation: "complete", call });
    try {
      const completion = await governed.frame.answering.complete(withGoverned(call, governed));
      governed.answered(completion);
      parts.keepContent?.(governed.opened.id, call, textOf(completion.message));
      return withNotes(completion, governed);
    } catch (thrown) {
      const error = toDragomanError(thrown);
      governed.failed(error, false);
      throw errorForCaller(error, caller);
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let governed: GovernedCall;
    try {
      governed = await admitCall(parts, frame(), caller, { operation: "stream", call });
    } catch (thrown) {
      yield failedAtOnce(toDragomanError(thrown));
      return;
    }
    try {
      const events = watched(governed.frame.answering.stream(withGoverned(call, governed)), governed);
      yield* parts.keepContent === undefined ? events : kept(events, parts.keepContent.bind(undefined, governed.opened.id, call));
    } finally {
      // No-op once it has ended.
      governed.abandoned();
    }
  }

  return {
    id: GATEWAY_ID,
    ...createModelView(parts, frame, caller),
    complete,
    stream,
    embed: (call: EmbeddingCall): Promise<EmbeddingResult> => embedGoverned(parts, frame(), caller, call),
    availability: async () => ({ available: true, detail: `${Object.keys(frame().router.routes).length} routes` }),
    // The gateway owns what is behind it, and closes it.
    close: async () => {},
  };
}

/** Keeps the text of an answer that finishes. */
async function* kept(
  events: AsyncIterable<StreamEvent>,
  keep: (answer: string) => void,
): AsyncGenerator<StreamEvent, void, undefined> {
  let answer = "";
  for await (const event of events) {
    if (event.type === "text-delta") answer += event.text;
    else if (event.type === "restart") answer = "";
    else if (event.type === "finish") keep(answer);
    yield event;
  }
}

/** Tells the record what went out, before it goes: whoever has the end may ask for the record. */
async function* watched(
  events: AsyncIterable<StreamEvent>,
  governed: GovernedCall,
): AsyncGenerator<StreamEvent, void, undefined> {
  const warnings: Warning[] = [];
  let origin: Completion["origin"] | undefined;
  let shown = false;
  for await (const event of events) {
    if (event.type === "start") {
      origin = event.origin;
      yield event;
      for (const warning of notesOf(governed)) yield { type: "warning", warning };
      continue;
    }
    if (event.type === "warning") warnings.push(event.warning);
    else if (event.type === "finish") governed.answered({ origin, finish: event.finish, cached: event.cached, warnings });
    else if (event.type === "error") {
      governed.failed(event.error, shown);
      yield { ...event, error: errorForCaller(event.error, governed.caller) };
      continue;
    } else if (event.type === "restart") {
      // Where a program asked the same first, the stream is shared, and may begin anew; a client cannot take back what it has.
      if (shown && governed.caller.dialect !== undefined) {
        const error = event.error ?? new DragomanError({ code: "stream_truncated", detail: event.reason });
        governed.failed(error, true);
        yield { type: "error", error: errorForCaller(error, governed.caller) };
        return;
      }
      warnings.length = 0;
    } else if (event.type !== "usage") shown = true;
    yield event;
  }
}

function failedAtOnce(error: DragomanError): StreamEvent {
  return { type: "error", error, partial: createFold().completion() };
}

function notesOf({ warnings }: GovernedCall): readonly Warning[] {
  return warnings.map((detail) => ({ type: "other", detail }));
}

function withNotes(completion: Completion, governed: GovernedCall): Completion {
  const notes = notesOf(governed);
  return notes.length === 0 ? completion : { ...completion, warnings: [...notes, ...completion.warnings] };
}
