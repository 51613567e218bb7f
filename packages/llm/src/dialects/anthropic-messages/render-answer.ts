/** The parts of an answer as blocks for a client, for finished answers and streams alike. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, ReasoningPart, TextPart, ToolCallPart, VendorData } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { PLAIN_CALLER } from "./parse-blocks.ts";
import { DIALECT } from "./vendor-data.ts";

/** The blocks of one part. Sources have none of their own: they are read off the citations of the text. */
export function renderAnswerPart(part: AssistantPart, path: string, warnings: Warning[]): JsonObject | undefined {
  switch (part.type) {
    case "text":
      return withFields({ type: "text", text: part.text }, part);
    case "reasoning":
      return reasoningBlock(part, path, warnings);
    case "tool-call":
      return withFields({ ...toolUseStart(part), input: toolInput(part, path, warnings) }, part);
    case "refusal":
      warnings.push(lossy(path, "a refusal went over as text"));
      return { type: "text", text: part.text };
    case "opaque":
      return opaqueBlock(part, path, warnings);
    case "source":
      return undefined;
    case "image":
    case "audio":
    case "file":
      warnings.push(lossy(path, `an answer of Anthropic cannot hold ${part.type} parts; it was left out`));
      return undefined;
  }
}

/** A call as it begins in a stream. Clients expect to be told the caller. */
export function toolUseStart(call: Pick<ToolCallPart, "id" | "name">): Record<string, JsonValue> {
  return { type: "tool_use", id: call.id, name: call.name, input: {}, caller: PLAIN_CALLER };
}

/** A block that another dialect made has no place in an answer of this one. */
export function opaqueBlock(
  part: Extract<AssistantPart, { type: "opaque" }>,
  path: string,
  warnings: Warning[],
): JsonObject | undefined {
  if (part.dialect === DIALECT) return { ...part.value, type: part.kind };
  warnings.push(lossy(path, `a ${part.kind} block of ${part.dialect} has no form here; it was left out`));
  return undefined;
}

/** Clients expect the field on every thinking block; an empty signature signs nothing. */
function reasoningBlock(part: ReasoningPart, path: string, warnings: Warning[]): JsonObject {
  warnOfForeignData(part.vendor, path, warnings);
  if (part.vendor?.[DIALECT]?.data !== undefined) return withFields({ type: "redacted_thinking" }, part);
  return { ...withFields({ type: "thinking", thinking: part.text, signature: "" }, part) };
}

/** Reasoning that another maker sealed cannot come back through this client, so the next turn goes without it. */
export function warnOfForeignData(vendor: VendorData | undefined, path: string, warnings: Warning[]): void {
  const foreign = Object.keys(vendor ?? {}).filter((dialect) => dialect !== DIALECT);
  if (foreign.length > 0)
    warnings.push(lossy(path, `sealed reasoning of ${foreign.join(", ")} has no form here; it was left out`));
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

function withFields(block: Record<string, JsonValue | undefined>, part: TextPart | ReasoningPart | ToolCallPart): JsonObject {
  const data = part.vendor?.[DIALECT];
  return data === undefined ? block : { ...block, ...data, type: block.type };
}

function lossy(path: string, detail: string): Warning {
  return { type: "lossy", path, detail };
}
