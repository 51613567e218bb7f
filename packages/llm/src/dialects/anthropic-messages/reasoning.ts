/**
 * Thinking between one scale for all vendors and Anthropic's two forms: a budget of tokens (older models), or adaptive
 * thinking graded by `output_config.effort` (newer ones). Which form a model takes is a row in `quirks.ts`.
 */
import { isJsonObject, type JsonValue } from "../../json.ts";
import type { ReasoningEffort, ReasoningRequest } from "../../request.ts";
import type { ToolChoice } from "../../tool.ts";
import type { Warning } from "../../warning.ts";
import { type AnthropicEffort, type AnthropicModelRule, BUDGET_BY_EFFORT, THINKING_BUDGET_MIN } from "./quirks.ts";
import type { WireThinking } from "./wire.ts";

export interface RenderedReasoning {
  readonly thinking?: WireThinking;
  readonly effort?: AnthropicEffort;
  /** Of `thinking`: what did not go over as asked. */
  readonly warnings: readonly Warning[];
  /** Of `effort`. */
  readonly effortWarnings?: readonly Warning[];
}

/** The other settings of a request that thinking must fit. */
export interface ReasoningSurroundings {
  readonly rule: AnthropicModelRule;
  readonly maxOutputTokens: number | undefined;
  readonly toolChoice: ToolChoice | undefined;
}

type Effort = Exclude<ReasoningEffort, "none">;
type Display = { display?: "summarized" | "omitted" };

export function renderReasoning(
  reasoning: ReasoningRequest | undefined,
  { rule, maxOutputTokens, toolChoice }: ReasoningSurroundings,
): RenderedReasoning {
  if (reasoning === undefined) return { warnings: [] };
  if (reasoning.effort === "none") return renderOff(rule);
  if (rule.thinking === "none") {
    return { warnings: [unsupported("reasoning", `${rule.model} has no thinking; it was left out`)] };
  }
  const warnings: Warning[] = [];
  const counted = rule.thinking === "budget" || (rule.thinking === "both" && reasoning.budgetTokens !== undefined);
  const effort = counted ? reasoning.effort : (reasoning.effort ?? effortForBudget(reasoning.budgetTokens));
  if (!counted && reasoning.budgetTokens !== undefined) {
    const instead = effort === undefined ? "adaptive thinking" : `the effort ${effort}`;
    warnings.push(lossy("reasoning.budgetTokens", `${rule.model} takes no thinking budget; ${instead} was sent instead`));
  }
  const effortWarnings: Warning[] = [];
  const level = effort === undefined ? undefined : levelFor(effort, rule, effortWarnings);
  const thinking: WireThinking | undefined = counted
    ? renderBudget(reasoning, maxOutputTokens, toolChoice, warnings)
    : { type: "adaptive", ...displayOf(reasoning, "hidden") };
  return {
    ...(thinking === undefined ? {} : { thinking }),
    ...(level === undefined ? {} : { effort: level }),
    warnings,
    effortWarnings,
  };
}

function renderOff(rule: AnthropicModelRule): RenderedReasoning {
  if (rule.alwaysThinks === true) {
    return { warnings: [unsupported("reasoning.effort", `${rule.model} always thinks; it cannot be turned off`)] };
  }
  return rule.thinking === "none" ? { warnings: [] } : { thinking: { type: "disabled" }, warnings: [] };
}

function renderBudget(
  reasoning: ReasoningRequest,
  maxOutputTokens: number | undefined,
  toolChoice: ToolChoice | undefined,
  warnings: Warning[],
): WireThinking | undefined {
  const asked = reasoning.budgetTokens ?? budgetForEffort(reasoning.effort);
  if (asked === undefined) {
    warnings.push(unsupported("reasoning", "this model thinks within a budget; give an effort or budgetTokens. It was left out"));
    return undefined;
  }
  if (toolChoice === "required" || typeof toolChoice === "object") {
    warnings.push(unsupported("reasoning", "thinking is refused beside a forced tool choice; thinking was left out"));
    return undefined;
  }
  const budget = fitBudget(asked, maxOutputTokens, warnings);
  return budget === undefined ? undefined : { type: "enabled", budget_tokens: budget, ...displayOf(reasoning, "shown") };
}

