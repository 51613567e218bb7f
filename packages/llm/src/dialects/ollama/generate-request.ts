/** A canonical request as the body of `POST /api/generate`: one system text, one prompt, its images. No history, no tools. */
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { UserPart } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { renderParts } from "./render-messages.ts";
import { renderSettings } from "./render-settings.ts";
import { lossy, type Rendering, unsupported, withVendorOptions } from "./rendering.ts";
import { OLLAMA, OLLAMA_GENERATE } from "./vendor-data.ts";
import type { WireGenerateRequest } from "./wire.ts";

/** Throws `unsupported` for a history: the endpoint has no place for an assistant's turn or a tool's result. */
export function renderGenerateRequest(
  request: CompletionRequest,
  context: RenderContext,
  quirks: ResolvedQuirks,
): RenderedRequest {
  const rendering: Rendering = { request, quirks, capabilities: context.capabilities, warnings: [] };
  if (request.tools !== undefined && request.tools.length > 0) {
    unsupported(rendering, "tools", "/api/generate has no tools; they were left out");
  }
  const { system, prompt, images } = renderPrompt(rendering);
  const body: WireGenerateRequest = {
    model: request.model,
    prompt,
    ...(system === undefined ? {} : { system }),
    ...(images === undefined ? {} : { images }),
    ...renderSettings(rendering),
    stream: context.stream,
  };
  return {
    method: "POST",
    path: "/api/generate",
    headers: {},
    body: withVendorOptions(rendering, body, [OLLAMA, OLLAMA_GENERATE]),
    warnings: rendering.warnings,
  };
}

interface Prompt {
  readonly system: string | undefined;
  readonly prompt: string;
  readonly images: readonly string[] | undefined;
}

function renderPrompt(rendering: Rendering): Prompt {
  const systems: string[] = [];
  const parts: UserPart[] = [];
  let users = 0;
  for (const [index, message] of rendering.request.messages.entries()) {
    const path = `messages[${index}]`;
    if (message.role === "system") {
      if (users > 0) lossy(rendering, path, "a later system message went before the prompt");
      systems.push(renderParts(rendering, message.parts, path).content);
    } else if (message.role === "user") {
      users += 1;
      if (message.name !== undefined)
        unsupported(rendering, `${path}.name`, "the wire has no names of speakers; it was left out");
      parts.push(...message.parts);
    } else {
      throw historyUnsupported(rendering, message.role, path);
    }
  }
  if (users > 1) lossy(rendering, "messages", "several user messages became one prompt");
  if (systems.length > 1) lossy(rendering, "messages", "several system messages became one");
  const { content, images } = renderParts(rendering, parts, "messages");
  return { system: systems.length === 0 ? undefined : systems.join("\n"), prompt: content, images };
}

function historyUnsupported(rendering: Rendering, role: string, field: string): DragomanError {
  return new DragomanError({
    code: "unsupported",
    model: rendering.request.model,
    field,
    detail: `/api/generate takes one prompt and has no place for a message of the ${role}`,
    advice: "use /api/chat for conversations",
  });
}
