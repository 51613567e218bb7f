/** How reasoning is asked for, in the forms of many vendors, both ways. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { ReasoningEffort, ReasoningRequest } from "../../request.ts";
import { type ReasoningRequestQuirk, ruleOf } from "./quirks.ts";
import { type Body, isRefused, type Rendering, unsupported } from "./rendering.ts";

const EFFORTS: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

export function renderReasoningRequest(rendering: Rendering): Body {
  const asked = renderAsked(rendering);
  if (rendering.quirks.reasoningFormat.length === 0) return asked;
  const format = formatFields(rendering);
  const both = Object.keys(format).filter((field) => isJsonObject(asked[field]) && isJsonObject(format[field]));
  const joined = both.map((field) => [field, { ...Object(asked[field]), ...Object(format[field]) }]);
  return { ...asked, ...format, ...Object.fromEntries(joined) };
}

/** Where the thoughts are to be told: a field of their own, or nowhere. */
function formatFields(rendering: Rendering): JsonObject & Body {
  const { request, quirks } = rendering;
  const rule = ruleOf(request.model, quirks.reasoningFormat);
  if (request.reasoning?.effort === "none") return {};
  const fields = isHidden(rendering) ? rule?.hidden : rule?.shown;
  return Object.fromEntries(Object.entries(fields ?? {}).map(([field, value]) => [field, value ?? null]));
}

/** Whether the vendor can be told to keep its thoughts, and is. */
function isHidden({ request, quirks }: Rendering): boolean {
  return request.reasoning?.summary === "none" && ruleOf(request.model, quirks.reasoningFormat)?.hidden !== undefined;
}

function renderAsked(rendering: Rendering): Body {
  const { reasoning } = rendering.request;
  if (reasoning === undefined) return {};
  if (reasoning.effort === "none" ? isRefused(rendering, "reasoningOff", "reasoning.effort") : false) return {};
  if (reasoning.effort !== "none" && isRefused(rendering, "reasoning", "reasoning")) return {};
  if (reasoning.summary !== undefined && !isHidden(rendering)) {
    unsupported(rendering, "reasoning.summary", "the wire cannot ask for a summary of reasoning");
  }
  if (reasoning.effort === undefined && reasoning.budgetTokens === undefined && isHidden(rendering)) return {};
  const { reasoningRequest } = rendering.quirks;
  const quirk = { ...reasoningRequest, ...ruleOf(rendering.request.model, reasoningRequest.byModel ?? []) };
  return FORMS[quirk.form](rendering, reasoning, quirk);
}

type Form = (rendering: Rendering, reasoning: ReasoningRequest, quirk: ReasoningRequestQuirk) => Body;

const FORMS: { readonly [Name in ReasoningRequestQuirk["form"]]: Form } = {
  reasoning_effort: (rendering, reasoning, quirk) => ({
    ...effortField(rendering, reasoning, quirk),
    ...budgetField(rendering, reasoning, quirk),
  }),
  thinking: (rendering, reasoning, quirk) => ({
    thinking: {
      type: isOff(reasoning) ? "disabled" : "enabled",
      ...thinkingBudget(rendering, reasoning, quirk),
      ...(isOff(reasoning) ? {} : quirk.thinkingFields),
    },
    ...besideFlag(rendering, reasoning, quirk),
  }),
  enable_thinking: (rendering, reasoning, quirk) => ({
    enable_thinking: !isOff(reasoning),
    ...besideFlag(rendering, reasoning, quirk),
    ...budgetField(rendering, reasoning, quirk),
  }),
  chat_template_kwargs: (rendering, reasoning, quirk) => ({
    chat_template_kwargs: { enable_thinking: !isOff(reasoning) },
    ...besideFlag(rendering, reasoning, quirk),
    ...budgetField(rendering, reasoning, quirk),
  }),
  reasoning: (rendering, reasoning, quirk) => ({ reasoning: reasoningObject(rendering, reasoning, quirk) }),
  "reasoning-enabled": (rendering, reasoning, quirk) => ({
    reasoning: { enabled: !isOff(reasoning) },
    ...besideFlag(rendering, reasoning, quirk),
    ...budgetField(rendering, reasoning, quirk),
  }),
  none: (rendering) => {
    unsupported(rendering, "reasoning", "this vendor has no setting for reasoning; it was left out");
    return {};
  },
};

function isOff(reasoning: ReasoningRequest): boolean {
  return reasoning.effort === "none";
}

function effortField(rendering: Rendering, reasoning: ReasoningRequest, quirk: ReasoningRequestQuirk): Body {
  return reasoning.effort === undefined ? {} : { reasoning_effort: effortWord(rendering, reasoning.effort, quirk) };
}

/** Forms with a flag say on or off; the grade goes beside it, or is lost. */
function besideFlag(rendering: Rendering, reasoning: ReasoningRequest, quirk: ReasoningRequestQuirk): Body {
  if (isOff(reasoning) || reasoning.effort === undefined) return {};
  if (quirk.withEffort === true) return effortField(rendering, reasoning, quirk);
  lossyEffort(rendering, `this vendor only turns thinking on or off; ${reasoning.effort} became on`);
  return {};
}

