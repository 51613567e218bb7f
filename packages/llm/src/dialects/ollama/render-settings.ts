/** Settings that both endpoints share: sampling under `options`, `format`, `think`. */
import type { JsonObject } from "../../json.ts";
import type { CompletionRequest, ReasoningEffort } from "../../request.ts";
import { takesThinkingLevels } from "./quirks.ts";
import { lossy, type Rendering, unsupported } from "./rendering.ts";
import type { WireOptions, WireSettings, WireThink } from "./wire.ts";

export function renderSettings(rendering: Rendering): WireSettings {
  const options = renderOptions(rendering.request);
  const format = renderFormat(rendering);
  const think = renderThink(rendering);
  reportMetadata(rendering);
  return {
    ...(format === undefined ? {} : { format }),
    ...(think === undefined ? {} : { think }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

function renderOptions(request: CompletionRequest): WireOptions {
  return {
    ...(request.maxOutputTokens === undefined ? {} : { num_predict: request.maxOutputTokens }),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.topK === undefined ? {} : { top_k: request.topK }),
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(request.stopSequences === undefined ? {} : { stop: request.stopSequences }),
    ...(request.presencePenalty === undefined ? {} : { presence_penalty: request.presencePenalty }),
    ...(request.frequencyPenalty === undefined ? {} : { frequency_penalty: request.frequencyPenalty }),
  };
}

/** The schema goes whole: the engine makes a grammar of it. A name and `strict` say nothing here, as it always enforces. */
function renderFormat(rendering: Rendering): "json" | JsonObject | undefined {
  const { output } = rendering.request;
  if (output === undefined || output.type === "text") return undefined;
  if (output.description !== undefined) {
    unsupported(rendering, "output.description", "the wire has no description of an output; it was left out");
  }
  if (output.schema !== undefined && rendering.quirks.format === "ignored") {
    unsupported(rendering, "output.schema", "the server takes the schema and does not enforce it");
  }
  return output.schema ?? "json";
}

// Thinking

/** Levels that the server takes. Source: ollama/ollama, api/types.go, ThinkValue. */
const LEVELS: { readonly [Effort in ReasoningEffort]: WireThink } = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "max",
};

/** Undefined where nothing was asked for, or the model is known not to think. */
export function renderThink(rendering: Rendering): WireThink | undefined {
  const { reasoning, model } = rendering.request;
  if (reasoning === undefined) return undefined;
  const { effort, budgetTokens, summary } = reasoning;
  if (budgetTokens !== undefined)
    unsupported(rendering, "reasoning.budgetTokens", "Ollama has no thinking budget; it was left out");
  if (summary === "none") unsupported(rendering, "reasoning.summary", "Ollama always shows what the model thinks");
  if (effort === undefined) return budgetTokens === undefined ? undefined : turnedOn(rendering);
  if (effort === "none") return turnedOff(rendering);
  if (turnedOn(rendering) === undefined) return undefined;
  if (!takesThinkingLevels(model, rendering.quirks)) {
    if (effort !== "medium") lossy(rendering, "reasoning.effort", `${model} thinks or does not; ${effort} became on`);
    return true;
  }
  const level = LEVELS[effort];
  if (level !== effort) lossy(rendering, "reasoning.effort", `Ollama has no ${effort}; ${level} was sent`);
  return level;
}

function turnedOn(rendering: Rendering): true | undefined {
  if (rendering.capabilities.reasoning.answer !== "no") return true;
  unsupported(rendering, "reasoning", `model ${rendering.request.model} does not think; asking would be refused`);
  return undefined;
}

function turnedOff(rendering: Rendering): false {
  if (rendering.capabilities.reasoningOff.answer === "no") {
    unsupported(rendering, "reasoning.effort", `model ${rendering.request.model} cannot stop thinking`);
  }
  return false;
}

/** Sessions and cache directives need no field: the engine has no users, and caches by itself. */
function reportMetadata(rendering: Rendering): void {
  const { user, tags } = rendering.request.metadata ?? {};
  if (user !== undefined) unsupported(rendering, "metadata.user", "the wire has no users; it stays here");
  if (tags !== undefined) unsupported(rendering, "metadata.tags", "the wire has no tags; they stay here");
}
