/**
 * Tools and the choice among them. The wire names no tool in its choice, so a named one goes alone; and it has one
 * `strict_tools` for all tools.
 */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { ToolCallPart } from "../../message.ts";
import { lowerSchema } from "../../schema.ts";
import { isVendorTool, type Tool, type ToolDefinition } from "../../tool.ts";
import { COHERE_STRUCTURED } from "../schema-profiles.ts";
import { type Body, isRefused, lossy, type Rendering, unsupported } from "./rendering.ts";
import { COHERE, vendorDataOf } from "./vendor-data.ts";

export function renderTools(rendering: Rendering): Body {
  const offered = (rendering.request.tools ?? []).map((tool, index) => ({ tool, path: `tools[${index}]` }));
  const chosen = chooseTools(rendering, offered);
  const strict = strictOf(rendering, chosen);
  const tools = chosen.flatMap(({ tool, path }) => renderTool(rendering, tool, path, strict === true));
  const choice = renderToolChoice(rendering, tools.length);
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(strict === undefined ? {} : { strict_tools: strict }),
  };
}

interface OfferedTool {
  readonly tool: Tool;
  readonly path: string;
}

/** All tools, or the one that must be called. */
function chooseTools(rendering: Rendering, offered: readonly OfferedTool[]): readonly OfferedTool[] {
  const { toolChoice } = rendering.request;
  if (typeof toolChoice !== "object") return offered;
  const named = offered.filter(({ tool }) => tool.name === toolChoice.tool);
  if (named.length === 0) {
    unsupported(rendering, "toolChoice", `there is no tool ${toolChoice.tool}; any tool may be called`);
    return offered;
  }
  lossy(rendering, "toolChoice", `the wire cannot name a tool; only ${toolChoice.tool} was offered, and a call required`);
  return named;
}

function renderToolChoice(rendering: Rendering, toolCount: number): JsonValue | undefined {
  const { toolChoice } = rendering.request;
  // Leaving it to the model is what the wire does unasked.
  if (toolChoice === undefined || toolChoice === "auto") return undefined;
  if (toolCount === 0) {
    unsupported(rendering, "toolChoice", "there are no tools to choose from; it was left out");
    return undefined;
  }
  if (isRefused(rendering, "toolChoiceRequired", "toolChoice")) return undefined;
  return toolChoice === "none" ? "NONE" : "REQUIRED";
}

/** Undefined where no tool says anything. */
function strictOf(rendering: Rendering, offered: readonly OfferedTool[]): boolean | undefined {
  const said = offered.map(({ tool }) => (isVendorTool(tool) ? undefined : tool.strict));
  if (said.length === 0 || said.every((strict) => strict === undefined)) return undefined;
  const [first] = said;
  if (said.every((strict) => strict === first)) return first;
  lossy(rendering, "tools", "the wire enforces the schemas of all tools or of none; it was asked for none");
  return undefined;
}

function renderTool(rendering: Rendering, tool: Tool, path: string, strict: boolean): readonly JsonObject[] {
  if (!isVendorTool(tool)) return [renderFunction(rendering, tool, path, strict)];
  if (tool.dialect === COHERE) return [tool.value];
  unsupported(rendering, path, `${tool.name} is a tool of ${tool.dialect}; it was left out`);
  return [];
}

/** Only what is enforced has to keep to the subset; otherwise the model reads the schema as it is. */
function renderFunction(rendering: Rendering, tool: ToolDefinition, path: string, strict: boolean): JsonObject {
  const lowered = strict ? lowerSchema(tool.inputSchema, COHERE_STRUCTURED, `${path}.inputSchema`) : undefined;
  rendering.warnings.push(...(lowered?.warnings ?? []));
  return {
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: lowered?.schema ?? tool.inputSchema,
      ...vendorDataOf(tool).fields,
    },
  };
}

export function renderToolCall(part: ToolCallPart): JsonObject {
  return {
    id: part.id,
    type: "function",
    function: { name: part.name, arguments: part.argumentsText ?? JSON.stringify(part.arguments) },
    ...vendorDataOf(part).fields,
  };
}
