/** Temperature and its kin: what a model takes of them, alone and beside thinking. */
import type { CompletionRequest } from "../../request.ts";
import type { RenderState } from "./render-state.ts";
import type { WireThinking } from "./wire.ts";

export interface RenderedSampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
}

/** The least `top_p` that is taken beside thinking. Source: docs.claude.com, "Extended thinking". */
const TOP_P_MIN_BESIDE_THINKING = 0.95;

export function renderSampling(
  request: CompletionRequest,
  thinking: WireThinking | undefined,
  state: RenderState,
): RenderedSampling {
  const sampling: RenderedSampling = {
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.topK === undefined ? {} : { top_k: request.topK }),
  };
  const drop = (field: keyof RenderedSampling, why: string): void => {
    if (sampling[field] === undefined) return;
    delete sampling[field];
    state.warnings.push({ type: "unsupported", path: CANONICAL[field], detail: `${why}; it was left out` });
  };
  if (state.rule.sampling === "refused" || state.capabilities.temperature.answer === "no") {
    const why = `${request.model} takes no sampling settings`;
    drop("temperature", why);
    drop("top_p", why);
    drop("top_k", why);
  } else if (thinking !== undefined && thinking.type !== "disabled") {
    if (sampling.temperature !== 1) drop("temperature", "beside thinking only a temperature of 1 is taken");
    if ((sampling.top_p ?? 1) < TOP_P_MIN_BESIDE_THINKING) drop("top_p", "beside thinking top_p must be 0.95 or more");
    drop("top_k", "top_k is refused beside thinking");
  }
  if (state.rule.sampling === "exclusive" && sampling.temperature !== undefined) {
    drop("top_p", "this model takes temperature or top_p, not both");
  }
  capTemperature(sampling, state);
  return sampling;
}

const CANONICAL = { temperature: "temperature", top_p: "topP", top_k: "topK" } as const;

/** Anthropic's scale ends at 1, others' at 2. */
function capTemperature(sampling: RenderedSampling, state: RenderState): void {
  const asked = sampling.temperature;
  if (asked === undefined || asked <= 1) return;
  sampling.temperature = 1;
  state.warnings.push({
    type: "lossy",
    path: "temperature",
    detail: `the highest temperature is 1; it was sent instead of ${asked}`,
  });
}
