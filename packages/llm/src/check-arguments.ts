/** Arguments of a tool call, checked against the whole schema of the tool, not the one that its vendor could be told. */
import type { JsonValue } from "./json.ts";
import type { ToolCallPart } from "./message.ts";
import { withoutAddedNulls } from "./schema/added-nulls.ts";
import { isVendorTool, type Tool } from "./tool.ts";
import { type SchemaViolation, validateAgainst } from "./validate.ts";

/** The arguments of a tool call, or what is wrong with them. */
export type CheckedArguments =
  | { readonly valid: true /** Without the nulls that a vendor's strict mode adds. */; readonly arguments: JsonValue }
  /** What to tell the model, as the result of the call with `isError`. */
  | { readonly valid: false; readonly message: string; readonly violations: readonly SchemaViolation[] };

/** Never throws for what a model wrote: an unknown tool, text that is no JSON and a broken schema are all told. */
export async function checkArguments(call: ToolCallPart, tools: readonly Tool[]): Promise<CheckedArguments> {
  const tool = tools.find((candidate) => candidate.name === call.name);
  if (tool === undefined || isVendorTool(tool)) {
    const names = tools.map((candidate) => candidate.name).join(", ");
    return { valid: false, message: `There is no tool ${call.name}. Tools: ${names || "none"}.`, violations: [] };
  }
  if (call.invalid !== undefined)
    return { valid: false, message: `${call.invalid}. Send them as a JSON object.`, violations: [] };
  const cleaned = withoutAddedNulls(tool.inputSchema, call.arguments);
  const violations = await validateAgainst(tool.inputSchema, cleaned);
  if (violations.length === 0) return { valid: true, arguments: cleaned };
  const message = `The arguments of ${call.name} break its schema: ${violations.map((violation) => violation.detail).join("; ")}.`;
  return { valid: false, message, violations };
}