function thinkingBudget(rendering: Rendering, reasoning: ReasoningRequest, quirk: ReasoningRequestQuirk): JsonObject {
  if (reasoning.budgetTokens === undefined) return {};
  return quirk.budget === false ? budgetField(rendering, reasoning, quirk) : { budget_tokens: reasoning.budgetTokens };
}

function budgetField(rendering: Rendering, reasoning: ReasoningRequest, quirk: ReasoningRequestQuirk): Body {
  if (reasoning.budgetTokens === undefined) return {};
  if (quirk.budgetField !== undefined) return { [quirk.budgetField]: reasoning.budgetTokens };
  unsupported(rendering, "reasoning.budgetTokens", "this vendor has no thinking budget; it was left out");
  return {};
}

/** OpenRouter takes an effort or a budget, not both; the budget says more. */
function reasoningObject(rendering: Rendering, reasoning: ReasoningRequest, quirk: ReasoningRequestQuirk): JsonObject {
  if (reasoning.budgetTokens === undefined) {
    return reasoning.effort === undefined ? { enabled: true } : { effort: effortWord(rendering, reasoning.effort, quirk) };
  }
  if (reasoning.effort !== undefined) lossyEffort(rendering, "the vendor takes an effort or a budget; the budget was sent");
  return { max_tokens: reasoning.budgetTokens };
}

function effortWord(rendering: Rendering, effort: ReasoningEffort, quirk: ReasoningRequestQuirk): string {
  const taken = nearest(effort, quirk.efforts ?? EFFORTS);
  if (taken !== effort) lossyEffort(rendering, `this vendor has no effort ${effort}; ${taken} was sent`);
  return quirk.effortNames?.[taken] ?? taken;
}

/** The nearest effort that is taken; of two as near, the lower, which costs less. */
function nearest(effort: ReasoningEffort, taken: readonly ReasoningEffort[]): ReasoningEffort {
  const wanted = EFFORTS.indexOf(effort);
  const distance = (candidate: ReasoningEffort): number => Math.abs(EFFORTS.indexOf(candidate) - wanted);
  return EFFORTS.filter((candidate) => taken.includes(candidate)).reduce(
    (best, candidate) => (distance(candidate) < distance(best) ? candidate : best),
    taken[0] ?? effort,
  );
}

function lossyEffort(rendering: Rendering, detail: string): void {
  rendering.warnings.push({ type: "lossy", path: "reasoning.effort", detail });
}

export interface ParsedReasoning {
  readonly reasoning: ReasoningRequest | undefined;
  /** Fields of the body that `reasoning` says completely; the others stay vendor options. */
  readonly consumed: ReadonlySet<string>;
}

/** Reads what a client asked for in any vendor's form, where the form has a canonical meaning without a guess. */
export function parseReasoningRequest(body: JsonObject): ParsedReasoning {
  const consumed = new Set<string>();
  let reasoning: ReasoningRequest = {};
  for (const [field, read] of READERS) {
    const said = body[field] === undefined || body[field] === null ? undefined : read(body[field]);
    if (said === undefined) continue;
    consumed.add(field);
    reasoning = { ...reasoning, ...said };
  }
  return { reasoning: consumed.size === 0 ? undefined : reasoning, consumed };
}

type Reader = (value: unknown) => ReasoningRequest | undefined;

/** Later readers win: OpenAI's own field comes last. */
const READERS: readonly (readonly [string, Reader])[] = [
  ["enable_thinking", (value) => (value === false ? { effort: "none" } : undefined)],
  ["chat_template_kwargs", (value) => (isOnly(value, "enable_thinking", false) ? { effort: "none" } : undefined)],
  ["thinking", readThinking],
  ["reasoning", readReasoning],
  ["reasoning_effort", (value) => (isEffort(value) ? { effort: value } : undefined)],
];

function isEffort(value: unknown): value is ReasoningEffort {
  return EFFORTS.some((effort) => effort === value);
}

function isOnly(value: unknown, key: string, expected: boolean): boolean {
  return isJsonObject(value) && value[key] === expected && Object.keys(value).length === 1;
}

function readThinking(value: unknown): ReasoningRequest | undefined {
  if (!isJsonObject(value)) return undefined;
  const { type, budget_tokens: budget, ...rest } = value;
  if (Object.keys(rest).length > 0) return undefined;
  if (type === "disabled" && budget === undefined) return { effort: "none" };
  return type === "enabled" && Number.isInteger(budget) ? { budgetTokens: Number(budget) } : undefined;
}

function readReasoning(value: unknown): ReasoningRequest | undefined {
  if (!isJsonObject(value)) return undefined;
  const { effort, max_tokens: budget, enabled, ...rest } = value;
  if (Object.keys(rest).length > 0) return undefined;
  if (enabled === false) return { effort: "none" };
  if (enabled === undefined && effort === undefined && Number.isInteger(budget)) return { budgetTokens: Number(budget) };
  return isEffort(effort) && budget === undefined ? { effort } : undefined;
}
