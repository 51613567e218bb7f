/** xAI: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const xai = keyedVendor(
  [fakeModel("grok-4-fast-non-reasoning"), fakeModel("grok-4", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
