/**
 * Cohere's chat wire of version 2, both ways.
 *
 * - `request.ts` and the `render-*` files make a request of a canonical one; `thinking.ts` and `response-format.ts` hold
 *   both directions of their field.
 * - `response.ts`, `stream.ts`, `usage.ts`, `finish.ts`, `citations.ts` and `error.ts` read what comes back.
 * - `parse-request.ts` and its neighbours read a client's request; `render-response.ts` and `render-stream.ts` answer it.
 */
import type { Dialect } from "../../dialect.ts";
import { parseError, renderError } from "./error.ts";
import { cohereModels } from "./models.ts";
import { parseRequest } from "./parse-request.ts";
import { renderResponse } from "./render-response.ts";
import { CohereStreamRenderer } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { CohereStreamParser } from "./stream.ts";
import { COHERE } from "./vendor-data.ts";

export { cohereModels, nextPageToken } from "./models.ts";
export { parseTokenize, renderTokenize, TOKENIZE_CHARACTERS_MAX, TOKENIZE_PATH } from "./tokenize.ts";
export type { CohereVendorData } from "./vendor-data.ts";

/** Cohere's chat wire, version 2. */
export function createCohereDialect(): Dialect {
  return {
    id: COHERE,
    framing: "sse",
    constraints: {
      // Ids are the caller's own affair: the service takes any text and gives it back.
      toolCallId: { pattern: /^.+$/s, lengthMax: 512 },
      media: { image: ["data", "url"], audio: [], file: [], toolResultImage: [] },
      reasoning: "text",
    },
    renderRequest,
    parseResponse,
    parseStream: (context) => new CohereStreamParser(context),
    parseError,
    parseRequest,
    renderResponse,
    renderStream: () => new CohereStreamRenderer(),
    renderError,
    models: cohereModels,
  };
}
