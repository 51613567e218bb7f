/** llama.cpp: the chat wire, its health, template, tokenizer and properties. */
import { fakeModel } from "../fake-model.ts";
import { jsonReply } from "../reply.ts";
import { llamaCppFlavour, llamaCppProps } from "../wires/llamacpp-flavour.ts";
import { llamaCppTemplate, llamaCppTokenize } from "../wires/token-counts.ts";
import { chatRoutes, localEngine } from "./keyed-vendor.ts";

export const llamacpp = localEngine(
  [fakeModel("qwen3-1.7b-q4_k_m", { contextTokens: 40_960 })],
  [
    ...chatRoutes(llamaCppFlavour),
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
