/** A whole answer: `response` object -> Completion. */
import type { Completion } from "../../completion.ts";
import { originOf, type ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart } from "../../message.ts";
import { consistentUsage } from "../consistent-usage.ts";
import { refuseFlawedAnswer } from "../json-flaw.ts";
import { unixSeconds } from "../unix-seconds.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { finishOf } from "./finish.ts";
import { partsOfItem } from "./item-parts.ts";
import { parseUsage } from "./usage.ts";
import { OPENAI_RESPONSES, vendorOf } from "./vendor-data.ts";

export function parseResponse(body: unknown, context: ParseContext): Completion {
  if (!isJsonObject(body)) throw notAResponse(context, "the body is not a JSON object");
  refuseFlawedAnswer(body, context);
  throwIfFailed(body, context);
  if (!("output" in body) && body.object !== "response") throw notAResponse(context, "the body has no output");
  const items = itemsOf(body);
  const origin = originOf(OPENAI_RESPONSES, context, body.model);
  const createdAt = createdAtOf(body);
  return {
    id: typeof body.id === "string" ? body.id : "",
    origin,
    message: { role: "assistant", parts: [...looseReasoning(body, items), ...items.flatMap(partsOfItem)], origin },
    finish: finishOf(body, items),
    usage: consistentUsage(parseUsage(body.usage, items)),
    warnings: [],
    ...(createdAt === undefined ? {} : { createdAt }),
    ...responseVendor(body),
  };
}

function throwIfFailed(body: JsonObject, context: ParseContext): void {
  const failed = body.status === "failed" || (body.error !== undefined && body.error !== null);
  if (failed) throw vendorErrorFrom(failureOf(body), undefined, context);
}

/** What a failed response says of its failure, in the form of an error body. */
export function failureOf(response: JsonObject): JsonValue {
  if (response.error !== undefined && response.error !== null) return { error: response.error };
  return { error: { message: "the response failed without a reason", type: "server_error" } };
}

function notAResponse(context: ParseContext, detail: string): DragomanError {
  return new DragomanError({ code: "invalid_response", detail, provider: context.provider, model: context.model });
}

/** The items of a response; gateways send null for none. */
export function itemsOf(response: JsonObject): readonly JsonObject[] {
  return Array.isArray(response.output) ? response.output.filter(isJsonObject) : [];
}

/** mistral.rs puts the thinking, as a string, where others repeat the settings for it. It becomes an item like theirs. */
export function looseReasoning(response: JsonObject, items: readonly JsonObject[]): readonly AssistantPart[] {
  const { reasoning: text } = response;
  if (typeof text !== "string" || text === "" || items.some((item) => item.type === "reasoning")) return [];
  return partsOfItem({ type: "reasoning", summary: [], content: [{ type: "reasoning_text", text }] });
}

/** Seconds since 1970; some servers send 0 for unknown. */
export function createdAtOf(response: JsonObject): number | undefined {
  return unixSeconds(response.created_at);
}

/** What has its own place in a completion, and what only repeats the request. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created_at",
  "model",
  "output",
  "output_text",
  "usage",
  "status",
  "error",
  "incomplete_details",
  "reasoning",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "top_logprobs",
  "presence_penalty",
  "frequency_penalty",
  "max_output_tokens",
  "max_tool_calls",
  "text",
  "truncation",
  "metadata",
  "store",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "previous_response_id",
  "background",
  "prompt",
]);

/** What the vendor said besides the answer: the tier that served it, its filters, what its tools used. */
export function responseVendor(response: JsonObject): Pick<Completion, "vendor"> {
  let fields: Record<string, JsonValue> | undefined;
  for (const [key, value] of Object.entries(response)) {
    if (OWN_FIELDS.has(key) || value === undefined || value === null) continue;
    fields ??= {};
    fields[key] = value;
  }
  return vendorOf(fields === undefined ? {} : { response: fields });
}
