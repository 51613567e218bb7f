/**
 * How thinking is asked for. Most models take `reasoning_effort`, on or off; Magistral always thinks and takes a prompt of
 * the vendor's own instead. Source: `reasoning_effort` and `prompt_mode` in the types of @mistralai/mistralai.
 */
import type { Capabilities } from "../../capabilities.ts";
import type { JsonObject } from "../../json.ts";
import type { CompletionRequest, ReasoningEffort, ReasoningRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";

/** `magistral-small-latest` is another name of a Mistral Small that takes efforts, by the vendor's own listing. */
const PROMPT_MODE_MODEL = /^magistral-(?!small-latest$)/;

/** There are two efforts; what is nearly nothing becomes none. */
const OFF: ReadonlySet<ReasoningEffort> = new Set(["none", "minimal"]);

function takesPromptMode(model: string): boolean {
  return PROMPT_MODE_MODEL.test(model);
}

export interface RenderedReasoning {
  /** What the codec inside is asked. */
  readonly asked: ReasoningRequest | undefined;
  readonly fields: JsonObject;
}

export function renderReasoning(request: CompletionRequest, capabilities: Capabilities, warnings: Warning[]): RenderedReasoning {
  const { reasoning, model } = request;
  if (reasoning === undefined) return { asked: undefined, fields: {} };
  if (!takesPromptMode(model) || capabilities.reasoning.answer === "no") {
    return { asked: withTwoEfforts(reasoning, warnings), fields: {} };
  }
  const { effort, ...rest } = reasoning;
  if (effort === "none") {
    const detail = `model ${model} always thinks; it was left out`;
    warnings.push({ type: "unsupported", path: "reasoning.effort", detail });
    return { asked: rest, fields: {} };
  }
  if (effort !== undefined && effort !== "high") {
    const detail = `model ${model} has no efforts; ${effort} became its way of thinking`;
    warnings.push({ type: "lossy", path: "reasoning.effort", detail });
  }
  return { asked: rest, fields: { prompt_mode: "reasoning" } };
}

/** `low` lies as near to `none` as to `high`, but asks for thinking. */
function withTwoEfforts(reasoning: ReasoningRequest, warnings: Warning[]): ReasoningRequest {
  const { effort } = reasoning;
  if (effort === undefined || effort === "none" || effort === "high") return reasoning;
  const taken = OFF.has(effort) ? "none" : "high";
  warnings.push({ type: "lossy", path: "reasoning.effort", detail: `this vendor has no effort ${effort}; ${taken} was sent` });
  return { ...reasoning, effort: taken };
}

/** True where the field says no more than that the model shall think. */
export function isReasoningMode(body: JsonObject): boolean {
  return body.prompt_mode === "reasoning" && typeof body.model === "string" && takesPromptMode(body.model);
}
