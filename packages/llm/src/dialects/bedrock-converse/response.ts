/**
 * The body of an answer as a completion. The wire names neither the answer, nor the model, nor the time; what it says beyond
 * the canonical values (`metrics`, `trace`, fields that the caller asked for) is kept on the completion.
 */
import type { Completion } from "../../completion.ts";
import { originOf, type ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { consistentUsage } from "../consistent-usage.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { errorWithin } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { parseAssistantBlock } from "./parse-blocks.ts";
import { parseUsage } from "./usage.ts";
import { BEDROCK, unknownFields, withVendorData } from "./vendor-data.ts";

/** `$metadata` is what AWS's own client adds of the exchange. */
const BODY_FIELDS: ReadonlySet<string> = new Set(["output", "stopReason", "usage", "$metadata"]);

/** Throws the vendor's error for a body that is one, and `invalid_response` for a body without an answer. */
export function parseResponse(body: unknown, context: ParseContext): Completion {
  refuseFlawedAnswer(body, context);
  if (!isJsonObject(body)) throw invalidResponse("the answer is not an object", context);
  const message = isJsonObject(body.output) ? body.output.message : undefined;
  if (!isJsonObject(message)) throw errorWithin(body, context) ?? invalidResponse("the answer has no output.message", context);
  const content = Array.isArray(message.content) ? message.content.filter(isJsonObject) : [];
  const others = unknownFields(body, BODY_FIELDS);
  const origin = originOf(BEDROCK, context, undefined);
  return {
    id: "",
    origin,
    message: { role: "assistant", parts: content.flatMap((block: JsonObject) => parseAssistantBlock(block)), origin },
    finish: parseFinish(body.stopReason, body.additionalModelResponseFields),
    usage: consistentUsage(parseUsage(body.usage)),
    warnings: [],
    ...withVendorData(others === undefined ? {} : { body: others }),
  };
}

export function invalidResponse(detail: string, { provider, model }: ParseContext): DragomanError {
  return new DragomanError({ code: "invalid_response", detail, provider, model });
}
