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
  openedStream,
  type Provider,
  type ReadyStream,
  resumedStream,
  type StreamEvent,
  type StreamStage,
  stagedStream,
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

  async function begun(call: CompletionCall): Promise<ReadyStream> {
    let governed: GovernedCall;
    try {
      governed = await admitCall(parts, frame(), caller, { operation: "stream", call });
    } catch (thrown) {
      return resumedStream([failedAtOnce(toDragomanError(thrown))]);
    }
    try {
      const events = stagedStream(governed.frame.answering.stream(withGoverned(call, governed)), watching(governed));
      if (parts.keepContent === undefined) return events;
      return stagedStream(events, keeping(parts.keepContent.bind(undefined, governed.opened.id, call)));
    } catch (thrown) {
      governed.abandoned();
      throw thrown;
    }
  }

  const stream = (call: CompletionCall): ReadyStream => openedStream(() => begun(call));

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
function keeping(keep: (answer: string) => void): StreamStage {
  let answer = "";
  return {
    see(event) {
      if (event.type === "text-delta") answer += event.text;
      else if (event.type === "restart") answer = "";
      else if (event.type === "finish") keep(answer);
      return event;
    },
  };
}

/** Tells the record what goes out, before it goes: whoever has the end may ask for the record. */
function watching(governed: GovernedCall): StreamStage {
  const warnings: Warning[] = [];
  let origin: Completion["origin"] | undefined;
  let shown = false;

  function failed(error: DragomanError, isShown: boolean): StreamEvent {
    governed.failed(error, isShown);
    return { type: "error", error: errorForCaller(error, governed.caller) };
  }

  return {
    see(event) {
      switch (event.type) {
        case "start":
          origin = event.origin;
          return [event, ...notesOf(governed).map((warning): StreamEvent => ({ type: "warning", warning }))];
        case "warning":
          warnings.push(event.warning);
          return event;
        case "usage":
          return event;
        case "finish":
          governed.answered({ origin, finish: event.finish, cached: event.cached, warnings });
          return event;
        case "error":
          return { ...event, ...failed(event.error, shown) };
        case "restart":
          // Where a program asked the same first, the stream is shared, and may begin anew; a client cannot take back what it has.
          if (shown && governed.caller.dialect !== undefined)
            return failed(event.error ?? new DragomanError({ code: "stream_truncated", detail: event.reason }), true);
          warnings.length = 0;
          return event;
        default:
          shown = true;
          return event;
      }
    },
    // No-op once it has ended.
    over: () => governed.abandoned(),
  };
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
