/** Moonshot: the chat wire, and its estimate of tokens. */
import { fakeModel } from "../fake-model.ts";
import { moonshotFileParts } from "../wires/file-references.ts";
import { moonshotFlavour } from "../wires/moonshot-flavour.ts";
import { openAiError } from "../wires/openai-error.ts";
import { fileRoutes, openAiFileRow } from "../wires/openai-files.ts";
import { moonshotEstimate } from "../wires/token-counts.ts";
import { keepingFiles } from "./keeping-files.ts";
import { chatRoutes, keyedVendor, refusesWith } from "./keyed-vendor.ts";

const calls = keyedVendor(
  [
    fakeModel("kimi-k2.5"),
    fakeModel("kimi-k2-thinking", { reasoning: "always" }),
    fakeModel("moonshot-v1-8k", { reasoning: "no", contextTokens: 8192 }),
  ],
  [
    ...chatRoutes(moonshotFlavour),
    { method: "POST", path: /^\/v1\/tokenizers\/estimate-token-count$/, handle: moonshotEstimate },
  ],
  refusesWith(401, { error: { message: "Invalid Authentication", type: "invalid_authentication_error" } }),
);

const refuse = (status: number, message: string) => openAiError(message, { status });

export const moonshot = keepingFiles(calls, {
  calls: ["/v1/chat/completions"],
  resolve: moonshotFileParts((id) => refuse(400, `file ${id} not found`)),
  routes: () =>
    fileRoutes({
      prefix: "/v1",
      purposes: ["file-extract", "image", "video", "batch"],
      rowOf: (file) => ({ ...openAiFileRow(file), status: "ready", status_details: "" }),
      refuse,
      paging: "none",
    }),
});
