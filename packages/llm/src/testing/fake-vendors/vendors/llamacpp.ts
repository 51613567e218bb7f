/** llama.cpp: the chat wire, its health, template, tokenizer and properties. */
import { fakeModel } from "../fake-model.ts";
import { jsonReply, Refusal } from "../reply.ts";
import { llamaCppFlavour, llamaCppProps } from "../wires/llamacpp-flavour.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { rerankRoute } from "../wires/rerank-route.ts";
import { llamaCppTemplate, llamaCppTokenize } from "../wires/token-counts.ts";
import { chatRoutes, localEngine } from "./keyed-vendor.ts";

/** The engine takes the status of a fault of its own for it. */
const tooLong = (tokens: number, most: number) =>
  new Refusal(500, {
    error: {
      code: 500,
      message: `input (${tokens} tokens) is too large to process. increase the physical batch size (current batch size: ${most})`,
      type: "server_error",
    },
  });

export const llamacpp = localEngine(
  [
    fakeModel("qwen3-1.7b-q4_k_m", { contextTokens: 40_960 }),
    fakeModel("qwen3-embedding-0.6b-q8_0", { tools: false, reasoning: "no", contextTokens: 512 }),
    fakeModel("bge-reranker-v2-m3-q4_k_m", { tools: false, reasoning: "no", contextTokens: 512 }),
  ],
  [
    ...chatRoutes(llamaCppFlavour),
    embeddingsRoute(embeddingsLike(llamaCppFlavour, { tooLong })),
    rerankRoute(llamaCppFlavour),
    { method: "GET", path: /^\/(v1\/)?health$/, open: true, handle: () => ({ reply: jsonReply(200, { status: "ok" }) }) },
    { method: "POST", path: /^\/apply-template$/, handle: llamaCppTemplate },
    { method: "POST", path: /^\/tokenize$/, handle: llamaCppTokenize },
    {
      method: "GET",
      path: /^\/props$/,
      handle: (_request, world) => ({
        reply: jsonReply(200, llamaCppProps(world.models[0]?.id ?? "", world.models[0]?.contextTokens ?? 0)),
      }),
    },
  ],
);
