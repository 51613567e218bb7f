/** A finished answer of `POST /messages` as a completion. */
import type { Completion } from "../../completion.ts";
import { originOf, type ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart } from "../../message.ts";
import { consistentUsage } from "../consistent-usage.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { errorWithin } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { parseAssistantBlock, withoutPlainCaller } from "./parse-blocks.ts";
import { parseUsage } from "./usage.ts";
import { type AnthropicVendorData, DIALECT, otherBlockFields } from "./vendor-data.ts";

export function parseResponse(body: unknown, context: ParseContext): Completion {
  refuseFlawedAnswer(body, context);
  const error = errorWithin(body, context);
  if (error !== undefined) throw error;
  if (!isJsonObject(body) || !Array.isArray(body.content)) {
    throw invalidResponse("the answer has no content array", context);
  }
  const origin = originOf(DIALECT, context, body.model);
  const vendor = completionFields(body);
  return {
    id: typeof body.id === "string" ? body.id : "",
    origin,
    message: { role: "assistant", parts: parseContent(body.content), origin },
    finish: parseFinish(body.stop_reason, body.stop_sequence, body.stop_details),
    usage: isJsonObject(body.usage) ? consistentUsage(parseUsage(body.usage)) : {},
    warnings: [],
    ...(vendor === undefined ? {} : { vendor: { [DIALECT]: vendor } }),
  };
}

function parseContent(content: readonly unknown[]): readonly AssistantPart[] {
  const parts: AssistantPart[] = [];
  for (const block of content) if (isJsonObject(block)) parseAssistantBlock(withoutPlainCaller(block), parts);
  return parts;
}

const CANONICAL_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "type",
  "role",
  "model",
  "content",
  "stop_reason",
  "stop_sequence",
  "usage",
]);

/** What else the answer says of itself: its container, the details of a refusal. */
export function completionFields(message: JsonObject): AnthropicVendorData | undefined {
  return otherBlockFields(message, CANONICAL_FIELDS);
}

export function invalidResponse(detail: string, context: ParseContext, cause?: unknown): DragomanError {
  return new DragomanError({
    code: "invalid_response",
    detail,
    provider: context.provider,
    model: context.model,
    ...(cause === undefined ? {} : { cause }),
  });
}
