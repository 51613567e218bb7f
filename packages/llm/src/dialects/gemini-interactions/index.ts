/**
 * Google's Interactions API as a dialect: `POST /interactions`, answered with the steps that were taken.
 *
 * Conversations are sent whole, as steps. `previous_interaction_id` and `store` are options of the wire; left alone, the
 * vendor stores what it is sent. The API has no listing of models: those that it takes are Gemini's.
 */
import type { Dialect, DialectConstraints } from "../../dialect.ts";
import { parseVendorError } from "../vendor-error.ts";
import { renderError } from "./client-error.ts";
import { parseRequest } from "./client-request.ts";
import { renderResponse } from "./client-response.ts";
import { createStreamRenderer } from "./client-stream.ts";
import { DEFAULT_QUIRKS, type GeminiInteractionsQuirks } from "./quirks.ts";
import { renderRequest } from "./request.ts";
import { parseResponse, suspended } from "./response.ts";
import { createStreamParser } from "./stream.ts";
import { GEMINI_INTERACTIONS } from "./vendor-data.ts";

export type { AgentFamily, GeminiInteractionsQuirks } from "./quirks.ts";
export type {
  GeminiInteractionsAnswerData,
  GeminiInteractionsMessageData,
  GeminiInteractionsOptions,
  GeminiInteractionsPartData,
} from "./vendor-data.ts";

/** The vendor fetches addresses itself, and its own files are named by their address. Ids of calls are free. */
const CONSTRAINTS: DialectConstraints = {
  toolCallId: { pattern: /^.+$/s, lengthMax: 256 },
  media: {
    image: ["data", "url", "reference"],
    audio: ["data", "url", "reference"],
    file: ["data", "url", "reference"],
    toolResultImage: ["data", "url", "reference"],
  },
  reasoning: "signed",
  keptHistory: ["previous_interaction_id"],
};

/** Gemini's interactions wire. Quirks: what a host of it does otherwise. */
export function createGeminiInteractionsDialect(quirks: GeminiInteractionsQuirks = {}): Dialect {
  const settled = { ...DEFAULT_QUIRKS, ...quirks };
  return {
    id: GEMINI_INTERACTIONS,
    framing: "sse",
    constraints: CONSTRAINTS,
    renderRequest: (request, context) => renderRequest(request, context, settled),
    parseResponse,
    parseStream: createStreamParser,
    suspended,
    parseError: parseVendorError,
    parseRequest,
    renderResponse,
    renderStream: createStreamRenderer,
    renderError,
  };
}
