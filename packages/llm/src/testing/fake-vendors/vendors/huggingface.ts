/** Hugging Face's router: the chat wire, partners appended to the model's name. */
import { fakeModel } from "../fake-model.ts";
import { huggingFaceFlavour, huggingFaceModelRow } from "../wires/huggingface-flavour.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

export const huggingface = keyedVendor(
  [fakeModel("Qwen/Qwen3-4B"), fakeModel("meta-llama/Llama-3.1-8B-Instruct", { reasoning: "no" })],
  chatRoutes(huggingFaceFlavour, huggingFaceModelRow),
  refusesWith(401, { error: "Invalid credentials in Authorization header" }),
);
