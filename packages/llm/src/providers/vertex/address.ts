/** Where the two publishers' requests go. The dialects render the paths of the vendors' own APIs; these are Vertex AI's. */
import type { RenderedRequest } from "../../dialect.ts";
import type { AddressedCall } from "../../provider-definition.ts";

const ANTHROPIC = "/publishers/anthropic/models";

/** `/models/{m}:method` of Gemini hangs under its publisher; a tuned model (`endpoints/{id}`) under the project itself. */
export function addressGemini(rendered: RenderedRequest): RenderedRequest {
  const { path } = rendered;
  return path.startsWith("/models/") ? { ...rendered, path: `/publishers/google${path}` } : rendered;
}

/**
 * Claude: the model stands in the path, the version in the body. A count of tokens goes to a model of that name, and keeps
 * the real one in its body. Source: Google's pages "Use Claude" and "Count tokens for Claude models".
 */
export function addressClaude(rendered: RenderedRequest, { operation, model }: AddressedCall): RenderedRequest {
  const { "anthropic-version": _version, ...headers } = rendered.headers;
  const id = claudeId(model);
  if (operation === "count-tokens") {
    const body = { ...rendered.body, model: id };
    return { ...rendered, headers, path: `${ANTHROPIC}/count-tokens:rawPredict`, body };
  }
  const { model: _model, ...body } = rendered.body ?? {};
  const method = operation === "stream" ? "streamRawPredict" : "rawPredict";
  const path = `${ANTHROPIC}/${encodeURIComponent(id).replaceAll("%40", "@")}:${method}`;
  return { ...rendered, headers, path, body: { anthropic_version: "vertex-2023-10-16", ...body } };
}

/** The id alone of a whole resource name. */
function claudeId(model: string): string {
  return model.replace(/^publishers\/anthropic\/models\//, "");
}

/** Which publisher serves a model. */
export function isClaude(model: string): boolean {
  return /^(?:publishers\/anthropic\/models\/|claude-)/.test(model);
}
