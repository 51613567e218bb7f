/** A canonical request as the body of `POST /api/chat`. */
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import type { CompletionRequest } from "../../request.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { renderMessages } from "./render-messages.ts";
import { renderSettings } from "./render-settings.ts";
import { renderTools } from "./render-tools.ts";
import { type Rendering, withVendorOptions } from "./rendering.ts";
import { OLLAMA } from "./vendor-data.ts";
import type { WireChatRequest } from "./wire.ts";

export function renderRequest(request: CompletionRequest, context: RenderContext, quirks: ResolvedQuirks): RenderedRequest {
  const rendering: Rendering = { request, quirks, capabilities: context.capabilities, warnings: [] };
  const tools = renderTools(rendering);
  const body: WireChatRequest = {
    model: request.model,
    messages: renderMessages(rendering),
    ...(tools === undefined ? {} : { tools }),
    ...renderSettings(rendering),
    // Always said: the wire streams unless told not to.
    stream: context.stream,
  };
  return {
    method: "POST",
    path: "/api/chat",
    headers: {},
    body: withVendorOptions(rendering, body, [OLLAMA]),
    warnings: rendering.warnings,
  };
}
