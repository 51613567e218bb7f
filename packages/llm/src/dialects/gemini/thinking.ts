/** How much to think: one canonical scale -> a level or a budget, by the model's row; and back. */
import type { JsonObject } from "../../json.ts";
import type { ReasoningEffort, ReasoningRequest } from "../../request.ts";
import { invalidField, optional, readBoolean, readInteger, readString } from "../wire-reader.ts";
import type { ThinkingControl, ThinkingLevel } from "./quirks.ts";
import type { Report } from "./report.ts";
import type { WireThinkingConfig } from "./wire.ts";

/**
 * Tokens for an effort on models that count. Source: ai.google.dev/gemini-api/docs/openai, the table of
 * `reasoning_effort`; the two highest are the model's own maximum.
 */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, "none">, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: Number.MAX_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
};

const LEVELS: Readonly<Record<Exclude<ReasoningEffort, "none">, ThinkingLevel>> = {
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
};

const ORDER: readonly ThinkingLevel[] = ["MINIMAL", "LOW", "MEDIUM", "HIGH"];

export function renderThinking(
  reasoning: ReasoningRequest | undefined,
  control: ThinkingControl,
  report: Report,
): WireThinkingConfig | undefined {
  if (reasoning === undefined) return undefined;
  if (control.type === "none") {
    if (reasoning.effort === "none") return undefined;
    report("unsupported", "reasoning", "the model does not think; the setting was left out");
    return undefined;
  }
  const config: WireThinkingConfig = {
    ...renderSummary(reasoning.summary, report),
    ...(control.type === "level" ? renderLevel(reasoning, control.levels, report) : renderBudget(reasoning, control, report)),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function renderSummary(summary: ReasoningRequest["summary"], report: Report): WireThinkingConfig {
  if (summary === undefined) return {};
  if (summary === "concise" || summary === "detailed") {
    report("lossy", "reasoning.summary", "Gemini shows its thoughts in one form only; they were asked for");
  }
  return { includeThoughts: summary !== "none" };
}

function renderLevel(reasoning: ReasoningRequest, levels: readonly ThinkingLevel[], report: Report): WireThinkingConfig {
  const { effort, budgetTokens } = reasoning;
  if (effort === undefined) return budgetTokens === undefined ? {} : { thinkingBudget: budgetTokens };
  if (budgetTokens !== undefined) {
    report("unsupported", "reasoning.budgetTokens", "the model takes a level or a budget; the budget was left out");
  }
  const lowest = levels[0];
  if (effort === "none") {
    if (lowest === undefined) return {};
    report("unsupported", "reasoning.effort", `thinking cannot be turned off; the lowest level ${lowest} was asked for`);
    return { thinkingLevel: lowest };
  }
  const level = nearestLevel(LEVELS[effort], levels);
  if (level.toLowerCase() !== effort) {
    report("lossy", "reasoning.effort", `the model has no level ${effort}; ${level} was asked for`);
  }
  return { thinkingLevel: level };
}

/** The level itself, else the next higher one, else the highest. */
function nearestLevel(wanted: ThinkingLevel, levels: readonly ThinkingLevel[]): ThinkingLevel {
  const rank = ORDER.indexOf(wanted);
  return levels.find((level) => ORDER.indexOf(level) >= rank) ?? levels.at(-1) ?? wanted;
}

function renderBudget(
  reasoning: ReasoningRequest,
  control: Extract<ThinkingControl, { type: "budget" }>,
  report: Report,
): WireThinkingConfig {
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens !== undefined) {
    if (effort !== undefined) report("lossy", "reasoning.effort", "the model takes a budget; the effort beside it was left out");
    return { thinkingBudget: budgetTokens };
  }
  if (effort === undefined) return {};
  if (effort === "none") {
    if (control.off) return { thinkingBudget: 0 };
    report("unsupported", "reasoning.effort", `thinking cannot be turned off; ${control.tokensMin} tokens were allowed`);
    return { thinkingBudget: control.tokensMin };
  }
  const budget = Math.min(Math.max(BUDGETS[effort], control.tokensMin), control.tokensMax);
  report("lossy", "reasoning.effort", `the model counts its thinking; the effort was sent as ${budget} tokens`);
  return { thinkingBudget: budget };
}

export interface ParsedThinking {
  readonly reasoning: ReasoningRequest | undefined;
  /** Fields without a canonical form, for the vendor options. */
  readonly rest: JsonObject | undefined;
}

/** A client's `thinkingConfig`, keys in camelCase. A budget of -1 leaves it to the model and stays a vendor option. */
export function parseThinking(config: JsonObject, path: string): ParsedThinking {
  const { includeThoughts, thinkingBudget, thinkingLevel, ...others } = config;
  const include = optional(includeThoughts, `${path}.includeThoughts`, readBoolean);
  const budget = optional(thinkingBudget, `${path}.thinkingBudget`, readInteger);
  const level = optional(thinkingLevel, `${path}.thinkingLevel`, readString);
  const reasoning: ReasoningRequest = {
    ...(level === undefined ? {} : readLevel(level, `${path}.thinkingLevel`)),
    ...(level === undefined && budget === 0 ? { effort: "none" as const } : {}),
    ...(budget !== undefined && budget > 0 ? { budgetTokens: budget } : {}),
    ...(include === undefined ? {} : { summary: include ? ("auto" as const) : ("none" as const) }),
  };
  const rest = { ...others, ...(budget !== undefined && budget < 0 ? { thinkingBudget: budget } : {}) };
  return {
    reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
    rest: Object.keys(rest).length === 0 ? undefined : rest,
  };
}

function readLevel(level: string, path: string): { effort?: ReasoningEffort } {
  switch (level.toUpperCase()) {
    case "MINIMAL":
      return { effort: "minimal" };
    case "LOW":
      return { effort: "low" };
    case "MEDIUM":
      return { effort: "medium" };
    case "HIGH":
      return { effort: "high" };
    case "THINKING_LEVEL_UNSPECIFIED":
      return {};
    default:
      throw invalidField(path, `${path} must be MINIMAL, LOW, MEDIUM or HIGH, not ${JSON.stringify(level)}`);
  }
}
