/** Fireworks: models are paths. */
import { fakeModel } from "../fake-model.ts";
import { fireworksFlavour, fireworksModelRow } from "../wires/fireworks-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const fireworks = keyedVendor(
  [
    fakeModel("accounts/fireworks/models/llama-v3p3-70b-instruct", { reasoning: "no" }),
    fakeModel("accounts/fireworks/models/deepseek-v3p1", { reasoning: "always" }),
  ],
  chatRoutes(fireworksFlavour, fireworksModelRow),
  refusesWith(401, {
    error: {
      object: "error",
      type: "invalid_request_error",
      code: "UNAUTHORIZED",
      message: "The API key you provided is invalid.",
    },
  }),
);
