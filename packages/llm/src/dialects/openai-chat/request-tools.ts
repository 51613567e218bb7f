/** Tools and the choice among them. */
import type { JsonObject, JsonValue } from "../../json.ts";
import { lowerSchema } from "../../schema.ts";
import { isVendorTool, type ToolChoice, type ToolDefinition } from "../../tool.ts";
import { type Body, isRefused, type Rendering, unsupported } from "./rendering.ts";
import { OPENAI_CHAT, vendorDataOf } from "./vendor-data.ts";

/** An empty list is left out: DashScope refuses it, and elsewhere it says nothing. */
export function renderTools(rendering: Rendering): Body {
  const { request, quirks } = rendering;
  const tools: JsonObject[] = [];
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (!isVendorTool(tool)) tools.push(renderFunction(rendering, tool, index));
    else if (tool.dialect === OPENAI_CHAT) tools.push(tool.value);
    else unsupported(rendering, `tools[${index}]`, `${tool.name} is a tool of ${tool.dialect}; it was left out`);
  }
  if (tools.length > 0 && isRefused(rendering, "tools", "tools")) return {};
  if (tools.length === 0) {
    if (request.toolChoice !== undefined)
      unsupported(rendering, "toolChoice", "there are no tools to choose from; it was left out");
    return {};
  }
  const choice = request.toolChoice === undefined ? undefined : renderToolChoice(rendering, request.toolChoice);
  return {
    tools,
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...renderParallel(rendering, quirks.parallelToolCalls),
  };
}

function renderFunction(rendering: Rendering, tool: ToolDefinition, index: number): JsonObject {
  const { quirks } = rendering;
  const data = vendorDataOf(tool);
  const path = `tools[${index}]`;
  const strict = tool.strict === true && !quirks.strictTools ? undefined : tool.strict;
  if (strict !== tool.strict)
    unsupported(rendering, `${path}.strict`, "the vendor does not enforce schemas of tools; it was left out");
  const profile = strict === true ? quirks.strictSchema : quirks.schema;
  const lowered = lowerSchema(tool.inputSchema, profile, `${path}.inputSchema`);
  rendering.warnings.push(...lowered.warnings);
  return {
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: lowered.schema,
      ...(strict === undefined || !quirks.strictTools ? {} : { strict }),
      ...data.function,
    },
    ...data.fields,
  };
}

function renderToolChoice(rendering: Rendering, choice: ToolChoice): JsonValue | undefined {
  const { quirks } = rendering;
  if (!quirks.toolChoice) {
    if (choice !== "auto") unsupported(rendering, "toolChoice", "the vendor has no tool_choice; the model decides by itself");
    return undefined;
  }
  if (choice === "auto" || choice === "none") return choice;
  const mayRequire = takesForcedCall(rendering);
  if (choice !== "required" && quirks.toolChoiceNamed && mayRequire) return { type: "function", function: { name: choice.tool } };
  if (choice === "required" && mayRequire) return "required";
  const instead = mayRequire ? "required" : "auto";
  const wish = choice === "required" ? "a required tool call" : `a call of ${choice.tool}`;
  unsupported(rendering, "toolChoice", `the vendor cannot force ${wish}; ${instead} was sent`);
  return instead;
}

function takesForcedCall({ quirks, capabilities, request }: Rendering): boolean {
  const known = capabilities.toolChoiceRequired.answer;
  if (quirks.toolChoiceRequired !== "without-reasoning") return quirks.toolChoiceRequired && known !== "no";
  return request.reasoning === undefined ? known === "yes" : request.reasoning.effort === "none";
}

function renderParallel(rendering: Rendering, isTaken: boolean): Body {
  const parallel = rendering.request.parallelToolCalls;
  if (parallel === undefined || isRefused(rendering, "parallelToolCalls", "parallelToolCalls")) return {};
  if (isTaken) return { parallel_tool_calls: parallel };
  unsupported(rendering, "parallelToolCalls", "the vendor has no parallel_tool_calls; it was left out");
  return {};
}
