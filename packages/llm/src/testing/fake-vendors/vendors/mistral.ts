/** Mistral: chat in its own flavour of OpenAI's wire, embeddings, models with their capabilities. */
import { fakeModel } from "../fake-model.ts";
import { generate } from "../generate.ts";
import { Refusal } from "../reply.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { mistralFileParts } from "../wires/file-references.ts";
import { mistralWire } from "../wires/mistral.ts";
import { mistralBatchRoutes, mistralFilesFlavour } from "../wires/mistral-batches.ts";
import { embedWithMistral } from "../wires/mistral-embeddings.ts";
import { invalidModel, mistralError } from "../wires/mistral-error.ts";
import { mistralFineTuningRoutes } from "../wires/mistral-fine-tuning.ts";
import { mistralModelRow } from "../wires/mistral-models.ts";
import { fileRoutes } from "../wires/openai-files.ts";
import { BAD_KEY, bearerKey, modelRoutes } from "../wires/openai-routes.ts";
import { keepingFiles } from "./keeping-files.ts";

const calls: VendorDefinition = {
  models: [
    fakeModel("mistral-small-latest", { contextTokens: 262_144 }),
    fakeModel("magistral-medium-latest", { reasoning: "always", contextTokens: 131_072 }),
    fakeModel("ministral-8b-latest", { reasoning: "no", contextTokens: 262_144 }),
    fakeModel("codestral-latest", { reasoning: "no", contextTokens: 256_000 }),
    fakeModel("voxtral-small-latest", { reasoning: "no", contextTokens: 32_768 }),
    fakeModel("mistral-embed", { tools: false, reasoning: "no", contextTokens: 8192 }),
    fakeModel("codestral-embed", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  basePath: "/v1",
  routes: [
    {
      method: "POST",
      path: /^\/v1\/chat\/completions$/,
      handle: (request, world) => generate(request, mistralWire, world),
    },
    { method: "POST", path: /^\/v1\/embeddings$/, handle: embedWithMistral },
    ...modelRoutes(mistralModelRow, invalidModel),
  ],
  authorise(request) {
    const key = bearerKey(request);
    if (key === undefined || key === BAD_KEY) throw new Refusal(401, { detail: "Unauthorized" });
  },
  refuse: (status, message) => mistralError(message, "invalid_request_error", null, status),
};

const CHAT = "/v1/chat/completions";

export const mistral = keepingFiles(calls, {
  calls: [CHAT],
  resolve: mistralFileParts((id) => mistralError(`File ${id} not found`, "invalid_file", null, 404)),
  routes: (answering) => [...fileRoutes(mistralFilesFlavour), ...mistralBatchRoutes(answering(CHAT)), ...mistralFineTuningRoutes],
});
