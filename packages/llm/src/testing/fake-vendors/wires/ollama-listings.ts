/** GET /api/tags, /api/ps, /api/version and POST /api/show. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { ollamaModel } from "./ollama-checks.ts";

const DETAILS: JsonObject = {
  parent_model: "",
  format: "gguf",
  family: "llama",
  families: ["llama"],
  parameter_size: "3.2B",
  quantization_level: "Q4_K_M",
};

const BYTES = 2_019_393_189;

function entry(model: FakeModel): JsonObject {
  return {
    name: model.id,
    model: model.id,
    size: BYTES,
    digest: "0a109f422b47e3a30ba2b10eca18548e944e8a23073ee3f3e947efcf3c45e59f",
    details: DETAILS,
  };
}

export function ollamaTags(_request: FakeRequest, world: FakeWorld): Delivery {
  const models = world.models.map((model) => ({ ...entry(model), modified_at: "2026-01-01T00:00:00Z" }));
  return { reply: jsonReply(200, { models }) };
}

/** The first model is loaded. */
export function ollamaLoaded(_request: FakeRequest, world: FakeWorld): Delivery {
  const models = world.models
    .slice(0, 1)
    .map((model) => ({ ...entry(model), expires_at: "2026-01-01T00:05:00Z", size_vram: BYTES, context_length: 4096 }));
  return { reply: jsonReply(200, { models }) };
}

export function ollamaVersion(): Delivery {
  return { reply: jsonReply(200, { version: "0.12.6" }) };
}

export function ollamaShow(request: FakeRequest, world: FakeWorld): Delivery {
  const model = ollamaModel(request.body, world);
  const capabilities = model.id.includes("embed")
    ? ["embedding"]
    : ["completion", ...(model.tools ? ["tools"] : []), ...(model.reasoning === "no" ? [] : ["thinking"]), "vision"];
  return {
    reply: jsonReply(200, {
      modelfile: `FROM ${model.id}`,
      parameters: "num_ctx 4096",
      template: "{{ .Prompt }}",
      details: DETAILS,
      model_info: {
        "general.architecture": "llama",
        "general.parameter_count": 3_212_749_888,
        "llama.context_length": model.contextTokens,
        "llama.embedding_length": 3072,
      },
      capabilities,
      modified_at: "2026-01-01T00:00:00Z",
    }),
  };
}
