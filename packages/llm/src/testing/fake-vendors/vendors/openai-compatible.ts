/** Any server of OpenAI's chat wire, in the manner of vLLM. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const openaiCompatible = keyedVendor(
  [fakeModel("plain-model"), fakeModel("plain-reasoner", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
