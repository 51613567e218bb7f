/**
 * The dialect `mistral`: OpenAI's chat wire with differences. What is the same is done by the codec of `openai-chat`, with
 * quirks; what has another form is rewritten beside it, each form by one file: the content of an assistant's message, the
 * other chunks, the order of messages, the choice of tools, thinking, names of vendor data, streams to a client, errors.
 */
import type { Dialect } from "../../dialect.ts";
import { createOpenAIChatDialect } from "../openai-chat/index.ts";
import { parseError, renderError } from "./error.ts";
import { modelsCodec } from "./models.ts";
import { completionOutside, MISTRAL } from "./names.ts";
import { parseRequest } from "./parse-request.ts";
import { MISTRAL_QUIRKS } from "./quirks.ts";
import { MistralStreamRenderer } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { renderResponse } from "./response.ts";
import { MistralStreamParser } from "./stream.ts";

export type { MistralVendorData } from "./names.ts";

/** Mistral's chat wire. */
export function createMistralDialect(): Dialect {
  const inside = createOpenAIChatDialect(MISTRAL_QUIRKS);
  return {
    id: MISTRAL,
    framing: "sse",
    constraints: { ...inside.constraints, reasoning: "text" },
    renderRequest: (request, context) => renderRequest(inside, request, context),
    parseResponse: (body, context) => completionOutside(inside.parseResponse(body, context)),
    parseStream: (context) => new MistralStreamParser(inside.parseStream(context)),
    parseError,
    parseRequest: (input) => parseRequest(inside, input),
    renderResponse: (completion, client) => renderResponse(inside, completion, client),
    renderStream: (client) => new MistralStreamRenderer(client),
    renderError,
    models: modelsCodec,
  };
}
