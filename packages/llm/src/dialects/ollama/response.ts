/** The body of an answer as a completion. Parts stand in one order: thinking, text, images, calls. */
import type { Completion } from "../../completion.ts";
import { originOf, type ParseContext } from "../../dialect.ts";
import { isJsonObject } from "../../json.ts";
import type { AssistantPart } from "../../message.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { type AnswerLine, AnswerVendorData, answerIdOf, readAnswerLine, readToolCall, secondsOf } from "./answer.ts";
import { errorWithin, invalidResponse } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { parseUsage } from "./usage.ts";
import { withOllamaData } from "./vendor-data.ts";
import type { AnswerForm } from "./wire.ts";

/** Throws the server's error for a body that is one, and `invalid_response` for one that is not a finished answer. */
export function parseResponse(body: unknown, context: ParseContext, form: AnswerForm, dialect: string): Completion {
  if (!isJsonObject(body)) throw invalidResponse("the answer is not a JSON object", context);
  const error = errorWithin(body, context);
  if (error !== undefined) throw error;
  refuseFlawedAnswer(body, context);
  const answer = readAnswerLine(body, form);
  if (answer === undefined) throw invalidResponse(`the answer is none of /api/${form}`, context);
  if (body.done !== true) throw invalidResponse("the answer is not marked as done", context);
  const origin = originOf(dialect, context, body.model);
  const createdAt = secondsOf(body.created_at);
  const kept = new AnswerVendorData();
  kept.add(body);
  return {
    id: answerIdOf(body),
    origin,
    message: { role: "assistant", parts: partsOf(answer), origin },
    finish: parseFinish(body.done_reason, answer.toolCalls.length > 0),
    usage: parseUsage(body),
    warnings: [],
    ...(createdAt === undefined ? {} : { createdAt }),
    ...withOllamaData(kept.finish(body)),
  };
}

function partsOf(answer: AnswerLine): readonly AssistantPart[] {
  return [
    ...(answer.thinking === "" ? [] : [{ type: "reasoning", text: answer.thinking } as const]),
    ...(answer.text === "" ? [] : [{ type: "text", text: answer.text } as const]),
    ...answer.images,
    ...answer.toolCalls.map(readToolCall),
  ];
}
