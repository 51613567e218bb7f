/** A canonical request as the body of `POST /v2/chat`. */
import type { CapabilityName } from "../../capabilities.ts";
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import type { JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { renderMessages } from "./render-messages.ts";
import { renderTools } from "./render-tools.ts";
import { type Body, isRefused, lossy, type Rendering, unsupported } from "./rendering.ts";
import { renderResponseFormat } from "./response-format.ts";
import { renderThinking } from "./thinking.ts";
import { COHERE } from "./vendor-data.ts";

export function renderRequest(request: CompletionRequest, context: RenderContext): RenderedRequest {
  const rendering: Rendering = { request, capabilities: context.capabilities, warnings: [] };
  const body: Body = {
    model: request.model,
    messages: renderMessages(rendering),
    ...renderTools(rendering),
    ...renderSettings(rendering),
    ...renderThinking(rendering),
    ...renderResponseFormat(rendering),
    ...(context.stream ? { stream: true } : {}),
  };
  reportRest(rendering);
  layVendorOptions(rendering, body);
  return { method: "POST", path: "/v2/chat", headers: {}, body, warnings: rendering.warnings };
}

function renderSettings(rendering: Rendering): Body {
  const { request } = rendering;
  const settings: Body = {};
  const put = (field: string, value: JsonValue | undefined, path: keyof CompletionRequest, needs?: CapabilityName): void => {
    if (value === undefined || (needs !== undefined && isRefused(rendering, needs, path))) return;
    settings[field] = value;
  };
  put("max_tokens", request.maxOutputTokens, "maxOutputTokens");
  put("temperature", request.temperature, "temperature", "temperature");
  put("p", probabilityMass(rendering), "topP", "temperature");
  put("k", request.topK, "topK", "temperature");
  put("stop_sequences", request.stopSequences, "stopSequences", "stopSequences");
  put("seed", request.seed, "seed", "seed");
  put("presence_penalty", request.presencePenalty, "presencePenalty", "temperature");
  put("frequency_penalty", request.frequencyPenalty, "frequencyPenalty", "temperature");
  return settings;
}

/** Source: `V2ChatRequest.p` of cohere-ai. */
const P_MIN = 0.01;
const P_MAX = 0.99;

/** Clients of other wires send 1 for "no limit", which Cohere refuses. */
function probabilityMass(rendering: Rendering): number | undefined {
  const { topP } = rendering.request;
  if (topP === undefined) return undefined;
  const p = Math.min(Math.max(topP, P_MIN), P_MAX);
  if (p !== topP) lossy(rendering, "topP", `Cohere takes ${P_MIN} to ${P_MAX}; ${p} was sent for ${topP}`);
  return p;
}

/** Settings for which the wire has no field. */
function reportRest(rendering: Rendering): void {
  const { metadata, cache, parallelToolCalls } = rendering.request;
  if (parallelToolCalls !== undefined) {
    unsupported(rendering, "parallelToolCalls", "the model decides by itself how many tools it calls at once");
  }
  if (metadata?.user !== undefined) unsupported(rendering, "metadata.user", "the wire has no users; it stays here");
  if (metadata?.tags !== undefined) unsupported(rendering, "metadata.tags", "the wire has no tags; they stay here");
  if (cache !== undefined && cache.length > 0) {
    unsupported(rendering, "cache", "Cohere caches by itself and takes no directives; they were left out");
  }
}

/** The hatch: `documents`, `citation_options`, `safety_mode`, `logprobs`, `priority` and whatever comes. */
function layVendorOptions(rendering: Rendering, body: Body): void {
  for (const [dialect, options] of Object.entries(rendering.request.vendorOptions ?? {})) {
    if (dialect !== COHERE) {
      unsupported(rendering, `vendorOptions.${dialect}`, `options for ${dialect} are not sent to ${COHERE}`);
      continue;
    }
    for (const [field, value] of Object.entries(options ?? {})) if (value !== undefined) body[field] = value;
  }
}
