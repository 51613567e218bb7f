/** OpenRouter: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const openrouter = keyedVendor(
  [fakeModel("openai/gpt-4.1-mini"), fakeModel("anthropic/claude-sonnet-4.5", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
