/**
 * Ollama's own protocol, both ways: `/api/chat` and `/api/generate` with streams of JSON lines, and its listings. Paths
 * begin with `/api`; the base URL ends before it.
 */
import type { Dialect, DialectConstraints } from "../../dialect.ts";
import { parseError, renderError } from "./error.ts";
import { renderGenerateRequest } from "./generate-request.ts";
import * as listings from "./models.ts";
import { parseGenerateRequest } from "./parse-generate-request.ts";
import { parseRequest } from "./parse-request.ts";
import { type OllamaQuirks, resolveQuirks } from "./quirks.ts";
import { renderResponse } from "./render-response.ts";
import { OllamaStreamRenderer } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { OllamaStreamParser } from "./stream.ts";
import { OLLAMA, OLLAMA_GENERATE } from "./vendor-data.ts";
import type { AnswerForm } from "./wire.ts";

export {
  type OllamaLoadedModel,
  parsePs,
  parseShow,
  parseShowRequest,
  parseTags,
  parseVersion,
  renderPs,
  renderShow,
  renderTags,
  renderVersion,
} from "./models.ts";
export type { OllamaQuirks } from "./quirks.ts";
export { ollamaEngineTiming } from "./usage.ts";
export type { OllamaVendorData } from "./vendor-data.ts";

/** The codecs of `tags`, `show`, `ps` and `version`, under one name. */
export const ollamaModels = listings;

/** Ids are the engine's own affair, any text will do; images stand beside the text of any message, as data. */
const CHAT_CONSTRAINTS: DialectConstraints = {
  toolCallId: { pattern: /^.+$/s, lengthMax: 512 },
  media: { image: ["data"], audio: [], file: [], toolResultImage: ["data"] },
  reasoning: "text",
};

/** There is no history to replay on `/api/generate`. */
const GENERATE_CONSTRAINTS: DialectConstraints = {
  ...CHAT_CONSTRAINTS,
  media: { ...CHAT_CONSTRAINTS.media, toolResultImage: [] },
  reasoning: "none",
};

/** `POST /api/chat`. */
export function createOllamaDialect(quirks: OllamaQuirks = {}): Dialect {
  const resolved = resolveQuirks(quirks);
  return {
    ...answersOf("chat", OLLAMA),
    constraints: CHAT_CONSTRAINTS,
    renderRequest: (request, context) => renderRequest(request, context, resolved),
    parseRequest: (input) => parseRequest(input, resolved),
    models: listings.models,
  };
}

/** `POST /api/generate`: one prompt, no history. Its vendor data is that of `ollama`. */
export function createOllamaGenerateDialect(quirks: OllamaQuirks = {}): Dialect {
  const resolved = resolveQuirks(quirks);
  return {
    ...answersOf("generate", OLLAMA_GENERATE),
    constraints: GENERATE_CONSTRAINTS,
    renderRequest: (request, context) => renderGenerateRequest(request, context, resolved),
    parseRequest: (input) => parseGenerateRequest(input, resolved),
    models: listings.models,
  };
}

/** What the two endpoints have in common: answers that differ by one level of nesting. */
function answersOf(form: AnswerForm, id: string) {
  return {
    id,
    framing: "ndjson",
    parseResponse: (body, context) => parseResponse(body, context, form, id),
    parseStream: (context) => new OllamaStreamParser(context, form, id),
    parseError,
    renderResponse: (completion, client) => renderResponse(completion, client, form),
    renderStream: (client) => new OllamaStreamRenderer(client, form),
    renderError,
  } satisfies Partial<Dialect>;
}
