/**
 * Tools and the choice among them, both ways. The wire demands `toolConfig` whenever the history has calls or results, and
 * has no word for "call none".
 */
import type { CacheDirective } from "../../cache.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { lowerSchema } from "../../schema.ts";
import { isVendorTool, type Tool, type ToolChoice, type ToolDefinition } from "../../tool.ts";
import { ANTHROPIC_OUTPUT } from "../schema-profiles.ts";
import { invalidField, optional, readArray, readBoolean, readObject, readString } from "../wire-reader.ts";
import { directiveFor } from "./cache-points.ts";
import { isRefused, lossy, type Rendering, unsupported } from "./rendering.ts";
import { fromWireName, toWireName } from "./tool-names.ts";
import { BEDROCK, otherFieldsData, vendorDataOf, withVendorData } from "./vendor-data.ts";

// To the vendor

/** The tools to be sent. Cache points may still be added to them. */
export function renderTools(rendering: Rendering): JsonObject[] {
  const { tools = [], toolChoice, parallelToolCalls } = rendering.request;
  const mustStay = calledTools(rendering);
  if (parallelToolCalls !== undefined) {
    unsupported(rendering, "parallelToolCalls", "the wire cannot say how many tools may be called at once; it was left out");
  }
  if (toolChoice === "none" && tools.length > 0 && mustStay.size === 0) {
    lossy(rendering, "toolChoice", "the wire has no word for calling none, so the tools were left out");
    return [];
  }
  if (toolChoice === "none" && mustStay.size > 0) {
    lossy(rendering, "toolChoice", "the wire has no word for calling none, and the history needs the tools; they may be called");
  }
  const offered = tools.flatMap((tool, index) => renderTool(rendering, tool, `tools[${index}]`));
  return offered.length > 0 ? offered : placeholders(rendering, mustStay);
}

/** Names of the tools in the history. */
function calledTools({ request }: Rendering): ReadonlySet<string> {
  const names = new Set<string>();
  for (const message of request.messages) {
    for (const part of message.parts) {
      if (part.type === "tool-call") names.add(part.name);
      else if (part.type === "tool-result") names.add(part.toolName ?? "tool");
    }
  }
  return names;
}

function placeholders(rendering: Rendering, names: ReadonlySet<string>): JsonObject[] {
  if (names.size === 0) return [];
  lossy(
    rendering,
    "tools",
    `the history has calls of ${[...names].join(", ")}, which the wire wants declared; they went without a schema`,
  );
  return [...names].map((name) => ({ toolSpec: { name: toWireName(name), inputSchema: { json: { type: "object" } } } }));
}

function renderTool(rendering: Rendering, tool: Tool, path: string): readonly JsonObject[] {
  if (!isVendorTool(tool)) return [{ toolSpec: renderToolSpec(rendering, tool, path) }];
  if (tool.dialect === BEDROCK) return [tool.value];
  unsupported(rendering, path, `${tool.name} is a tool of ${tool.dialect}; it was left out`);
  return [];
}

/** Any schema passes for a plain tool, if its root says `object`; a strict one must fit the subset that is enforced. */
function renderToolSpec(rendering: Rendering, tool: ToolDefinition, path: string): JsonObject {
  const lowered = tool.strict === true ? lowerSchema(tool.inputSchema, ANTHROPIC_OUTPUT, `${path}.inputSchema`) : undefined;
  rendering.warnings.push(...(lowered?.warnings ?? []));
  const schema = lowered?.schema ?? tool.inputSchema;
  // An empty description is refused.
  const description = tool.description === "" ? undefined : tool.description;
  return {
    name: toWireName(tool.name),
    ...(description === undefined ? {} : { description }),
    inputSchema: { json: { ...schema, type: schema.type ?? "object" } },
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    ...vendorDataOf(tool).fields,
  };
}

/** `toolConfig`, or undefined where there are no tools. */
export function renderToolConfig(rendering: Rendering, tools: readonly JsonObject[]): JsonObject | undefined {
  const { toolChoice } = rendering.request;
  const isForced = toolChoice === "required" || typeof toolChoice === "object";
  if (tools.length === 0) {
    if (isForced) unsupported(rendering, "toolChoice", "there are no tools to choose from; it was left out");
    return undefined;
  }
  if (typeof toolChoice === "object") return namedChoice(rendering, toolChoice.tool, tools);
  const choice = toolChoice === "required" ? anyChoice(rendering) : toolChoice === "auto" ? autoChoice(rendering) : undefined;
  return { tools, ...(choice === undefined ? {} : { toolChoice: choice }) };
}

