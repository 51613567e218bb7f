/** DeepSeek: the chat wire in its own words. */
import { fakeModel } from "../fake-model.ts";
import { deepseekFlavour } from "../wires/deepseek-flavour.ts";
import { openAiModelRow } from "../wires/openai-chat.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const deepseek = keyedVendor(
  [
    fakeModel("deepseek-chat"),
    fakeModel("deepseek-reasoner", { reasoning: "always" }),
    fakeModel("deepseek-v4-flash", { reasoning: "always", contextTokens: 1_048_576 }),
    fakeModel("deepseek-v4-pro", { reasoning: "always", contextTokens: 1_048_576 }),
    fakeModel("deepseek-r1", { reasoning: "always", tools: false }),
  ],
  chatRoutes(deepseekFlavour, (model) => openAiModelRow(model, "deepseek")),
  refusesWith(401, {
    error: {
      message: "Authentication Fails, Your api key: ****-key is invalid",
      type: "authentication_error",
      param: null,
      code: "invalid_request_error",
    },
  }),
);
