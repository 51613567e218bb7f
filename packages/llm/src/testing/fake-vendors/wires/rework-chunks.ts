/** For flavours that write an answer's pieces in their own way, after the wire has written them in OpenAI's. */
import type { JsonObject } from "../../../json.ts";
import type { Composed } from "../generate.ts";
import { objectOf, objectsOf, parsedJson } from "../json-reading.ts";
import { type Frame, sse } from "../reply.ts";

/** The answer with its body and every chunk of its stream changed alike, or each by its own function. */
export function withChunks(
  composed: Composed,
  ofBody: (body: JsonObject) => JsonObject,
  ofChunk: (chunk: JsonObject) => JsonObject = ofBody,
): Composed {
  return { ...composed, body: ofBody(composed.body), frames: composed.frames.map((frame) => reworkFrame(frame, ofChunk)) };
}

function reworkFrame(frame: Frame, ofChunk: (chunk: JsonObject) => JsonObject): Frame {
  const json = typeof frame.text === "string" ? /^data: (\{.*\})\s*$/s.exec(frame.text)?.[1] : undefined;
  return json === undefined ? frame : { ...frame, text: sse(ofChunk(objectOf(parsedJson(json)))) };
}

/** The body or chunk with its first choice changed; one without a choice as it is. */
export function withChoice(body: JsonObject, change: (choice: JsonObject) => JsonObject): JsonObject {
  const [first, ...others] = objectsOf(body.choices);
  return first === undefined ? body : { ...body, choices: [change(first), ...others] };
}

/** The body or chunk with its usage changed, where it has one. */
export function withUsage(body: JsonObject, change: (usage: JsonObject) => JsonObject): JsonObject {
  return body.usage === undefined || body.usage === null ? body : { ...body, usage: change(objectOf(body.usage)) };
}
