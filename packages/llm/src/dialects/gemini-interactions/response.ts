import type { Completion } from "../../completion.ts";
import type { ParseContext, SuspendedAnswer } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { createFold } from "../../fold.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { StreamWriter } from "../stream-writer.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { AnswerReading } from "./answer-reading.ts";
import { isTooDeep } from "./depth.ts";
import { objectsOf, wordOf } from "./fields.ts";
import { isWorking } from "./finish.ts";

/** Throws the error in a body that carries one, and `invalid_response` for a body that is no interaction. */
export function parseResponse(body: unknown, context: ParseContext): Completion {
  const interaction = interactionIn(body, context);
  const events: StreamEvent[] = [];
  const writer = new StreamWriter();
  writer.into(events);
  new AnswerReading(writer, context).finish(interaction);
  const folded = createFold();
  for (const event of events) folded.push(event);
  if (folded.terminal?.type === "error") throw folded.terminal.error;
  return folded.completion();
}

/** The interaction that a body is. Google wraps some errors into a list. */
function interactionIn(body: unknown, context: ParseContext): JsonObject {
  const [holder] = Array.isArray(body) ? objectsOf(body) : [body];
  if (!isJsonObject(holder)) throw invalidResponse("the body is no JSON object", context);
  if (holder.error !== undefined && holder.error !== null) throw vendorErrorFrom(holder, undefined, context);
  if (Array.isArray(body) || !isInteraction(holder)) throw invalidResponse("the body is no interaction", context);
  if (isTooDeep(holder)) throw invalidResponse("the body nests too deep", context);
  return holder;
}

function isInteraction(value: JsonObject): boolean {
  return typeof value.status === "string" || Array.isArray(value.steps) || Array.isArray(value.outputs);
}

export function invalidResponse(detail: string, { provider, model }: ParseContext): DragomanError {
  return new DragomanError({ code: "invalid_response", detail, provider, ...(model === "" ? {} : { model }) });
}

/** Work in the background: asked after under the interaction's id. */
export function suspended(body: unknown): SuspendedAnswer | undefined {
  if (!isJsonObject(body) || !isWorking(body.status)) return undefined;
  const path = interactionPath(body.id);
  if (path === undefined) return undefined;
  return {
    poll: { method: "GET", path, headers: {}, warnings: [] },
    cancel: { method: "POST", path: `${path}/cancel`, headers: {}, body: {}, warnings: [] },
  };
}

/** Undefined for what cannot be an id. */
export function interactionPath(id: unknown): string | undefined {
  const word = wordOf(id);
  return word === undefined || !/^[\w.~=-]+$/.test(word) ? undefined : `/interactions/${word}`;
}
