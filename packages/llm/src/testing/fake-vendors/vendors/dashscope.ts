/** Qwen at DashScope: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const dashscope = keyedVendor(
  [fakeModel("qwen-plus"), fakeModel("qwen3-235b-a22b-thinking-2507", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
