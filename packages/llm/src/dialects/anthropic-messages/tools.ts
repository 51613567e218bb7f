/** Tools and the choice among them, both ways. */
import type { CacheDirective } from "../../cache.ts";
import type { JsonObject } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import { isVendorTool, type Tool, type ToolChoice, type ToolDefinition, type VendorTool } from "../../tool.ts";
import { ANTHROPIC_OUTPUT } from "../schema-profiles.ts";
import { optional, readArray, readBoolean, readObject, readOneOf, readString } from "../wire-reader.ts";
import { takeBreakpoint } from "./cache-breakpoints.ts";
import { BETA_BY_TOOL_TYPE } from "./quirks.ts";
import { extendBlock } from "./render-parts.ts";
import { needBeta, type RenderState } from "./render-state.ts";
import { DIALECT, otherBlockFields, withVendorData } from "./vendor-data.ts";
import type { WireBlock, WireTool, WireToolChoice } from "./wire.ts";

// To the vendor

export function renderTools(tools: readonly Tool[], state: RenderState): WireBlock[] {
  const rendered: WireBlock[] = [];
  for (const [index, tool] of tools.entries()) {
    const wire = isVendorTool(tool) ? renderVendorTool(tool, index, state) : renderTool(tool, index, state);
    if (wire !== undefined) rendered.push(wire);
  }
  return rendered;
}

function renderTool(tool: ToolDefinition, index: number, state: RenderState): WireBlock {
  const wire: WireTool = {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: inputSchema(tool, index, state),
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
  };
  return extendBlock(wire, tool.vendor, state);
}

/** Any schema passes for a plain tool, if its root says `object`; a strict one must fit the vendor's subset. */
function inputSchema(tool: ToolDefinition, index: number, state: RenderState): WireTool["input_schema"] {
  const path = `tools[${index}].inputSchema`;
  const lowered = tool.strict === true ? lowerSchema(tool.inputSchema, ANTHROPIC_OUTPUT, path) : undefined;
  state.warnings.push(...(lowered?.warnings ?? []));
  const schema = lowered?.schema ?? tool.inputSchema;
  return { ...schema, type: schema.type ?? "object" };
}

function renderVendorTool(tool: VendorTool, index: number, state: RenderState): WireBlock | undefined {
  if (tool.dialect !== DIALECT) {
    const detail = `${tool.name} is a tool of ${tool.dialect}; it was left out`;
    state.warnings.push({ type: "unsupported", path: `tools[${index}]`, detail });
    return undefined;
  }
  const type = typeof tool.value.type === "string" ? tool.value.type : "";
  const beta = BETA_BY_TOOL_TYPE.get(type);
  if (beta !== undefined) needBeta(state.betas, beta);
  return { ...tool.value, type };
}

export function renderToolChoice(request: CompletionRequest): WireToolChoice | undefined {
  const { toolChoice, parallelToolCalls } = request;
  if (toolChoice === "none") return { type: "none" };
  const parallel = parallelToolCalls === undefined ? {} : { disable_parallel_tool_use: !parallelToolCalls };
  if (toolChoice === undefined) return parallelToolCalls === undefined ? undefined : { type: "auto", ...parallel };
  if (typeof toolChoice === "object") return { type: "tool", name: toolChoice.tool, ...parallel };
  return { type: toolChoice === "required" ? "any" : "auto", ...parallel };
}

// From a client

export interface ParsedTools {
  readonly tools: readonly Tool[];
  readonly cache?: CacheDirective;
}

export function parseTools(value: unknown): ParsedTools {
  const blocks = readArray(value, "tools").map((tool, index) => readObject(tool, `tools[${index}]`));
  const { blocks: rest, directive } = takeBreakpoint(blocks, "tools");
  return { tools: rest.map(parseTool), ...(directive === undefined ? {} : { cache: directive }) };
}

const TOOL_FIELDS: ReadonlySet<string> = new Set(["type", "name", "description", "input_schema", "strict"]);

function parseTool(tool: JsonObject, index: number): Tool {
  const path = `tools[${index}]`;
  const type = optional(tool.type, `${path}.type`, readString);
  if (type !== undefined && type !== "custom") {
    const name = [tool.name, tool.mcp_server_name, type].find((candidate) => typeof candidate === "string");
    return { type: "vendor", dialect: DIALECT, name: String(name), value: tool };
  }
  const description = optional(tool.description, `${path}.description`, readString);
  const strict = optional(tool.strict, `${path}.strict`, readBoolean);
  const definition: ToolDefinition = {
    name: readString(tool.name, `${path}.name`),
    ...(description === undefined ? {} : { description }),
    inputSchema: readObject(tool.input_schema, `${path}.input_schema`),
    ...(strict === undefined ? {} : { strict }),
  };
  return withVendorData(definition, otherBlockFields(tool, TOOL_FIELDS));
}

export interface ParsedToolChoice {
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls?: boolean;
}

export function parseToolChoice(value: unknown): ParsedToolChoice {
  const choice = readObject(value, "tool_choice");
  const type = readOneOf(choice.type, ["auto", "any", "tool", "none"], "tool_choice.type");
  const disabled = optional(choice.disable_parallel_tool_use, "tool_choice.disable_parallel_tool_use", readBoolean);
  const parallel = disabled === undefined ? {} : { parallelToolCalls: !disabled };
  if (type === "tool") return { toolChoice: { tool: readString(choice.name, "tool_choice.name") }, ...parallel };
  return { toolChoice: type === "any" ? "required" : type, ...parallel };
}

/** Whether a history has calls or results in it: then the tools must stay, even when none may be called. */
export function hasToolParts(messages: CompletionRequest["messages"]): boolean {
  return messages.some((message) => message.parts.some((part) => part.type === "tool-call" || part.type === "tool-result"));
}
