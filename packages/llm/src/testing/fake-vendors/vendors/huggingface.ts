/** Hugging Face's router: the chat wire, partners appended to the model's name. */
import { fakeModel } from "../fake-model.ts";
import { featureExtractionRoute } from "../wires/huggingface-feature-extraction.ts";
import { huggingFaceFlavour, huggingFaceModelRow } from "../wires/huggingface-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const huggingface = keyedVendor(
  [
    fakeModel("Qwen/Qwen3-4B"),
    fakeModel("meta-llama/Llama-3.1-8B-Instruct", { reasoning: "no" }),
    fakeModel("intfloat/multilingual-e5-large", { tools: false, reasoning: "no", contextTokens: 512 }),
    fakeModel("bert/unpooled", { tools: false, reasoning: "no", contextTokens: 512 }),
  ],
  [...chatRoutes(huggingFaceFlavour, huggingFaceModelRow), featureExtractionRoute],
  refusesWith(401, { error: "Invalid credentials in Authorization header" }),
);
