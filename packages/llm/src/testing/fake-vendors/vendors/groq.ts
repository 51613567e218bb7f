/** Groq: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const groq = keyedVendor(
  [fakeModel("llama-3.3-70b-versatile"), fakeModel("openai/gpt-oss-120b", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
