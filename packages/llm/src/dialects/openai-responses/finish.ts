/**
 * Why an answer ended. The wire has a status but no word for tool calls, so that follows from the items.
 */
import type { Finish } from "../../completion.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { contentsOf } from "./item-parts.ts";

/**
 * Calls that the client answers. Some vendors run a call of these kinds themselves; it then has an output item, or a
 * message follows it.
 */
const CLIENT_CALLS: ReadonlySet<unknown> = new Set([
  "custom_tool_call",
  "computer_call",
  "local_shell_call",
  "shell_call",
  "apply_patch_call",
  "mcp_approval_request",
]);

export function finishOf(response: JsonObject, items: readonly JsonObject[]): Finish {
  const status = typeof response.status === "string" ? response.status : undefined;
  const raw = status === undefined ? {} : { raw: status };
  if (status === "incomplete") return incompleteFinish(response);
  if (status !== undefined && status !== "completed") return { reason: "other", ...raw };
  if (items.some((item) => item.type === "function_call")) return { reason: "tool-calls", ...raw };
  if (items.some(isRefusal)) return { reason: "content-filter", ...raw };
  if (waitsForClient(items)) return { reason: "tool-calls", ...raw };
  return { reason: status === undefined && items.length === 0 ? "other" : "stop", ...raw };
}

function incompleteFinish(response: JsonObject): Finish {
  const details = isJsonObject(response.incomplete_details) ? response.incomplete_details : {};
  const reason = typeof details.reason === "string" ? details.reason : undefined;
  if (reason === "max_output_tokens" || reason === "max_tokens") return { reason: "length", raw: reason };
  if (reason === "content_filter") return { reason: "content-filter", raw: reason };
  return { reason: "other", raw: reason ?? "incomplete" };
}

function isRefusal(item: JsonObject): boolean {
  return item.type === "message" && contentsOf(item).some((content) => typeof content.refusal === "string");
}

function waitsForClient(items: readonly JsonObject[]): boolean {
  return items.some((item, position) => {
    if (!CLIENT_CALLS.has(item.type) && !(item.type === "tool_search_call" && item.execution === "client")) return false;
    return !items.slice(position + 1).some((later) => later.type === "message" || answers(later, item));
  });
}

function answers(later: JsonObject, call: JsonObject): boolean {
  return later.call_id !== undefined && later.call_id === call.call_id && String(later.type).endsWith("_output");
}
