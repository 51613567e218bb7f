/** Groq: the chat wire in its own words, and windows in its listing. */
import { fakeModel } from "../fake-model.ts";
import { groqFlavour } from "../wires/groq-flavour.ts";
import { batchRoutes, openAiBatchRow } from "../wires/openai-batches.ts";
import { openAiModelRow } from "../wires/openai-chat.ts";
import { openAiError } from "../wires/openai-error.ts";
import { fileRoutes, openAiFileRow } from "../wires/openai-files.ts";
import { keepingFiles } from "./keeping-files.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

const calls = keyedVendor(
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

const CHAT = "/v1/chat/completions";
const refuse = (status: number, message: string) => openAiError(message, { status });

export const groq = keepingFiles(calls, {
  calls: [],
  routes: (answering) => [
    ...fileRoutes({ prefix: "/v1", purposes: ["batch"], rowOf: openAiFileRow, refuse, paging: "none" }),
    ...batchRoutes({
      prefix: "/v1",
      endpoints: { [CHAT]: answering(CHAT) },
      filePurpose: "batch",
      rowOf: openAiBatchRow,
      refuse,
      listing: "whole",
      oneModel: false,
    }),
  ],
});
