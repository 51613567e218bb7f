/** Reasoning as `thinking: { type, token_budget }`, both ways. Models that think do so unless told not to. */
import type { JsonObject } from "../../json.ts";
import type { ReasoningRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { optional, readInteger, readOneOf } from "../wire-reader.ts";
import { type Body, isRefused, lossy, type Rendering, unsupported } from "./rendering.ts";

export function renderThinking(rendering: Rendering): Body {
  const { reasoning } = rendering.request;
  if (reasoning === undefined) return {};
  const { effort, budgetTokens, summary } = reasoning;
  if (summary === "none") unsupported(rendering, "reasoning.summary", "Cohere always shows what the model thinks");
  const isOff = effort === "none" || budgetTokens === 0;
  if (isOff) return turnedOff(rendering);
  if (effort === undefined && budgetTokens === undefined) return {};
  if (isRefused(rendering, "reasoning", "reasoning")) return {};
  if (effort !== undefined && effort !== "medium") {
    lossy(rendering, "reasoning.effort", `Cohere counts tokens of thinking and has no grades; ${effort} became on`);
  }
  return { thinking: { type: "enabled", ...(budgetTokens === undefined ? {} : { token_budget: budgetTokens }) } };
}

/** A model that never thinks needs no word. */
function turnedOff(rendering: Rendering): Body {
  if (rendering.capabilities.reasoning.answer === "no") return {};
  if (rendering.capabilities.reasoningOff.answer === "no") {
    unsupported(rendering, "reasoning.effort", `model ${rendering.request.model} cannot stop thinking`);
    return {};
  }
  return { thinking: { type: "disabled" } };
}

const FIELDS: ReadonlySet<string> = new Set(["type", "token_budget"]);

/** Plain thinking is a medium effort with us; who asks for it reads it too. */
export function parseThinking(value: JsonObject, warnings: Warning[]): ReasoningRequest {
  const type = readOneOf(value.type, ["enabled", "disabled"], "thinking.type");
  const budgetTokens = optional(value.token_budget, "thinking.token_budget", readInteger);
  for (const field of Object.keys(value)) {
    if (FIELDS.has(field)) continue;
    warnings.push({ type: "unknown-field", path: `thinking.${field}`, detail: "the wire does not define it; it was left out" });
  }
  if (type === "disabled") {
    if (budgetTokens !== undefined) {
      const detail = "a budget says nothing where thinking is off; it was left out";
      warnings.push({ type: "other", path: "thinking.token_budget", detail });
    }
    return { effort: "none" };
  }
  return { ...(budgetTokens === undefined ? { effort: "medium" as const } : { budgetTokens }), summary: "auto" };
}
