/** Tool results: one wire message each; text as it is, structured data as a document that the model can cite. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { ToolMessage, ToolResultContent, ToolResultPart } from "../../message.ts";
import { lossy, type Rendering, unsupported, wellFormed } from "./rendering.ts";
import { vendorDataOf } from "./vendor-data.ts";

/** Models are told in words that a tool had nothing to say: several vendors refuse an empty result. */
const NO_OUTPUT = "(no tool output)";

export function renderToolMessage(rendering: Rendering, message: ToolMessage, path: string): readonly JsonObject[] {
  return message.parts.map((part, index) => ({
    role: "tool",
    tool_call_id: part.toolCallId,
    content: renderResult(rendering, part, `${path}.parts[${index}]`),
    ...vendorDataOf(part).fields,
  }));
}

function renderResult(rendering: Rendering, part: ToolResultPart, path: string): string | readonly JsonObject[] {
  if (part.isError === true) lossy(rendering, `${path}.isError`, "the wire cannot mark a result as failed");
  const blocks: JsonObject[] = [];
  for (const [index, content] of part.content.entries()) {
    const block = renderBlock(rendering, content, `${path}.content[${index}]`);
    if (block !== undefined) blocks.push(block);
  }
  const [only] = blocks;
  if (only === undefined) return noOutput(rendering, path);
  const isPlain = blocks.length === 1 && only.type === "text" && Object.keys(only).length === 2;
  if (!isPlain || typeof only.text !== "string") return blocks;
  return only.text === "" ? noOutput(rendering, path) : only.text;
}

function noOutput(rendering: Rendering, path: string): string {
  lossy(rendering, `${path}.content`, `an empty result went as ${JSON.stringify(NO_OUTPUT)}`);
  return NO_OUTPUT;
}

function renderBlock(rendering: Rendering, content: ToolResultContent, path: string): JsonObject | undefined {
  if (content.type === "text") {
    return { type: "text", text: wellFormed(rendering, content.text, path), ...vendorDataOf(content).fields };
  }
  if (content.type !== "json") {
    unsupported(rendering, path, `a tool result has no place for a ${content.type}; it was left out`);
    return undefined;
  }
  if (!isJsonObject(content.value)) {
    lossy(rendering, path, "structured data that is no object went as JSON text");
    return { type: "text", text: JSON.stringify(content.value) };
  }
  const { document, fields } = vendorDataOf(content);
  return { type: "document", document: { data: content.value, ...document }, ...fields };
}