/** Unasked the model decides, so it goes without saying where it cannot be said. */
function autoChoice({ family }: Rendering): JsonObject | undefined {
  return family.toolChoices.includes("auto") ? { auto: {} } : undefined;
}

function anyChoice(rendering: Rendering): JsonObject | undefined {
  if (isRefused(rendering, "toolChoiceRequired", "toolChoice")) return undefined;
  if (rendering.family.toolChoices.includes("any")) return { any: {} };
  return unsupported(rendering, "toolChoice", `${rendering.request.model} cannot be made to call a tool; it was left out`);
}

/** A family that takes no name gets the one tool alone, unless the history needs the others. */
function namedChoice(rendering: Rendering, name: string, tools: readonly JsonObject[]): JsonObject {
  if (rendering.capabilities.toolChoiceRequired.answer !== "no" && rendering.family.toolChoices.includes("tool")) {
    return { tools, toolChoice: { tool: { name: toWireName(name) } } };
  }
  const choice = anyChoice(rendering);
  const alone = calledTools(rendering).size === 0 ? tools.filter((tool) => nameOf(tool) === toWireName(name)) : [];
  lossy(
    rendering,
    "toolChoice",
    `${rendering.request.model} takes no name of a tool; ${alone.length > 0 ? "only that one was offered" : "any may be called"}`,
  );
  return { tools: alone.length > 0 ? alone : tools, ...(choice === undefined ? {} : { toolChoice: choice }) };
}

function nameOf({ toolSpec }: JsonObject): unknown {
  return isJsonObject(toolSpec) ? toolSpec.name : undefined;
}

// From a client

export interface ParsedToolConfig {
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly cache: readonly CacheDirective[];
}

export function parseToolConfig(value: unknown): ParsedToolConfig {
  const config = readObject(value, "toolConfig");
  const blocks = readArray(config.tools, "toolConfig.tools").map((tool, index) => readObject(tool, `toolConfig.tools[${index}]`));
  const last = blocks.at(-1);
  const directive = last === undefined ? undefined : directiveFor(last, "tools");
  const rest = directive === undefined ? blocks : blocks.slice(0, -1);
  const toolChoice = optional(config.toolChoice, "toolConfig.toolChoice", parseToolChoice);
  return {
    tools: rest.map((block, index) => parseTool(block, `toolConfig.tools[${index}]`)),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    cache: directive === undefined ? [] : [directive],
  };
}

const SPEC_FIELDS: ReadonlySet<string> = new Set(["name", "description", "inputSchema", "strict"]);

/** A tool of Bedrock's own, a cache point between tools, or one that is new to us goes back as it came. */
function parseTool(block: JsonObject, path: string): Tool {
  if (block.toolSpec === undefined || block.toolSpec === null) {
    const [kind] = Object.keys(block);
    if (kind === undefined) throw invalidField(path, `${path} must have a toolSpec`);
    const named = isJsonObject(block.systemTool) ? block.systemTool.name : undefined;
    return { type: "vendor", dialect: BEDROCK, name: typeof named === "string" ? named : kind, value: block };
  }
  const spec = readObject(block.toolSpec, `${path}.toolSpec`);
  const description = optional(spec.description, `${path}.toolSpec.description`, readString);
  const strict = optional(spec.strict, `${path}.toolSpec.strict`, readBoolean);
  const { json } = readObject(spec.inputSchema, `${path}.toolSpec.inputSchema`);
  return {
    name: fromWireName(readString(spec.name, `${path}.toolSpec.name`)),
    ...(description === undefined ? {} : { description }),
    inputSchema: readObject(json, `${path}.toolSpec.inputSchema.json`),
    ...(strict === undefined ? {} : { strict }),
    ...withVendorData(otherFieldsData(spec, SPEC_FIELDS)),
  };
}

function parseToolChoice(value: unknown, field: string): ToolChoice {
  const choice = readObject(value, field);
  if (isJsonObject(choice.tool)) return { tool: fromWireName(readString(choice.tool.name, `${field}.tool.name`)) };
  if (isJsonObject(choice.any)) return "required";
  if (isJsonObject(choice.auto)) return "auto";
  throw invalidField(field, `${field} must hold auto, any or tool`);
}
