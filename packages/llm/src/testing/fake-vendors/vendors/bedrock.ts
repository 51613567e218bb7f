/** Amazon Bedrock: the plain chat wire. */
import { fakeModel } from "../fake-model.ts";
import { plainFlavour } from "../wires/plain-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const bedrock = keyedVendor(
  [fakeModel("us.anthropic.claude-sonnet-4-5-20250929-v1:0"), fakeModel("us.amazon.nova-lite-v1:0", { reasoning: "always" })],
  chatRoutes(plainFlavour),
  refusesWith(401, { error: "Unauthorized" }),
);
