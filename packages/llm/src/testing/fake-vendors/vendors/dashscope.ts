/** Qwen at DashScope, in its compatible mode. */
import { fakeModel } from "../fake-model.ts";
import { dashScopeFlavour, dashScopeRefusal } from "../wires/dashscope-flavour.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

const wrongKey = () =>
  dashScopeRefusal(
    401,
    "Incorrect API key provided. For details, see: https://help.aliyun.com/zh/model-studio/error-code#apikey-error",
    "invalid_api_key",
  );

const tooMany = () =>
  dashScopeRefusal(
    400,
    "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents",
    "InvalidParameter",
  );
const tooLong = () =>
  dashScopeRefusal(
    400,
    "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 8192]",
    "InvalidParameter",
  );

export const dashscope = keyedVendor(
  [
    fakeModel("qwen-plus"),
    fakeModel("qwen3-vl-plus"),
    fakeModel("qwen3-32b", { reasoning: "always" }),
    fakeModel("qwen3-235b-a22b-thinking-2507", { reasoning: "always" }),
    fakeModel("qwen3-omni-flash"),
    fakeModel("text-embedding-v4", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  [...chatRoutes(dashScopeFlavour), embeddingsRoute(embeddingsLike(dashScopeFlavour, { inputsMax: 10, tooMany, tooLong }))],
  { missing: wrongKey, wrong: wrongKey },
);
