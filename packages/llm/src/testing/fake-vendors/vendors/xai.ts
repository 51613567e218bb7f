/** xAI: the chat wire in its own words, and the listing that tells prices. */
import { fakeModel } from "../fake-model.ts";
import { jsonReply } from "../reply.ts";
import type { VendorDefinition } from "../vendor-definition.ts";
import { inOwnWords } from "../wires/own-words.ts";
import { xaiFlavour, xaiModelRow, xaiRefusal } from "../wires/xai-flavour.ts";
import { CREATED_AT } from "../world.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

const badKey = () => xaiRefusal("Incorrect API key provided: ba***ey. You can obtain an API key from https://console.x.ai.");

export const xai: VendorDefinition = {
  ...keyedVendor(
    [
      fakeModel("grok-4-fast-non-reasoning", { reasoning: "no", contextTokens: 2_000_000 }),
      fakeModel("grok-4", { reasoning: "always", contextTokens: 256_000 }),
      fakeModel("grok-4.3", { reasoning: "always", contextTokens: 256_000 }),
      fakeModel("grok-3-mini", { reasoning: "always", contextTokens: 131_072 }),
    ],
    [
      ...inOwnWords(chatRoutes(xaiFlavour), ({ status, message }) => xaiRefusal(message, status)),
      {
        method: "GET",
        path: /^\/v1\/language-models$/,
        handle: (_request, world) => ({
          reply: jsonReply(200, { models: world.models.map((model) => xaiModelRow(model, CREATED_AT)) }),
        }),
      },
    ],
    { missing: badKey, wrong: badKey },
  ),
  refuse: (status, message) => xaiRefusal(message, status),
};
