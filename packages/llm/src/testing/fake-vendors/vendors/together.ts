/** Together: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const together = keyedVendor(
  [fakeModel("meta-llama/Llama-3.3-70B-Instruct-Turbo"), fakeModel("deepseek-ai/DeepSeek-V3.1", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
