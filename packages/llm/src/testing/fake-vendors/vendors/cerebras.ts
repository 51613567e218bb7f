/** Cerebras: the chat wire, and a public listing beside the one of the key. */
import { fakeModel } from "../fake-model.ts";
import { jsonReply } from "../reply.ts";
import { cerebrasFlavour, cerebrasPublicRow } from "../wires/cerebras-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const cerebras = keyedVendor(
  [fakeModel("llama-3.3-70b", { reasoning: "no" }), fakeModel("gpt-oss-120b", { reasoning: "always" }), fakeModel("zai-glm-4.7")],
  [
    ...chatRoutes(cerebrasFlavour),
    {
      method: "GET",
      path: /^\/public\/v1\/models$/,
      open: true,
      handle: (_request, world) => ({ reply: jsonReply(200, { object: "list", data: world.models.map(cerebrasPublicRow) }) }),
    },
  ],
  refusesWith(401, {
    message: "Wrong API Key",
    type: "invalid_request_error",
    param: "api_key",
    code: "wrong_api_key",
  }),
);
