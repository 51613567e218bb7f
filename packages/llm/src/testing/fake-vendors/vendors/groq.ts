/** Groq: the chat wire in its own words, and windows in its listing. */
import { fakeModel } from "../fake-model.ts";
import { groqFlavour } from "../wires/groq-flavour.ts";
import { openAiModelRow } from "../wires/openai-chat.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const groq = keyedVendor(
  [
    fakeModel("llama-3.3-70b-versatile", { reasoning: "no", contextTokens: 131_072 }),
    fakeModel("openai/gpt-oss-120b", { reasoning: "always", contextTokens: 131_072 }),
    fakeModel("openai/gpt-oss-20b", { reasoning: "always", contextTokens: 131_072 }),
    fakeModel("qwen/qwen3-32b", { reasoning: "always", contextTokens: 131_072 }),
    fakeModel("meta-llama/llama-4-scout-17b-16e-instruct", { reasoning: "no", contextTokens: 131_072 }),
  ],
  chatRoutes(groqFlavour, (model) => ({
    ...openAiModelRow(model, "Groq"),
    active: true,
    context_window: model.contextTokens,
    public_apps: null,
    max_completion_tokens: 32_768,
  })),
  refusesWith(401, { error: { message: "Invalid API Key", type: "invalid_request_error", code: "invalid_api_key" } }),
);
