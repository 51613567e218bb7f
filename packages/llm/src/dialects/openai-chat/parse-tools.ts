/** A client's tools and its choice among them, the older `functions` included. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Tool, ToolChoice, ToolDefinition } from "../../tool.ts";
import { optional, readArray, readBoolean, readObject, readOneOf, readString } from "../wire-reader.ts";
import type { Parsing } from "./parsing.ts";
import { OPENAI_CHAT, unknownFields, vendorDataOf, withVendorData } from "./vendor-data.ts";

const TOOL_FIELDS: ReadonlySet<string> = new Set(["type", "function"]);
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(["name", "description", "parameters", "strict"]);

/** The schema of a tool without parameters: an object without properties. */
const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };

export function parseTools(body: JsonObject, parsing: Parsing): Partial<CompletionRequest> {
  const tools = optional(body.tools, "tools", readArray);
  if (tools !== undefined && tools.length > 0) {
    return { tools: tools.map((tool, index) => parseTool(readObject(tool, `tools[${index}]`), `tools[${index}]`, parsing)) };
  }
  const functions = optional(body.functions, "functions", readArray);
  if (functions === undefined) return {};
  return {
    tools: functions.map((item, index) => parseFunction(readObject(item, `functions[${index}]`), `functions[${index}]`, parsing)),
  };
}

/** Any tool that is not a function is the vendor's own, and goes on as it came. */
function parseTool(tool: JsonObject, path: string, parsing: Parsing): Tool {
  const type = readString(tool.type ?? "function", `${path}.type`);
  if (type !== "function") return { type: "vendor", dialect: OPENAI_CHAT, name: vendorToolName(tool, type), value: tool };
  const definition = parseFunction(readObject(tool.function, `${path}.function`), `${path}.function`, parsing);
  const fields = unknownFields(tool, TOOL_FIELDS);
  return fields === undefined ? definition : { ...definition, ...withVendorData({ ...vendorDataOf(definition), fields }) };
}

function vendorToolName(tool: JsonObject, type: string): string {
  const custom = tool.custom;
  return isJsonObject(custom) && typeof custom.name === "string" ? custom.name : type;
}

function parseFunction(target: JsonObject, path: string, parsing: Parsing): ToolDefinition {
  const description = optional(target.description, `${path}.description`, readString);
  const strict = optional(target.strict, `${path}.strict`, readBoolean);
  const others = unknownFields(target, FUNCTION_FIELDS);
  for (const field of Object.keys(others ?? {})) {
    const detail = `${field} is not a field of a function; it was passed on as it is`;
    parsing.warnings.push({ type: "unknown-field", path: `${path}.${field}`, detail });
  }
  return {
    name: readString(target.name, `${path}.name`),
    ...(description === undefined ? {} : { description }),
    inputSchema: optional(target.parameters, `${path}.parameters`, readObject) ?? NO_PARAMETERS,
    ...(strict === undefined ? {} : { strict }),
    ...withVendorData(others === undefined ? undefined : { function: others }),
  };
}

const CHOICES = ["auto", "none", "required"] as const;

export function parseToolChoice(body: JsonObject): Partial<CompletionRequest> {
  const field = body.tool_choice === undefined || body.tool_choice === null ? "function_call" : "tool_choice";
  const value = body[field];
  if (value === undefined || value === null || isVendorChoice(value)) return {};
  return { toolChoice: readChoice(value, field) };
}

/** A choice among custom tools or a subset of the tools has no canonical form; it goes on as a vendor option. */
export function isVendorChoice(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && (value.type === "allowed_tools" || value.type === "custom");
}

/** Several servers say `any` for `required`. */
function readChoice(value: JsonValue, field: string): ToolChoice {
  if (value === "any") return "required";
  if (!isJsonObject(value)) return readOneOf(value, CHOICES, field);
  if (field === "function_call") return { tool: readString(value.name, `${field}.name`) };
  if (isJsonObject(value.function)) return { tool: readString(value.function.name, `${field}.function.name`) };
  // Anthropic's form, which xAI takes too.
  return { tool: readString(value.name, `${field}.function.name`) };
}
