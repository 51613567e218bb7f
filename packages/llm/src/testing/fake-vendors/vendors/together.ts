/** Together: the chat wire in its own words, and a listing that is a bare list. */
import { fakeModel } from "../fake-model.ts";
import { jsonReply } from "../reply.ts";
import type { Route, VendorDefinition } from "../vendor-definition.ts";
import { batchRoutes, togetherBatchRow } from "../wires/openai-batches.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { openAiError } from "../wires/openai-error.ts";
import { fileRoutes, openAiFileRow } from "../wires/openai-files.ts";
import { rerankRoute } from "../wires/rerank-route.ts";
import { togetherFineTuningRoutes } from "../wires/together-fine-tuning.ts";
import { togetherFlavour } from "../wires/together-flavour.ts";
import { CREATED_AT } from "../world.ts";
import { keepingFiles } from "./keeping-files.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

const PRICES = { hourly: 0, input: 0.15, output: 0.6, base: 0, finetune: 0 };

const listing: Route = {
  method: "GET",
  path: /^\/v1\/models$/,
  handle: (_request, world) => {
    const chat = world.models.map((model) => ({
      id: model.id,
      object: "model",
      created: CREATED_AT,
      type: kindOf(model.id),
      display_name: `Fake ${model.id}`,
      organization: "Fake",
      context_length: model.contextTokens,
      pricing: PRICES,
    }));
    const image = {
      id: "black-forest-labs/FLUX.1-schnell",
      object: "model",
      created: 0,
      type: "image",
      pricing: { input: 0, output: 0 },
    };
    const reply = jsonReply(200, {});
    return { reply: { ...reply, body: JSON.stringify([...chat, image]) } };
  },
};

const calls: VendorDefinition = keyedVendor(
  [
    fakeModel("meta-llama/Llama-3.3-70B-Instruct-Turbo", { reasoning: "no", contextTokens: 131_072 }),
    fakeModel("meta-llama/Llama-4-Scout-17B-16E-Instruct", { reasoning: "no", contextTokens: 1_048_576 }),
    fakeModel("deepseek-ai/DeepSeek-V3.1", { contextTokens: 131_072 }),
    fakeModel("openai/gpt-oss-120b", { reasoning: "always", contextTokens: 131_072 }),
    fakeModel("openai/gpt-oss-20b", { reasoning: "always", contextTokens: 131_072 }),
    fakeModel("BAAI/bge-base-en-v1.5", { tools: false, reasoning: "no", contextTokens: 512 }),
    fakeModel("Salesforce/Llama-Rank-V1", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  [listing, ...chatRoutes(togetherFlavour), embeddingsRoute(embeddingsLike(togetherFlavour)), rerankRoute(togetherFlavour)],
  refusesWith(401, {
    id: "o-fake",
    error: {
      message: "Invalid API key provided. You can find your API key at https://api.together.ai/settings/api-keys.",
      type: "invalid_request_error",
      param: null,
      code: "invalid_api_key",
    },
  }),
);

const CHAT = "/v1/chat/completions";
const refuse = (status: number, message: string) => openAiError(message, { status });

function kindOf(id: string): string {
  if (id.includes("-Rank-")) return "rerank";
  return id.includes("bge") ? "embedding" : "chat";
}

export const together = keepingFiles(calls, {
  calls: [],
  routes: (answering) => [
    ...fileRoutes({
      prefix: "/v1",
      uploadPath: "/files/upload",
      purposes: ["fine-tune", "eval", "batch-api"],
      needs: ["file_name"],
      rowOf: (file) => ({ ...openAiFileRow(file), Processed: true, FileType: "jsonl", LineCount: 0 }),
      refuse,
      paging: "none",
    }),
    ...togetherFineTuningRoutes,
    ...batchRoutes({
      prefix: "/v1",
      endpoints: { [CHAT]: answering(CHAT) },
      filePurpose: "batch-api",
      rowOf: togetherBatchRow,
      refuse,
      created: (job) => ({ job, warning: "" }),
      listing: "array",
    }),
  ],
});
