/** A completion as the body of an answer. */
import type { Completion } from "../../completion.ts";
import type { RenderedResponse } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart } from "../../message.ts";
import type { Usage } from "../../usage.ts";
import type { Warning } from "../../warning.ts";
import { citationsOf } from "./citations.ts";
import { renderFinish } from "./finish.ts";
import { renderToolCall } from "./render-tools.ts";
import { renderUsage, usageWarnings } from "./usage.ts";
import { COHERE, vendorDataOf } from "./vendor-data.ts";

interface Collected {
  readonly blocks: JsonObject[];
  readonly calls: JsonObject[];
  plan: string;
}

export function renderResponse(completion: Completion): RenderedResponse {
  const warnings: Warning[] = [...usageWarnings(completion.usage)];
  const { message } = completion;
  const found: Collected = { blocks: [], calls: [], plan: "" };
  for (const [index, part] of message.parts.entries()) collect(part, `message.parts[${index}]`, found, warnings);
  const citations = citationsOf(message);
  const finish = renderFinish(completion.finish);
  if (finish.loss !== undefined) warnings.push({ type: "lossy", path: "finish", detail: finish.loss });
  const usage = renderUsage(completion.usage, billedUnitsOf(completion.origin.dialect, completion.usage));
  const body: JsonObject = {
    id: completion.id,
    message: {
      role: "assistant",
      // An answer of nothing at all still has its list.
      ...(found.blocks.length === 0 && found.calls.length > 0 ? {} : { content: found.blocks }),
      ...(found.plan === "" ? {} : { tool_plan: found.plan }),
      ...(found.calls.length === 0 ? {} : { tool_calls: found.calls }),
      ...(citations.length === 0 ? {} : { citations }),
      ...vendorDataOf(message).fields,
    },
    finish_reason: finish.word,
    ...(usage === undefined ? {} : { usage }),
    ...vendorDataOf(completion).body,
  };
  return { body, warnings };
}

/** What Cohere charges, where it was Cohere who answered. */
export function billedUnitsOf(dialect: string, { raw }: Usage): JsonValue | undefined {
  return dialect === COHERE && isJsonObject(raw) ? raw.billed_units : undefined;
}

function collect(part: AssistantPart, path: string, found: Collected, warnings: Warning[]): void {
  if (part.type === "text" && vendorDataOf(part).toolPlan === true) {
    found.plan += part.text;
    return;
  }
  if (part.type === "tool-call") {
    found.calls.push(renderToolCall(part));
    return;
  }
  if (part.type === "source") return;
  const block = blockOf(part);
  if (block === undefined) warnings.push(noRoom(part, path));
  else found.blocks.push(block);
  if (part.type === "refusal") warnings.push(refusalAsText(path));
}

/** The content block of a part, or undefined where the wire has none. */
export function blockOf(part: Exclude<AssistantPart, { type: "tool-call" | "source" }>): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text, ...vendorDataOf(part).fields };
    case "reasoning":
      return { type: "thinking", thinking: part.text, ...vendorDataOf(part).fields };
    case "refusal":
      return { type: "text", text: part.text };
    case "opaque":
      return part.dialect === COHERE ? part.value : undefined;
    default:
      return undefined;
  }
}

export function noRoom(part: AssistantPart, path: string): Warning {
  return { type: "lossy", path, detail: `the wire has no room for a part of type ${part.type}; it was left out` };
}

export function refusalAsText(path: string): Warning {
  return { type: "lossy", path, detail: "the wire has no refusals; it went as text" };
}
