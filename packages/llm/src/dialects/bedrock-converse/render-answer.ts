/** The parts of an answer as blocks for a client, for finished answers and streams alike. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart, OpaquePart, ReasoningPart, TextPart, ToolCallPart, VendorData } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { sourcesOf } from "./citations.ts";
import { toWireName } from "./tool-names.ts";
import { BEDROCK, vendorDataOf } from "./vendor-data.ts";

/** Undefined for what has no block. Sources have none of their own: they are read off the citations of the text. */
export function renderAnswerPart(part: AssistantPart, path: string, warnings: Warning[]): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return textBlock(part);
    case "reasoning":
      return reasoningBlock(part, path, warnings);
    case "tool-call":
      return { toolUse: { ...toolUseStart(part), input: toolInput(part, path, warnings), ...vendorDataOf(part).fields } };
    case "refusal":
      warnings.push(lossy(path, "a refusal went over as text"));
      return { text: part.text };
    case "opaque":
      return opaqueBlock(part, path, warnings);
    case "source":
      return undefined;
    case "image":
    case "audio":
    case "file":
      warnings.push(lossy(path, `an answer of Bedrock cannot hold ${part.type} parts; it was left out`));
      return undefined;
  }
}

function textBlock(part: TextPart): JsonObject {
  const { citations, pieces, fields } = vendorDataOf(part);
  if (citations === undefined) return { text: part.text, ...fields };
  return { citationsContent: { content: (pieces ?? [part.text]).map((text) => ({ text })), citations, ...fields } };
}

function reasoningBlock(part: ReasoningPart, path: string, warnings: Warning[]): JsonObject {
  warnOfForeignData(part.vendor, path, warnings);
  const { signature, redactedContent } = vendorDataOf(part);
  if (redactedContent !== undefined) return { reasoningContent: { redactedContent } };
  return { reasoningContent: { reasoningText: { text: part.text, ...(signature === undefined ? {} : { signature }) } } };
}

/** Reasoning that another maker sealed cannot come back through this client, so the next turn goes without it. */
export function warnOfForeignData(vendor: VendorData | undefined, path: string, warnings: Warning[]): void {
  const foreign = Object.keys(vendor ?? {}).filter((dialect) => dialect !== BEDROCK);
  if (foreign.length > 0)
    warnings.push(lossy(path, `sealed reasoning of ${foreign.join(", ")} has no form here; it was left out`));
}

/** A call as it begins in a stream. */
export function toolUseStart(call: Pick<ToolCallPart, "id" | "name">): JsonObject {
  return { toolUseId: call.id, name: toWireName(call.name) };
}

function toolInput(part: ToolCallPart, path: string, warnings: Warning[]): JsonObject {
  if (part.invalid === undefined && isJsonObject(part.arguments)) return part.arguments;
  if (part.invalid === undefined) {
    warnings.push(lossy(`${path}.arguments`, "arguments must be an object; they went over under the key value"));
    return { value: part.arguments };
  }
  warnings.push(lossy(`${path}.arguments`, `the model wrote arguments that are not JSON: ${part.argumentsText ?? ""}`));
  return {};
}

/** A block that another dialect made has no place in an answer of this one. */
export function opaqueBlock(part: OpaquePart, path: string, warnings: Warning[]): JsonObject | undefined {
  if (part.dialect === BEDROCK) return part.value;
  warnings.push(lossy(path, `a ${part.kind} block of ${part.dialect} has no form here; it was left out`));
  return undefined;
}

/** Sources that no citation carries. */
export function lostSources(parts: readonly AssistantPart[]): readonly Warning[] {
  let lost = 0;
  for (const part of parts) {
    if (part.type === "text") lost -= sourcesOf(vendorDataOf(part).citations).length;
    if (part.type === "source") lost += 1;
  }
  return lost <= 0 ? [] : [lostSourcesWarning(lost)];
}

export function lostSourcesWarning(count: number): Warning {
  return lossy("message.parts", `${count} sources without Bedrock's citations have no form here; they were left out`);
}

export function lossy(path: string, detail: string): Warning {
  return { type: "lossy", path, detail };
}
