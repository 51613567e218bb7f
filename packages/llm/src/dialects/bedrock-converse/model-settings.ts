/**
 * Sampling and thinking: what goes into `inferenceConfig`, and what each family takes in `additionalModelRequestFields`.
 * Claude's rules are those of its own wire, so they are not written down twice.
 */
import type { CapabilityName } from "../../capabilities.ts";
import { isJsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest, ReasoningEffort } from "../../request.ts";
import { lacksThinking, openTurnOf, THINKING_LEFT_OUT, type TurnBlocks } from "../anthropic-messages/open-turn.ts";
import { BUDGET_BY_EFFORT, modelRule } from "../anthropic-messages/quirks.ts";
import { type RenderedReasoning, renderReasoning } from "../anthropic-messages/reasoning.ts";
import { renderSampling } from "../anthropic-messages/sampling.ts";
import { plainModelId, type ReasoningForm } from "./families.ts";
import type { Turn } from "./render-messages.ts";
import { type Body, isRefused, lossy, type Rendering, unsupported } from "./rendering.ts";

export interface ModelSettings {
  readonly inferenceConfig: Body;
  readonly additionalFields: Body;
}

/** May take thinking out of the turns that they are sent with. */
export function renderModelSettings(rendering: Rendering, turns: readonly Turn[]): ModelSettings {
  return rendering.family.reasoning.type === "claude" ? claudeSettings(rendering, turns) : otherSettings(rendering);
}

// Claude

function claudeSettings(rendering: Rendering, turns: readonly Turn[]): ModelSettings {
  const { request, capabilities, warnings } = rendering;
  const rule = modelRule(plainModelId(request.model), {});
  const { thinking, effort } = claudeReasoning(rendering, rule, turns);
  const state = { quirks: {}, rule, capabilities, warnings, betas: [] };
  const { temperature, top_p, top_k } = renderSampling(request, thinking, state);
  const maxTokens = request.maxOutputTokens ?? roomForThinking(thinking?.type === "enabled" ? thinking.budget_tokens : 0);
  return {
    inferenceConfig: {
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(top_p === undefined ? {} : { topP: top_p }),
      ...stopSequences(rendering),
    },
    additionalFields: {
      ...(top_k === undefined ? {} : { top_k }),
      ...(thinking === undefined ? {} : { thinking: { ...thinking } }),
      ...(effort === undefined ? {} : { output_config: { effort } }),
    },
  };
}

function claudeReasoning(
  rendering: Rendering,
  rule: ReturnType<typeof modelRule>,
  turns: readonly Turn[],
): Pick<RenderedReasoning, "thinking" | "effort"> {
  const { reasoning, maxOutputTokens, toolChoice } = rendering.request;
  const isAsked = reasoning !== undefined && reasoning.effort !== "none";
  if (isAsked && isRefused(rendering, "reasoning", "reasoning")) return {};
  const rendered = renderReasoning(reasoning, { rule, maxOutputTokens, toolChoice });
  rendering.warnings.push(...rendered.warnings, ...(rendered.effortWarnings ?? []));
  const openTurn = openTurnOf(turns, CONVERSE_BLOCKS);
  if (rendered.thinking?.type !== "enabled" || !lacksThinking(openTurn, CONVERSE_BLOCKS)) return rendered;
  for (const turn of openTurn) turn.content = turn.content.filter((block) => !CONVERSE_BLOCKS.isThinking(block));
  unsupported(rendering, "reasoning", THINKING_LEFT_OUT);
  const { thinking: _thinking, ...effort } = rendered;
  return effort;
}

const CONVERSE_BLOCKS: TurnBlocks = {
  isThinking: (block) => isJsonObject(block) && block.reasoningContent !== undefined,
  isResult: (block) => isJsonObject(block) && block.toolResult !== undefined,
  isMark: (block) => isJsonObject(block) && block.cachePoint !== undefined,
};

/** What Bedrock writes at most unless it is told. Tokens. */
const MAX_TOKENS_UNASKED = 4096;

/** Claude refuses a thinking budget that is not below the bound, so a large one needs a bound of its own. */
function roomForThinking(budget: number): number | undefined {
  return budget < MAX_TOKENS_UNASKED ? undefined : budget + MAX_TOKENS_UNASKED;
}

// Everybody else

function otherSettings(rendering: Rendering): ModelSettings {
  const { request, family } = rendering;
  const reasoning = renderEffort(rendering, family.reasoning);
  const inferenceConfig: Body = {};
  const put = (field: string, value: number | undefined, path: keyof CompletionRequest, needs?: CapabilityName): void => {
    if (value === undefined || (needs !== undefined && isRefused(rendering, needs, path))) return;
    if (reasoning.alone) unsupported(rendering, path, "the model refuses it beside its highest effort; it was left out");
    else inferenceConfig[field] = value;
  };
  put("maxTokens", request.maxOutputTokens, "maxOutputTokens");
  put("temperature", request.temperature, "temperature", "temperature");
  put("topP", request.topP, "topP", "temperature");
  return {
    inferenceConfig: { ...inferenceConfig, ...stopSequences(rendering) },
    additionalFields: merged(topKField(rendering), reasoning.fields),
  };
}

