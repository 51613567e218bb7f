/** Everything of a request beside the conversation: sampling, thinking, tools, the form of the output. */
import type { Capabilities, CapabilityName } from "../../capabilities.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { CompletionRequest, ReasoningEffort } from "../../request.ts";
import { lowerSchema, type SchemaProfile } from "../../schema.ts";
import type { Tool, ToolChoice } from "../../tool.ts";
import type { Warning } from "../../warning.ts";
import { ownData } from "./fields.ts";
import { GEMINI_INTERACTIONS } from "./vendor-data.ts";

/** What may be asked of this model, and where to say what may not. */
export interface Asking {
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly warnings: Warning[];
}

/**
 * Keywords that the vendor ignores go into the description, so that the model at least reads them. Source: the vendor's SDK,
 * on `parameters` and `schema`: these "are ignored and not enforced".
 */
const SCHEMA_PROFILE: SchemaProfile = {
  name: "Gemini",
  keywords: "all",
  removedKeywords: new Set([
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
  ]),
};

function isRefused(asking: Asking, capability: CapabilityName, path: string): boolean {
  if (asking.capabilities[capability].answer !== "no") return false;
  asking.warnings.push({ type: "unsupported", path, detail: `${asking.model} does not take it (${capability}); left out` });
  return true;
}

function unsupported(asking: Asking, path: string, detail: string, value?: JsonValue): void {
  asking.warnings.push({ type: "unsupported", path, detail, ...(value === undefined ? {} : { value }) });
}

// Sampling and thinking

type Setting = keyof CompletionRequest;

/** Settings that go over as they are, with the capability that they need. */
const PLAIN: readonly (readonly [Setting, string, CapabilityName?])[] = [
  ["maxOutputTokens", "max_output_tokens"],
  ["temperature", "temperature", "temperature"],
  ["topP", "top_p"],
  ["seed", "seed", "seed"],
  ["stopSequences", "stop_sequences", "stopSequences"],
];

const ABSENT: readonly Setting[] = ["topK", "presencePenalty", "frequencyPenalty"];

export function renderGenerationConfig(request: CompletionRequest, asking: Asking): JsonObject {
  const config: Record<string, JsonValue> = {};
  for (const [name, field, capability] of PLAIN) {
    const value = request[name];
    if (value === undefined || (capability !== undefined && isRefused(asking, capability, name))) continue;
    config[field] = value as JsonValue;
  }
  for (const name of ABSENT) {
    if (request[name] !== undefined) unsupported(asking, name, `the Interactions API has no ${name}; left out`);
  }
  return { ...config, ...renderReasoning(request, asking), ...renderToolChoice(request, asking) };
}

/** An agent settles them by itself. Source: the vendor's SDK, whose agent requests have no `generation_config`. */
export function reportSettings(request: CompletionRequest, asking: Asking): JsonObject {
  const asked: readonly Setting[] = [...PLAIN.map(([name]) => name), ...ABSENT, "reasoning", "toolChoice", "parallelToolCalls"];
  for (const name of asked) {
    if (request[name] !== undefined) unsupported(asking, name, `an agent takes no ${name}; left out`);
  }
  return {};
}

const LEVELS: Readonly<Record<ReasoningEffort, string>> = {
  none: "minimal",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

function renderReasoning({ reasoning }: CompletionRequest, asking: Asking): JsonObject {
  if (reasoning === undefined || isRefused(asking, "reasoning", "reasoning")) return {};
  const { effort, budgetTokens, summary } = reasoning;
  if (budgetTokens !== undefined) {
    unsupported(asking, "reasoning.budgetTokens", "the wire grades thinking and counts no tokens of it; left out", budgetTokens);
  }
  return { ...renderEffort(effort, asking), ...renderSummary(summary, asking) };
}

function renderEffort(effort: ReasoningEffort | undefined, { warnings }: Asking): JsonObject {
  if (effort === undefined) return {};
  const level = LEVELS[effort];
  if (level !== effort) {
    warnings.push({ type: "lossy", path: "reasoning.effort", detail: `the wire has no grade ${effort}; ${level} was sent` });
  }
  return { thinking_level: level };
}

function renderSummary(summary: string | undefined, { warnings }: Asking): JsonObject {
  if (summary === undefined) return {};
  if (summary === "concise" || summary === "detailed") {
    warnings.push({ type: "lossy", path: "reasoning.summary", detail: `the wire has no ${summary} summaries; auto was sent` });
  }
  return { thinking_summaries: summary === "none" ? "none" : "auto" };
}

// Tools

export function renderTools(tools: readonly Tool[] | undefined, asking: Asking): readonly JsonObject[] {
  if (tools === undefined || tools.length === 0 || isRefused(asking, "tools", "tools")) return [];
  return tools.flatMap((tool, index): readonly JsonObject[] => {
    const path = `tools[${index}]`;
    if (tool.type === "vendor") {
      if (tool.dialect === GEMINI_INTERACTIONS) return [tool.value];
      unsupported(asking, path, `${tool.name} of ${tool.dialect} means nothing on this wire; left out`);
      return [];
    }
    if (tool.strict === true) unsupported(asking, `${path}.strict`, "the wire cannot ask for strict arguments; left out");
    const { schema, warnings } = lowerSchema(tool.inputSchema, SCHEMA_PROFILE, `${path}.inputSchema`);
    asking.warnings.push(...warnings);
    const description = tool.description === undefined ? {} : { description: tool.description };
    return [{ ...ownData(tool), type: "function", name: tool.name, ...description, parameters: schema }];
  });
}

function renderToolChoice({ toolChoice, parallelToolCalls }: CompletionRequest, asking: Asking): JsonObject {
  if (parallelToolCalls === false) {
    unsupported(asking, "parallelToolCalls", "the wire cannot forbid parallel calls; left out", false);
  }
  if (toolChoice === undefined || asking.capabilities.tools.answer === "no") return {};
  const forces = toolChoice !== "auto" && toolChoice !== "none";
  if (forces && isRefused(asking, "toolChoiceRequired", "toolChoice")) return {};
  return { tool_choice: choiceOf(toolChoice) };
}

function choiceOf(choice: ToolChoice): JsonValue {
  if (typeof choice !== "string") return { allowed_tools: { mode: "any", tools: [choice.tool] } };
  return choice === "required" ? "any" : choice;
}

// Output

export function renderOutput({ output }: CompletionRequest, asking: Asking): JsonObject {
  if (output === undefined) return {};
  if (output.type === "text") return { response_format: { type: "text" } };
  if (isRefused(asking, "jsonMode", "output")) return {};
  if (output.description !== undefined) {
    unsupported(asking, "output.description", "the wire has no description of an output; left out", output.description);
  }
  const format = { type: "text", mime_type: "application/json" };
  if (output.schema === undefined || isRefused(asking, "jsonSchema", "output.schema")) return { response_format: format };
  const { schema, warnings } = lowerSchema(output.schema, SCHEMA_PROFILE, "output.schema");
  asking.warnings.push(...warnings);
  return { response_format: { ...format, schema } };
}
