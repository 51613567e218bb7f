/** Tools and how to choose among them -> the wire's flat form. */
import type { JsonObject } from "../../json.ts";
import { lowerSchema } from "../../schema.ts";
import type { Tool, ToolChoice, ToolDefinition } from "../../tool.ts";
import { isVendorTool } from "../../tool.ts";
import type { Warning } from "../../warning.ts";
import { OPENAI_STRICT } from "../schema-profiles.ts";
import { OPENAI_RESPONSES, ownVendor } from "./vendor-data.ts";
import type { WireFunctionTool, WireToolChoice } from "./wire.ts";

export function renderTools(tools: readonly Tool[], warnings: Warning[]): readonly JsonObject[] {
  return tools.flatMap((tool, index): readonly JsonObject[] => {
    if (!isVendorTool(tool)) return [functionTool(tool, `tools[${index}]`, warnings)];
    if (tool.dialect === OPENAI_RESPONSES) return [tool.value];
    const detail = `${tool.name} is a tool of ${tool.dialect}; left out`;
    warnings.push({ type: "unsupported", path: `tools[${index}]`, detail });
    return [];
  });
}

function functionTool(tool: ToolDefinition, path: string, warnings: Warning[]): WireFunctionTool & JsonObject {
  return {
    type: "function",
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: parametersOf(tool, path, warnings),
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    ...ownVendor(tool).tool,
  };
}

/** Only a strict tool is held to the vendor's subset of JSON Schema; any other takes the schema as it is. */
function parametersOf(tool: ToolDefinition, path: string, warnings: Warning[]): JsonObject {
  if (tool.strict !== true) return tool.inputSchema;
  const lowered = lowerSchema(tool.inputSchema, OPENAI_STRICT, `${path}.inputSchema`);
  warnings.push(...lowered.warnings);
  return lowered.schema;
}

export function renderToolChoice(choice: ToolChoice): WireToolChoice {
  return typeof choice === "string" ? choice : { type: "function", name: choice.tool };
}