function stopSequences(rendering: Rendering): Body {
  const { stopSequences: sequences } = rendering.request;
  if (sequences === undefined || isRefused(rendering, "stopSequences", "stopSequences")) return {};
  return { stopSequences: sequences };
}

function topKField(rendering: Rendering): Body {
  const { request, family } = rendering;
  if (request.topK === undefined || isRefused(rendering, "temperature", "topK")) return {};
  if (family.topK !== undefined) return nested(family.topK, request.topK);
  unsupported(rendering, "topK", `nobody has said where ${request.model} takes it; give it in additionalModelRequestFields`);
  return {};
}

interface RenderedEffort {
  readonly fields: Body;
  /** True where sampling settings and the bound must stay out. */
  readonly alone: boolean;
}

const NOTHING: RenderedEffort = { fields: {}, alone: false };

function renderEffort(rendering: Rendering, form: ReasoningForm): RenderedEffort {
  const { reasoning, model } = rendering.request;
  if (reasoning === undefined) return NOTHING;
  if (reasoning.effort === "none") return turnedOff(rendering, form);
  if (reasoning.summary === "none") unsupported(rendering, "reasoning.summary", "thinking is shown where there is any");
  const wanted = reasoning.effort ?? effortForBudget(reasoning.budgetTokens);
  if (wanted === undefined || form.type === "always") return NOTHING;
  if (isRefused(rendering, "reasoning", "reasoning")) return NOTHING;
  if (form.type !== "effort") {
    const why = form.type === "none" ? `${model} has no thinking` : `nobody has said how ${model} is asked to think`;
    unsupported(rendering, "reasoning", `${why}; it was left out, additionalModelRequestFields can say more`);
    return NOTHING;
  }
  if (reasoning.effort === undefined) {
    lossy(rendering, "reasoning.budgetTokens", `${model} grades its thinking; the effort ${wanted} stands in for the budget`);
  } else if (reasoning.budgetTokens !== undefined) {
    unsupported(rendering, "reasoning.budgetTokens", `${model} grades its thinking and takes no budget; it was left out`);
  }
  const level = levelFor(rendering, wanted, form.levels);
  const parent = form.path.slice(0, -1);
  const beside = form.beside === undefined ? {} : nested(parent, form.beside);
  return { fields: merged(nested(form.path, level), beside), alone: form.aloneAt === level };
}

function turnedOff(rendering: Rendering, form: ReasoningForm): RenderedEffort {
  if (form.type === "effort" && form.off !== undefined) return { fields: nested(form.path.slice(0, -1), form.off), alone: false };
  const mayThink = form.type === "always" || form.type === "effort";
  if (mayThink) unsupported(rendering, "reasoning.effort", `model ${rendering.request.model} cannot be told to stop thinking`);
  return NOTHING;
}

type Level = Exclude<ReasoningEffort, "none">;

const GRADES = ["minimal", "low", "medium", "high", "xhigh", "max"] as const satisfies readonly Level[];

/** The lowest effort that stands for that many tokens elsewhere. */
function effortForBudget(budgetTokens: number | undefined): Level | undefined {
  if (budgetTokens === undefined) return undefined;
  return GRADES.find((grade) => BUDGET_BY_EFFORT[grade] >= budgetTokens) ?? "max";
}

/** The highest level of the model that is not above the one asked for. */
function levelFor(rendering: Rendering, wanted: Level, levels: readonly Level[]): Level {
  const level = levels.findLast((each) => GRADES.indexOf(each) <= GRADES.indexOf(wanted)) ?? levels[0] ?? wanted;
  if (level !== wanted) lossy(rendering, "reasoning.effort", `the model has no effort ${wanted}; ${level} was sent`);
  return level;
}

/** The value at a path of objects. At an empty path it must be an object itself. */
function nested([step, ...rest]: readonly string[], value: JsonValue): Body {
  if (step === undefined) return isBody(value) ? value : {};
  return { [step]: rest.length === 0 ? value : nested(rest, value) };
}

/** Two objects as one, their common fields merged in the same way. */
export function merged(one: Body, other: Body): Body {
  const result: Body = { ...one };
  for (const [field, value] of Object.entries(other)) {
    const known = result[field];
    result[field] = isBody(known) && isBody(value) ? merged(known, value) : value;
  }
  return result;
}

function isBody(value: JsonValue | undefined): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
