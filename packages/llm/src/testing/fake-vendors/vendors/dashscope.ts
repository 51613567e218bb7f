/** Qwen at DashScope, in its compatible mode. */
import { fakeModel } from "../fake-model.ts";
import { dashScopeFlavour, dashScopeRefusal } from "../wires/dashscope-flavour.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

const wrongKey = () =>
  dashScopeRefusal(
    401,
    "Incorrect API key provided. For details, see: https://help.aliyun.com/zh/model-studio/error-code#apikey-error",
    "invalid_api_key",
  );

export const dashscope = keyedVendor(
  [
    fakeModel("qwen-plus"),
    fakeModel("qwen3-vl-plus"),
    fakeModel("qwen3-32b", { reasoning: "always" }),
    fakeModel("qwen3-235b-a22b-thinking-2507", { reasoning: "always" }),
    fakeModel("qwen3-omni-flash"),
  ],
  chatRoutes(dashScopeFlavour),
  { missing: wrongKey, wrong: wrongKey },
);
