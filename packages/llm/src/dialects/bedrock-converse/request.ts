/**
 * A canonical request as the body of `POST /model/{id}/converse` or `/converse-stream`. The vendor options lie over the
 * finished body at its top level, and one level deeper where the codec writes into the same object; a null takes a field out.
 */
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { placeCachePoints } from "./cache-points.ts";
import { renderModelSettings } from "./model-settings.ts";
import { renderTextFormat } from "./output-config.ts";
import { renderMessages, renderSystem, renderTurns } from "./render-messages.ts";
import { createRendering, type Rendering, unsupported } from "./rendering.ts";
import { renderToolConfig, renderTools } from "./tools.ts";
import { BEDROCK } from "./vendor-data.ts";

export function renderRequest(request: CompletionRequest, context: RenderContext): RenderedRequest {
  const rendering = createRendering(request, context.capabilities);
  const body = layOver(renderBody(rendering), request.vendorOptions?.[BEDROCK] ?? {});
  reportRest(rendering);
  const path = modelPath(request.model, context.stream ? "converse-stream" : "converse");
  return { method: "POST", path, headers: {}, body, warnings: rendering.warnings };
}

/** Ids of profiles and ARNs hold colons and slashes. */
export function modelPath(model: string, operation: string): string {
  return `/model/${encodeURIComponent(model.toWellFormed())}/${operation}`;
}

function renderBody(rendering: Rendering): JsonObject {
  const messages = renderMessages(rendering);
  const tools = renderTools(rendering);
  placeCachePoints(rendering, { tools, ...messages });
  const system = renderSystem(messages);
  const toolConfig = renderToolConfig(rendering, tools);
  const turns = renderTurns(rendering, messages);
  const { inferenceConfig, additionalFields } = renderModelSettings(rendering, turns);
  const textFormat = renderTextFormat(rendering);
  return {
    messages: turns.map(({ role, content }) => ({ role, content })),
    ...(system.length === 0 ? {} : { system }),
    ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(textFormat === undefined ? {} : { outputConfig: { textFormat } }),
    ...(rendering.request.metadata?.tags === undefined ? {} : { requestMetadata: rendering.request.metadata.tags }),
    ...(Object.keys(additionalFields).length === 0 ? {} : { additionalModelRequestFields: additionalFields }),
  };
}

const WITHOUT_FIELD = ["seed", "presencePenalty", "frequencyPenalty"] as const;

/** Settings for which the wire has no field. */
function reportRest(rendering: Rendering): void {
  const { request } = rendering;
  for (const setting of WITHOUT_FIELD) {
    if (request[setting] !== undefined) unsupported(rendering, setting, `the wire has no ${setting}; it was left out`);
  }
  if (request.metadata?.user !== undefined) unsupported(rendering, "metadata.user", "the wire has no users; it stays here");
  for (const dialect of Object.keys(request.vendorOptions ?? {})) {
    if (dialect !== BEDROCK)
      unsupported(rendering, `vendorOptions.${dialect}`, `options of ${dialect} are not sent to ${BEDROCK}`);
  }
}

/** Objects into which both the codec and the caller may write. */
const SHARED: ReadonlySet<string> = new Set([
  "inferenceConfig",
  "additionalModelRequestFields",
  "outputConfig",
  "requestMetadata",
]);

function layOver(body: JsonObject, options: JsonObject): JsonObject {
  const laid: Record<string, JsonValue | undefined> = { ...body };
  for (const [field, value] of Object.entries(options)) {
    const below = laid[field];
    if (value === null) delete laid[field];
    else if (SHARED.has(field) && isJsonObject(value)) setShared(laid, field, layOver(isJsonObject(below) ? below : {}, value));
    else laid[field] = value;
  }
  return laid;
}

function setShared(laid: Record<string, JsonValue | undefined>, field: string, value: JsonObject): void {
  if (Object.keys(value).length > 0) laid[field] = value;
  else delete laid[field];
}
