/** Completion -> the `response` object, with the settings of the request repeated as the vendor does. */
import type { Completion, Finish } from "../../completion.ts";
import type { ClientContext, RenderedResponse } from "../../dialect.ts";
import type { JsonArray, JsonObject } from "../../json.ts";
import type { AssistantPart, VendorData } from "../../message.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { assistantItems, type ItemRules } from "./assistant-items.ts";
import { madeItemId } from "./made-ids.ts";
import { renderUsage } from "./usage.ts";
import { ownVendor } from "./vendor-data.ts";
import type { WireIncompleteReason, WireStatus } from "./wire.ts";

export function renderResponse(completion: Completion, client: ClientContext): RenderedResponse {
  const warnings: Warning[] = [];
  const head: ResponseHead = { id: completion.id, createdAt: completion.createdAt, client };
  const output = assistantItems(completion.message.parts, answerRules(completion.id, warnings));
  return { body: finishedResponse(head, output, completion, warnings), warnings };
}

export interface ResponseHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number | undefined;
  readonly client: ClientContext;
}

export interface Outcome {
  readonly finish: Finish;
  readonly usage: Usage;
  readonly vendor?: VendorData;
}

export function finishedResponse(head: ResponseHead, output: JsonArray, outcome: Outcome, warnings: Warning[]): JsonObject {
  if (outcome.usage.cacheWriteOneHourTokens !== undefined) {
    const detail = "the wire does not tell how much was cached for one hour";
    warnings.push({ type: "lossy", path: "usage.cacheWriteOneHourTokens", detail });
  }
  const { status, reason } = statusOf(outcome.finish);
  return {
    ...responseObject(head, status),
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: renderUsage(outcome.usage),
    ...ownVendor(outcome).response,
  };
}

/** A response without its answer, as it stands in the first events of a stream. */
export function responseObject({ id, createdAt, client }: ResponseHead, status: WireStatus): JsonObject {
  return {
    id,
    object: "response",
    // The wire demands a number; our own clients read 0 as unknown.
    created_at: createdAt ?? 0,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: client.model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: null,
    truncation: "disabled",
    usage: null,
    metadata: {},
    ...client.echo,
  };
}

const STATUSES: ReadonlySet<string> = new Set(["queued", "in_progress", "cancelled"] satisfies WireStatus[]);

function isStatus(word: string | undefined): word is WireStatus {
  return word !== undefined && STATUSES.has(word);
}

function statusOf(finish: Finish): { readonly status: WireStatus; readonly reason?: WireIncompleteReason | (string & {}) } {
  switch (finish.reason) {
    case "stop":
    case "tool-calls":
      return { status: "completed" };
    case "length":
      return { status: "incomplete", reason: "max_output_tokens" };
    case "content-filter":
      // A refusal is a complete answer; only what was cut off is not.
      return finish.raw === "completed" ? { status: "completed" } : { status: "incomplete", reason: "content_filter" };
    case "pause":
    case "error":
    case "other":
      return isStatus(finish.raw) ? { status: finish.raw } : { status: "incomplete", reason: finish.raw ?? finish.reason };
  }
}

/** How the parts of an answer become items: each with an id, and those of other makers in the nearest form. */
export function answerRules(responseId: string, warnings: Warning[]): ItemRules {
  const warn = (partIndex: number, type: Warning["type"], detail: string): void => {
    warnings.push({ type, path: `message.parts[${partIndex}]`, detail });
  };
  return {
    makeId: (kind, partIndex) => madeItemId(responseId, kind, partIndex),
    foreign: (part, partIndex) => foreignItems(part, partIndex, responseId, warn),
    warn,
  };
}

function foreignItems(
  part: AssistantPart,
  partIndex: number,
  responseId: string,
  warn: ItemRules["warn"],
): readonly JsonObject[] {
  if (part.type === "reasoning") {
    const summary = part.text === "" ? [] : [{ type: "summary_text", text: part.text }];
    return [{ id: madeItemId(responseId, "reasoning", partIndex), type: "reasoning", summary }];
  }
  if (part.type === "image" && part.source.type === "data") {
    const id = madeItemId(responseId, "image", partIndex);
    const format = part.mediaType?.startsWith("image/") === true ? { output_format: part.mediaType.slice("image/".length) } : {};
    warn(partIndex, "lossy", "an image of the answer went over as the result of an image generation");
    return [{ id, type: "image_generation_call", status: "completed", ...format, result: part.source.data }];
  }
  const what = part.type === "opaque" ? `a ${part.kind} block of ${part.dialect}` : `${part.type} in an answer`;
  warn(partIndex, part.type === "opaque" ? "handoff" : "unsupported", `${what} has no form on this wire; left out`);
  return [];
}
