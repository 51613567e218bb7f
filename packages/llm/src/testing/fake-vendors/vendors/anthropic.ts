/** Anthropic: messages, token counts, models. */
import { fakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import { jsonReply } from "../reply.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { anthropicModelRow, anthropicWire, countAnthropicTokens } from "../wires/anthropic.ts";
import { anthropicBatchRoutes } from "../wires/anthropic-batches.ts";
import { anthropicError } from "../wires/anthropic-error.ts";
import { anthropicFileRoutes } from "../wires/anthropic-files.ts";
import { anthropicFileParts } from "../wires/file-references.ts";
import { BAD_KEY, bearerKey, oneModelRoute } from "../wires/openai-routes.ts";
import { keepingFiles } from "./keeping-files.ts";

const calls: VendorDefinition = {
  models: [
    fakeModel("claude-sonnet-4-5"),
    fakeModel("claude-opus-5"),
    fakeModel("claude-3-5-haiku-20241022", { reasoning: "no" }),
  ],
  basePath: "/v1",
  routes: [
    { method: "POST", path: /^\/v1\/messages$/, handle: (request, world) => generate(request, anthropicWire, world) },
    { method: "POST", path: /^\/v1\/messages\/count_tokens$/, handle: countAnthropicTokens },
    {
      method: "GET",
      path: /^\/v1\/models$/,
      handle: (_request, world) => {
        const data = world.models.map(anthropicModelRow);
        return { reply: jsonReply(200, { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id }) };
      },
    },
    oneModelRoute(/^\/v1\/models\/(.+)$/, anthropicModelRow, (id) => anthropicError(`model: ${id}`, 404)),
  ],
  authorise(request) {
    const key = request.headers["x-api-key"] ?? bearerKey(request);
    if (key === undefined || key === "") throw anthropicError("x-api-key header is required", 401);
    if (key === BAD_KEY) throw anthropicError("invalid x-api-key", 401);
  },
  refuse: (status, message) => anthropicError(message, status),
};

export const anthropic = keepingFiles(calls, {
  calls: ["/v1/messages"],
  resolve: anthropicFileParts(
    (id) => anthropicError(`File not found: ${id}`, 404),
    () => anthropicError("messages.0.content.0.source.type: Input should be 'base64' or 'url'"),
  ),
  routes: (answering) => [...anthropicFileRoutes, ...anthropicBatchRoutes(answering("/v1/messages"))],
});
