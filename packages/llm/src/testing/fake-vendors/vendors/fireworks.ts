/** Fireworks: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const fireworks = keyedVendor(
  [
    fakeModel("accounts/fireworks/models/llama-v3p3-70b-instruct"),
    fakeModel("accounts/fireworks/models/deepseek-v3p1", { reasoning: "always" }),
  ],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
