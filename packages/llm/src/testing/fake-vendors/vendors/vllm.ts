/** vLLM: the chat wire, its health and its tokenizer. A key is asked for only where it was started with one. */
import { countTokens } from "../brain.ts";
import { fakeModel } from "../fake-model.ts";
import type { Delivery } from "../generate.ts";
import { stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, Refusal } from "../reply.ts";
import { chatPrompt } from "../wires/openai-chat.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { BAD_KEY, bearerKey } from "../wires/openai-routes.ts";
import { rerankRoute } from "../wires/rerank-route.ts";
import { vllmFlavour, vllmModelRow } from "../wires/vllm-flavour.ts";
import type { FakeWorld } from "../world.ts";
import { chatRoutes, localEngine } from "./keyed-vendor.ts";

export const vllm = {
  ...localEngine(
    [
      fakeModel("Qwen/Qwen2.5-7B-Instruct", { reasoning: "no", contextTokens: 32_768 }),
      fakeModel("Qwen/Qwen3-8B", { reasoning: "always", contextTokens: 40_960 }),
      fakeModel("facebook/opt-125m", { reasoning: "no", tools: false, contextTokens: 2048 }),
      fakeModel("intfloat/e5-mistral-7b-instruct", { reasoning: "no", tools: false, contextTokens: 4096 }),
      fakeModel("BAAI/bge-reranker-v2-m3", { reasoning: "no", tools: false, contextTokens: 8192 }),
    ],
    [
      ...chatRoutes(vllmFlavour, vllmModelRow),
      embeddingsRoute(embeddingsLike(vllmFlavour, { cuts: (body) => body.truncate_prompt_tokens === -1 })),
      rerankRoute(vllmFlavour),
      {
        method: "GET",
        path: /^\/health$/,
        open: true,
        handle: () => ({ reply: { kind: "whole", status: 200, headers: {}, body: "" } }),
      },
      { method: "POST", path: /^\/tokenize$/, handle: tokenize },
    ],
  ),
  authorise(request: FakeRequest): void {
    if (bearerKey(request) === BAD_KEY) throw new Refusal(401, { error: "Unauthorized" });
  },
};

function tokenize({ body }: FakeRequest, world: FakeWorld): Delivery {
  const id = stringOf(body.model);
  const model = world.model(id);
  if (model === undefined) throw vllmFlavour.unknownModel(id);
  const count = countTokens(chatPrompt(body));
  const tokens = Array.from({ length: count }, (_item, index) => index + 1);
  return { reply: jsonReply(200, { count, max_model_len: model.contextTokens, tokens, token_strs: null }) };
}
