/** Tools, and what stands in for a choice among them, which the wire does not have. */
import type { JsonObject, JsonValue } from "../../json.ts";
import { lowerSchema } from "../../schema.ts";
import { isVendorTool, type Tool, type ToolDefinition } from "../../tool.ts";
import { OLLAMA_TOOL } from "../schema-profiles.ts";
import { lossy, type Rendering, unsupported } from "./rendering.ts";
import { OLLAMA, ollamaDataOf } from "./vendor-data.ts";
import type { WireTool } from "./wire.ts";

/** Undefined where no tools are to be sent. */
export function renderTools(rendering: Rendering): readonly JsonValue[] | undefined {
  const { tools, parallelToolCalls } = rendering.request;
  if (parallelToolCalls === false) {
    unsupported(rendering, "parallelToolCalls", "Ollama cannot forbid several calls in one answer; it was left out");
  }
  const chosen = chooseTools(rendering, tools);
  return chosen?.flatMap((tool) => renderTool(rendering, tool, `tools[${tools?.indexOf(tool)}]`));
}

/** A choice is made by what is offered: no tools for `none`, only the one that is named. */
function chooseTools(rendering: Rendering, tools: readonly Tool[] | undefined): readonly Tool[] | undefined {
  const { toolChoice } = rendering.request;
  if (tools === undefined || toolChoice === undefined || toolChoice === "auto") return tools;
  if (toolChoice === "none") {
    lossy(rendering, "toolChoice", "Ollama has no tool choice; so that none is called, no tools were sent");
    return undefined;
  }
  if (toolChoice === "required") {
    unsupported(rendering, "toolChoice", "Ollama cannot force a tool call; the model decides by itself");
    return tools;
  }
  const detail = `Ollama cannot force a call of ${toolChoice.tool}; it is the only tool that was sent`;
  unsupported(rendering, "toolChoice", detail);
  return tools.filter((tool) => tool.name === toolChoice.tool);
}

function renderTool(rendering: Rendering, tool: Tool, path: string): readonly JsonValue[] {
  if (!isVendorTool(tool)) return [renderFunction(rendering, tool, path)];
  if (tool.dialect === OLLAMA) return [tool.value];
  unsupported(rendering, path, `${tool.name} is a tool of ${tool.dialect}; it was left out`);
  return [];
}

function renderFunction(rendering: Rendering, tool: ToolDefinition, path: string): JsonObject {
  if (tool.strict !== undefined)
    unsupported(rendering, `${path}.strict`, "Ollama does not enforce schemas of tools; it was left out");
  const lowered = lowerSchema(tool.inputSchema, OLLAMA_TOOL, `${path}.inputSchema`);
  rendering.warnings.push(...lowered.warnings);
  const { description: ofSchema, ...parameters } = takeRoot(rendering, lowered.schema, `${path}.inputSchema`);
  const own = tool.description === undefined ? [] : [tool.description];
  const description = typeof ofSchema === "string" && ofSchema !== "" ? [...own, ofSchema] : own;
  if (description.length > own.length) {
    lossy(
      rendering,
      `${path}.inputSchema.description`,
      "the schema's own description went to the tool's; Ollama forgets it there",
    );
  }
  const rendered: WireTool = {
    type: "function",
    function: {
      name: tool.name,
      ...(description.length === 0 ? {} : { description: description.join("\n") }),
      parameters,
    },
  };
  return { ...rendered, ...ollamaDataOf(tool).fields };
}

/** Fields of ToolFunctionParameters in ollama/ollama, api/types.go; the engine forgets all others. */
const ROOT_FIELDS: ReadonlySet<string> = new Set(["type", "properties", "required", "items", "description"]);

function takeRoot(rendering: Rendering, schema: JsonObject, path: string): JsonObject {
  const kept = Object.entries(schema).filter(([keyword]) => {
    if (ROOT_FIELDS.has(keyword)) return true;
    lossy(rendering, `${path}.${keyword}`, `Ollama does not take ${keyword} at the root of a tool's schema; it was left out`);
    return false;
  });
  return Object.fromEntries(kept);
}
