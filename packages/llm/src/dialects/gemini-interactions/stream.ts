import type { ParseContext, RenderedRequest, StreamParser, WireEvent } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { StreamWriter } from "../stream-writer.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { AnswerReading } from "./answer-reading.ts";
import { isTooDeep, mayBeTooDeep } from "./depth.ts";
import { objectOf, wordOf } from "./fields.ts";
import { interactionPath, invalidResponse } from "./response.ts";

/** The events by their name. `interaction.start`, `interaction.complete` and `content.…` are from before June 2026. */
const HANDLERS: ReadonlyMap<string, (reading: AnswerReading, data: JsonObject) => void> = new Map([
  ["interaction.created", (reading, data) => reading.begin(objectOf(data.interaction))],
  ["interaction.start", (reading, data) => reading.begin(objectOf(data.interaction))],
  ["step.start", (reading, data) => reading.startStep(placeOf(data), objectOf(data.step))],
  ["content.start", (reading, data) => reading.startStep(placeOf(data), objectOf(data.content))],
  ["step.delta", (reading, data) => reading.delta(placeOf(data), objectOf(data.delta))],
  ["content.delta", (reading, data) => reading.delta(placeOf(data), objectOf(data.delta))],
  ["step.stop", (reading, data) => reading.stopStep(placeOf(data))],
  ["content.stop", (reading, data) => reading.stopStep(placeOf(data))],
  ["interaction.completed", (reading, data) => reading.finish(objectOf(data.interaction))],
  ["interaction.complete", (reading, data) => reading.finish(objectOf(data.interaction))],
]);

function placeOf(data: JsonObject): number {
  return typeof data.index === "number" ? data.index : -1;
}

export function createStreamParser(context: ParseContext): StreamParser {
  const writer = new StreamWriter();
  const reading = new AnswerReading(writer, context);
  let lastEventId: string | undefined;
  let hasFailed = false;

  function read(event: WireEvent): void {
    const data = parse(event.data);
    if (data === undefined) return;
    const type = wordOf(data.event_type) ?? event.event ?? "";
    lastEventId = wordOf(data.event_id) ?? lastEventId;
    if (type === "error" || isJsonObject(data.error)) {
      writer.fail(vendorErrorFrom(data, undefined, context));
      return;
    }
    if (type === "interaction.status_update") hasFailed = data.status === "failed";
    HANDLERS.get(type)?.(reading, data);
    const { total_usage: total, usage } = objectOf(data.metadata);
    reading.usage(total ?? usage ?? data.usage);
  }

  function parse(text: string): JsonObject | undefined {
    const value: unknown = JSON.parse(text);
    const holder = Array.isArray(value) ? value[0] : value;
    if (mayBeTooDeep(text) && isTooDeep(holder)) throw invalidResponse("an event of the stream nests too deep", context);
    return isJsonObject(holder) ? holder : undefined;
  }

  return {
    push(event: WireEvent, out: StreamEvent[]): void {
      writer.into(out);
      if (writer.done || event.data === "[DONE]") return;
      try {
        read(event);
      } catch (error) {
        const malformed = invalidResponse(`an event of the stream is not JSON: ${event.data.slice(0, 200)}`, context);
        writer.fail(DragomanError.is(error) ? error : malformed);
      }
    },

    end(out: StreamEvent[]): void {
      writer.into(out);
      if (writer.done) return;
      writer.fail(hasFailed ? reading.failure({}) : truncated(context));
    },

    resume(): RenderedRequest | undefined {
      const path = interactionPath(reading.id);
      // Only of work in the background do the events have ids.
      if (writer.done || path === undefined || lastEventId === undefined) return undefined;
      const query = new URLSearchParams({ stream: "true", last_event_id: lastEventId });
      return { method: "GET", path: `${path}?${query}`, headers: {}, warnings: [] };
    },
  };
}

function truncated({ provider, model }: ParseContext): DragomanError {
  const detail = "the stream ended without interaction.completed";
  return new DragomanError({ code: "stream_truncated", detail, provider, ...(model === "" ? {} : { model }) });
}
