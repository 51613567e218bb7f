/** The Hugging Face router: models by `org/name[:partner]`, its own errors as bare strings, those of partners passed on. */

import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { CREATED_AT } from "../world.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { failureFrom, row } from "./failure-table.ts";
import { openAiError } from "./openai-error.ts";
import { plainFlavour } from "./plain-flavour.ts";

export const huggingFaceFlavour: ChatFlavour = {
  ...plainFlavour,
  modelName: (id) => id.replace(/:[\w-]+$/, ""),
  missingModel: () => openAiError("The model parameter is required.", { param: "model", code: "model_required" }),
  unknownModel: (id) =>
    openAiError(`The requested model '${id}' does not exist`, { status: 404, param: "model", code: "model_not_found" }),
  reasoningField: "reasoning_content",
  headers: (world) => ({ "x-inference-provider": "fake-partner", "x-request-id": world.id("Root=1-", 16) }),
  nullUsageInChunks: true,
  errorBody: { error: { message: "Internal server error", type: "server_error", param: null, code: null } },
  failure: failureFrom({
    "rate-limit": row(429, { error: "Too many requests: rate limit reached, please log in or use a token with a higher limit" }),
    quota: row(402, {
      error:
        "You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers. Alternatively, subscribe to PRO to get 20x more included usage.",
    }),
    "server-error": row(500, { detail: "Unable to process request. Repeat the request later." }),
    unavailable: row(503, { error: "Service Unavailable" }),
    overloaded: row(503, { error: "Model is overloaded", error_type: "overloaded" }),
    loading: row(503, { error: "Model fake/model is currently loading", estimated_time: 20 }),
    "context-overflow": row(400, {
      error: {
        message:
          "This model's maximum context length is 40960 tokens. However, your request has 130018 input tokens. Please reduce the length of the input messages.",
        type: "BadRequestError",
        param: null,
        code: 400,
      },
    }),
  }),
};

/** The row of the router's `GET /v1/models`. */
export function huggingFaceModelRow(model: FakeModel): JsonObject {
  return {
    id: model.id,
    object: "model",
    created: CREATED_AT,
    owned_by: model.id.split("/")[0] ?? "",
    architecture: { input_modalities: ["text"], output_modalities: ["text"] },
    providers: [
      {
        provider: "fake-partner",
        status: "live",
        context_length: model.contextTokens,
        pricing: { input: 0.3, output: 1.2 },
        supports_tools: model.tools,
        supports_structured_output: true,
        is_model_author: false,
      },
    ],
  };
}