/** The budget must be at least 1024 and below `max_tokens`, which bounds thinking and answer together. */
function fitBudget(asked: number, maxOutputTokens: number | undefined, warnings: Warning[]): number | undefined {
  const path = "reasoning.budgetTokens";
  const budget = Math.max(asked, THINKING_BUDGET_MIN);
  if (budget !== asked) warnings.push(lossy(path, `a thinking budget of ${asked} is below the minimum; ${budget} was sent`));
  if (maxOutputTokens === undefined || budget < maxOutputTokens) return budget;
  if (maxOutputTokens <= THINKING_BUDGET_MIN) {
    warnings.push(unsupported(path, `maxOutputTokens ${maxOutputTokens} leaves no room for thinking; it was left out`));
    return undefined;
  }
  const fitted = Math.max(THINKING_BUDGET_MIN, Math.floor(maxOutputTokens / 2));
  warnings.push(
    lossy(path, `a thinking budget of ${budget} does not fit maxOutputTokens ${maxOutputTokens}; ${fitted} was sent`),
  );
  return fitted;
}

function budgetForEffort(effort: ReasoningEffort | undefined): number | undefined {
  return effort === undefined || effort === "none" ? undefined : BUDGET_BY_EFFORT[effort];
}

const GRADES = ["low", "medium", "high", "xhigh", "max"] as const satisfies readonly AnthropicEffort[];

/** The lowest effort whose budget holds that many tokens. */
function effortForBudget(budgetTokens: number | undefined): Effort | undefined {
  if (budgetTokens === undefined) return undefined;
  return GRADES.find((grade) => BUDGET_BY_EFFORT[grade] >= budgetTokens) ?? "max";
}

/** The highest level of the model that is not above the effort asked for. */
function levelFor(effort: Effort, rule: AnthropicModelRule, warnings: Warning[]): AnthropicEffort | undefined {
  const levels = rule.efforts;
  if (levels === undefined) return undefined;
  const wanted = effort === "minimal" ? 0 : GRADES.indexOf(effort);
  const level = levels.findLast((candidate) => GRADES.indexOf(candidate) <= wanted) ?? levels[0];
  if (level !== effort) warnings.push(lossy("reasoning.effort", `${rule.model} has no effort ${effort}; ${level} was sent`));
  return level;
}

/** Thinking within a budget is shown unasked; adaptive thinking may not be. */
function displayOf(reasoning: ReasoningRequest, unasked: "shown" | "hidden"): Display {
  if (reasoning.summary === undefined || (reasoning.summary === "auto" && unasked === "shown")) return {};
  return { display: reasoning.summary === "none" ? "omitted" : "summarized" };
}

/** The setting in a caller's own words, as far as other settings depend on it. */
export function readThinking(value: JsonValue | undefined): WireThinking | undefined {
  if (!isJsonObject(value) || value.type === "disabled") return undefined;
  return typeof value.budget_tokens === "number" ? { type: "enabled", budget_tokens: value.budget_tokens } : { type: "adaptive" };
}

/** Whether two thinking settings ask for the same. */
export function sameThinking(first: WireThinking | undefined, second: WireThinking | undefined): boolean {
  if (first === undefined || second === undefined) return first === second;
  const budgets = [first, second].map((thinking) => (thinking.type === "enabled" ? thinking.budget_tokens : undefined));
  const displays = [first, second].map((thinking) => (thinking.type === "disabled" ? undefined : thinking.display));
  return first.type === second.type && budgets[0] === budgets[1] && displays[0] === displays[1];
}

/** What a client's settings ask for, on our scale. */
export function parseReasoning(
  thinking: WireThinking | undefined,
  effort: AnthropicEffort | undefined,
): ReasoningRequest | undefined {
  if (thinking === undefined) return effort === undefined ? undefined : { effort };
  if (thinking.type === "disabled") return { effort: "none" };
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(thinking.type === "enabled" ? { budgetTokens: thinking.budget_tokens } : {}),
    ...parseDisplay(thinking),
  };
}

/** Who asks for thinking within a budget expects to read it, and says nothing more; another vendor has to be asked. */
function parseDisplay(thinking: Exclude<WireThinking, { type: "disabled" }>): Pick<ReasoningRequest, "summary"> {
  if (thinking.display !== undefined) return { summary: thinking.display === "omitted" ? "none" : "auto" };
  return thinking.type === "enabled" ? { summary: "auto" } : {};
}

function unsupported(path: string, detail: string): Warning {
  return { type: "unsupported", path, detail };
}

function lossy(path: string, detail: string): Warning {
  return { type: "lossy", path, detail };
}
