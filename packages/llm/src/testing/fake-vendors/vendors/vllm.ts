/** vLLM: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const vllm = keyedVendor(
  [fakeModel("Qwen/Qwen2.5-7B-Instruct"), fakeModel("Qwen/Qwen3-8B", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
