/** Azure OpenAI: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const azure = keyedVendor(
  [fakeModel("my-gpt-4-1"), fakeModel("my-gpt-5-mini", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
