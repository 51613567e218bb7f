/** OpenRouter: the chat wire in its own words, and a listing that tells windows, abilities and prices. */
import { type FakeModel, fakeModel } from "../fake-model.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { openrouterFlavour, openrouterRefusal } from "../wires/openrouter-flavour.ts";
import { inOwnWords } from "../wires/own-words.ts";
import { rerankRoute } from "../wires/rerank-route.ts";
import { CREATED_AT } from "../world.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

const modelRow = (model: FakeModel) => ({
  id: model.id,
  canonical_slug: model.id,
  name: `Fake: ${model.id}`,
  created: CREATED_AT,
  description: "A fake.",
  context_length: model.contextTokens,
  architecture: { modality: "text+image->text", input_modalities: ["text", "image"], output_modalities: ["text"] },
  pricing:
    model.id === "openrouter/auto"
      ? { prompt: "-1", completion: "-1" }
      : { prompt: "0.000005", completion: "0.00002", request: "0", image: "0", input_cache_read: "0.0000005" },
  top_provider: { context_length: model.contextTokens, max_completion_tokens: 16_384, is_moderated: false },
  per_request_limits: null,
  supported_parameters: [
    "max_tokens",
    ...(model.tools ? ["tools", "tool_choice"] : []),
    ...(model.reasoning === "no" ? [] : ["reasoning", "include_reasoning"]),
    "response_format",
    "structured_outputs",
    "temperature",
  ],
});

/** Dollars a token. */
const PRICE = 2e-8;
const charge = (tokens: number) => ({
  cost: tokens * PRICE,
  is_byok: false,
  cost_details: {
    upstream_inference_cost: tokens * PRICE,
    upstream_inference_prompt_cost: tokens * PRICE,
    upstream_inference_completions_cost: 0,
  },
});

export const openrouter: VendorDefinition = {
  ...keyedVendor(
    [
      fakeModel("openai/gpt-4.1-mini", { reasoning: "no" }),
      fakeModel("openai/gpt-5-codex", { reasoning: "always" }),
      fakeModel("anthropic/claude-sonnet-4.5", { reasoning: "always" }),
      fakeModel("google/gemma-3-12b-it", { reasoning: "no", tools: false }),
      fakeModel("openrouter/auto"),
      fakeModel("openai/text-embedding-3-small", { tools: false, reasoning: "no", contextTokens: 8192 }),
      fakeModel("cohere/rerank-v3.5", { tools: false, reasoning: "no", contextTokens: 8192 }),
    ],
    inOwnWords(
      [
        ...chatRoutes(openrouterFlavour, modelRow),
        embeddingsRoute(embeddingsLike(openrouterFlavour, { usage: charge })),
        rerankRoute({ ...openrouterFlavour, usage: (tokens) => ({ total_tokens: tokens, cost: tokens * PRICE }) }),
      ],
      ({ status, message }) => openrouterRefusal(message, status),
    ),
    {
      missing: () => openrouterRefusal("No cookie auth credentials found", 401),
      wrong: () => openrouterRefusal("User not found.", 401),
    },
  ),
  refuse: (status, message) => openrouterRefusal(message, status),
};
