/** A client's tools and its choice among them. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Tool, ToolChoice, ToolDefinition } from "../../tool.ts";
import type { Warning } from "../../warning.ts";
import { optional, readArray, readBoolean, readObject, readOneOf, readString } from "../wire-reader.ts";
import { fieldsBesides, OPENAI_RESPONSES, vendorOf } from "./vendor-data.ts";

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(["type", "name", "description", "parameters", "strict"]);
/** Fields of a function tool that have no canonical form and are passed on to this wire. */
const PASSED_ON: ReadonlySet<string> = new Set(["allowed_callers", "async", "defer_loading", "output_schema"]);

export function parseTools(value: JsonValue | undefined, warnings: Warning[]): readonly Tool[] {
  return readArray(value, "tools").map((entry, index): Tool => {
    const field = `tools[${index}]`;
    const tool = flatTool(readObject(entry, field));
    const type = readString(tool.type, `${field}.type`);
    if (type === "function") return functionTool(tool, field, warnings);
    return { type: "vendor", dialect: OPENAI_RESPONSES, name: type, value: tool };
  });
}

/** Some clients nest the function as Chat Completions does. A tool that has its name outside stays as it is: the vendor reads only that. */
function flatTool(tool: JsonObject): JsonObject {
  const { function: nested, ...outer } = tool;
  const isNested = tool.type === "function" && tool.name === undefined && isJsonObject(nested);
  return isNested ? { ...nested, ...outer } : tool;
}

function functionTool(tool: JsonObject, field: string, warnings: Warning[]): ToolDefinition {
  const description = optional(tool.description, `${field}.description`, readString);
  const strict = optional(tool.strict, `${field}.strict`, readBoolean);
  const others = fieldsBesides(tool, FUNCTION_FIELDS);
  for (const key of Object.keys(others ?? {})) {
    if (PASSED_ON.has(key)) continue;
    warnings.push({
      type: "unknown-field",
      path: `${field}.${key}`,
      detail: `function tools have no field ${key}; passed on unread`,
    });
  }
  const passedOn = tool.parameters === undefined || tool.parameters === null ? { ...others, parameters: null } : others;
  return {
    name: readString(tool.name, `${field}.name`),
    ...(description === undefined ? {} : { description }),
    // No parameters is a function without arguments.
    inputSchema: optional(tool.parameters, `${field}.parameters`, readObject) ?? { type: "object", properties: {} },
    ...(strict === undefined ? {} : { strict }),
    ...vendorOf(passedOn === undefined ? {} : { tool: passedOn }),
  };
}

const CHOICES = ["auto", "required", "none"] as const;

/** Undefined for a choice that has no canonical form: among some tools, or of one that the vendor runs. */
export function parseToolChoice(value: JsonValue | undefined): ToolChoice | undefined {
  if (typeof value === "string") return readOneOf(value, CHOICES, "tool_choice");
  const choice = readObject(value, "tool_choice");
  if (readString(choice.type, "tool_choice.type") !== "function") return undefined;
  return { tool: readString(choice.name, "tool_choice.name") };
}
