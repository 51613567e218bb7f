/** Tools and the choice among them. */
import type { JsonObject } from "../../json.ts";
import { isVendorTool, type Tool, type ToolChoice, type ToolDefinition } from "../../tool.ts";
import { jsonSchemaOf } from "./openapi-schema.ts";
import type { Report } from "./report.ts";
import { geminiData } from "./vendor-data.ts";
import type { WireFunctionDeclaration } from "./wire.ts";

/** One entry per run of function declarations, one per vendor tool, in the caller's order. */
export function renderTools(tools: readonly Tool[], report: Report): JsonObject[] {
  const entries: JsonObject[] = [];
  let declarations: JsonObject[] | undefined;
  for (const [index, tool] of tools.entries()) {
    if (!isVendorTool(tool)) {
      if (declarations === undefined) {
        declarations = [];
        entries.push({ functionDeclarations: declarations });
      }
      declarations.push(renderDeclaration(tool));
    } else if (tool.dialect === "gemini") {
      declarations = undefined;
      entries.push(Array.isArray(tool.value[tool.name]) ? tool.value : { [tool.name]: tool.value });
    } else {
      report("unsupported", `tools[${index}]`, `${tool.name} is a tool of ${tool.dialect}; it was left out`);
    }
  }
  return entries;
}

function renderDeclaration(tool: ToolDefinition): JsonObject {
  const { $schema: _draft, ...schema } = tool.inputSchema;
  const declaration: WireFunctionDeclaration = {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
  };
  const original = geminiData(tool).declaration;
  if (original === undefined) return { ...declaration, ...(takesNothing(schema) ? {} : { parametersJsonSchema: schema }) };
  const { parameters, parametersJsonSchema, ...others } = original;
  // The client's own words count only while they still say what the tool's schema says.
  const kept = parameters ?? parametersJsonSchema;
  const said = JSON.stringify(inputSchemaOf(original));
  if (kept !== undefined && said === JSON.stringify(tool.inputSchema)) {
    return { ...declaration, ...others, ...(parameters === undefined ? { parametersJsonSchema: kept } : { parameters: kept }) };
  }
  return { ...declaration, ...others, ...(takesNothing(schema) ? {} : { parametersJsonSchema: schema }) };
}

/** The JSON Schema of a declaration as it came, in whichever of the two languages. */
export function inputSchemaOf(declaration: JsonObject): JsonObject {
  const { parameters, parametersJsonSchema } = declaration;
  if (isObject(parametersJsonSchema)) return parametersJsonSchema;
  return isObject(parameters) ? jsonSchemaOf(parameters) : { type: "object", properties: {} };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object without properties: Gemini wants no parameters at all then. */
export function takesNothing(schema: JsonObject): boolean {
  if (schema.type !== "object" || !Object.keys(schema).every((key) => key === "type" || key === "properties")) return false;
  return schema.properties === undefined || (isObject(schema.properties) && Object.keys(schema.properties).length === 0);
}

/** `functionCallingConfig`, or undefined for the vendor's default. */
export function renderToolChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): JsonObject | undefined {
  const strict = tools.some((tool) => !isVendorTool(tool) && tool.strict === true);
  if (choice === undefined) return strict ? { mode: "VALIDATED" } : undefined;
  if (choice === "auto") return { mode: strict ? "VALIDATED" : "AUTO" };
  if (choice === "required") return { mode: "ANY" };
  if (choice === "none") return { mode: "NONE" };
  return { mode: "ANY", allowedFunctionNames: [choice.tool] };
}
