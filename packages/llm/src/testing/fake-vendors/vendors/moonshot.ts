/** Moonshot: the chat wire, and its estimate of tokens. */
import { fakeModel } from "../fake-model.ts";
import { moonshotFlavour } from "../wires/moonshot-flavour.ts";
import { moonshotEstimate } from "../wires/token-counts.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const moonshot = keyedVendor(
  [fakeModel("kimi-k2-thinking", { reasoning: "always" }), fakeModel("moonshot-v1-8k", { reasoning: "no", contextTokens: 8192 })],
  [
    ...chatRoutes(moonshotFlavour),
    { method: "POST", path: /^\/v1\/tokenizers\/estimate-token-count$/, handle: moonshotEstimate },
  ],
  refusesWith(401, { error: { message: "Invalid Authentication", type: "invalid_authentication_error" } }),
);
