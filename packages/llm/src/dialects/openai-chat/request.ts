/** A canonical request as the body of `POST /chat/completions`. */
import type { CapabilityName } from "../../capabilities.ts";
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { alwaysSentFields } from "./always-sent.ts";
import { markCachedMessages } from "./cache-marks.ts";
import { type ResolvedQuirks, ruleOf } from "./quirks.ts";
import { renderReasoningRequest } from "./reasoning-request.ts";
import { type Body, isRefused, type Rendering, unsupported } from "./rendering.ts";
import { renderMessages } from "./request-messages.ts";
import { renderTools } from "./request-tools.ts";
import { renderResponseFormat, withInstruction } from "./response-format.ts";
import { OPENAI_CHAT } from "./vendor-data.ts";

export function renderRequest(request: CompletionRequest, context: RenderContext, quirks: ResolvedQuirks): RenderedRequest {
  const rendering: Rendering = { request, quirks, capabilities: context.capabilities, warnings: [] };
  const format = renderResponseFormat(rendering);
  const messages = renderMessages(rendering);
  const body: Body = {
    model: request.model,
    messages: markCachedMessages(rendering, withInstruction(rendering, messages, format.instruction)),
    ...renderTools(rendering),
    ...renderSettings(rendering),
    ...renderReasoningRequest(rendering),
    ...format.fields,
    ...renderCacheKey(rendering),
    ...renderMetadata(rendering),
    ...renderStreaming(context.stream, quirks),
    ...alwaysSentFields(rendering, context.stream),
  };
  layVendorOptions(rendering, body);
  return { method: "POST", path: "/chat/completions", headers: {}, body, warnings: rendering.warnings };
}

function renderSettings(rendering: Rendering): Body {
  const { request, quirks } = rendering;
  const settings: Body = {};
  const refused = ruleOf(request.model, quirks.refusedSettings)?.fields;
  const put = (field: string, value: JsonValue | undefined, path: keyof CompletionRequest, needs?: CapabilityName): void => {
    if (value === undefined) return;
    if (needs !== undefined && isRefused(rendering, needs, path)) return;
    if (refused?.has(field) === true) unsupported(rendering, path, `model ${request.model} refuses ${field}; it was left out`);
    else settings[field] = value;
  };
  put(quirks.maxTokensField, request.maxOutputTokens, "maxOutputTokens");
  put("temperature", request.temperature, "temperature", "temperature");
  put("top_p", request.topP, "topP", "temperature");
  if (quirks.topKField !== "none") put(quirks.topKField, request.topK, "topK");
  else if (request.topK !== undefined) unsupported(rendering, "topK", "this vendor has no top_k; it was left out");
  put("stop", request.stopSequences, "stopSequences", "stopSequences");
  put("seed", request.seed, "seed", "seed");
  put("presence_penalty", request.presencePenalty, "presencePenalty", "temperature");
  put("frequency_penalty", request.frequencyPenalty, "frequencyPenalty", "temperature");
  return settings;
}

/** OpenAI caches by itself; a directive adds the key that routes to the cache, and keeping for a day. */
function renderCacheKey(rendering: Rendering): Body {
  const { request, quirks } = rendering;
  if (quirks.cache !== "key") return {};
  const key = request.cache?.find((directive) => directive.key !== undefined)?.key;
  request.cache?.forEach((directive, index) => {
    if (directive.timeToLive !== "1h") return;
    const detail = "the vendor keeps its cache for minutes or for a day, not for an hour; its default holds";
    unsupported(rendering, `cache[${index}].timeToLive`, detail);
  });
  const day = request.cache?.some((directive) => directive.timeToLive === "24h") === true;
  return { ...(key === undefined ? {} : { prompt_cache_key: key }), ...(day ? { prompt_cache_retention: "24h" } : {}) };
}

/** OpenAI takes tags only for answers that it stores, and refuses them otherwise. */
function renderMetadata(rendering: Rendering): Body {
  const { metadata, vendorOptions } = rendering.request;
  const fields: Body = {};
  if (metadata?.user !== undefined) fields.user = metadata.user;
  if (metadata?.tags === undefined) return fields;
  if (vendorOptions?.[OPENAI_CHAT]?.store === true) fields.metadata = metadata.tags;
  else unsupported(rendering, "metadata.tags", "the wire takes tags only with store: true; they stay here");
  return fields;
}

function renderStreaming(stream: boolean, quirks: ResolvedQuirks): Body {
  if (!stream) return {};
  return quirks.streamOptions ? { stream: true, stream_options: { include_usage: true } } : { stream: true };
}

function layVendorOptions(rendering: Rendering, body: Body): void {
  for (const [dialect, options] of Object.entries(rendering.request.vendorOptions ?? {})) {
    if (dialect === OPENAI_CHAT) layOver(body, options ?? {});
    else unsupported(rendering, `vendorOptions.${dialect}`, `options for ${dialect} are not sent to ${OPENAI_CHAT}`);
  }
}

/** Fields go over what was rendered; `stream_options` are joined, so that usage is still asked for. */
function layOver(body: Body, options: JsonObject): void {
  for (const [field, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rendered = body[field];
    body[field] = field === "stream_options" && isJsonObject(rendered) && isJsonObject(value) ? { ...rendered, ...value } : value;
  }
}
