/** z.ai: GLM over the chat wire. */
import { fakeModel } from "../fake-model.ts";
import { zaiFlavour, zaiRefusal } from "../wires/zai-flavour.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

export const zai = keyedVendor(
  [fakeModel("glm-4.5-air"), fakeModel("glm-4.6", { reasoning: "always" }), fakeModel("glm-4.5v")],
  chatRoutes(zaiFlavour),
  {
    missing: () => zaiRefusal(401, "1001", "Authentication parameter not received in Header, unable to authenticate"),
    wrong: () => zaiRefusal(401, "1000", "Authentication Failed"),
  },
);
