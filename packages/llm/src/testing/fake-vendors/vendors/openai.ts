/** OpenAI: chat, responses and its token counts, models. */
import { countTokens } from "../brain.ts";
import { fakeModel } from "../fake-model.ts";
import { type Delivery, generate } from "../generate.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import { openAiFileParts } from "../wires/file-references.ts";
import { batchRoutes, openAiBatchRow } from "../wires/openai-batches.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { openAiError } from "../wires/openai-error.ts";
import { fileRoutes, openAiFileRow } from "../wires/openai-files.ts";
import { fineTuningRoutes } from "../wires/openai-fine-tuning.ts";
import { openAiFlavour } from "../wires/openai-flavour.ts";
import { askAfterResponse, cancelResponse, openAiResponsesWire } from "../wires/openai-responses.ts";
import { readResponses } from "../wires/openai-responses-request.ts";
import type { FakeWorld } from "../world.ts";
import { keepingFiles } from "./keeping-files.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

const EMBEDDING_FIELDS = new Set(["model", "input", "encoding_format", "dimensions", "user"]);

const calls = keyedVendor(
  [
    fakeModel("gpt-4.1-mini", { reasoning: "no" }),
    fakeModel("gpt-5-mini", { reasoning: "always" }),
    fakeModel("gpt-5-chat-latest", { reasoning: "no", tools: false }),
    fakeModel("text-embedding-3-small", { tools: false, reasoning: "no", contextTokens: 8192 }),
  ],
  [
    ...chatRoutes(openAiFlavour),
    embeddingsRoute(embeddingsLike(openAiFlavour, { fields: EMBEDDING_FIELDS })),
    { method: "POST", path: /^\/v1\/responses$/, handle: (request, world) => generate(request, openAiResponsesWire, world) },
    { method: "POST", path: /^\/v1\/responses\/input_tokens$/, handle: countResponsesTokens },
    { method: "GET", path: /^\/v1\/responses\/resp_[^/]+$/, handle: askAfterResponse },
    { method: "POST", path: /^\/v1\/responses\/resp_[^/]+\/cancel$/, handle: cancelResponse },
  ],
  {
    missing: () =>
      openAiError(
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        { status: 401 },
      ),
    wrong: () =>
      openAiError(
        "Incorrect API key provided: bad-key. You can find your API key at https://platform.openai.com/account/api-keys.",
        { status: 401, code: "invalid_api_key" },
      ),
  },
);

const refuse = (status: number, message: string) => openAiError(message, { status });
const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";

export const openai = keepingFiles(calls, {
  calls: [CHAT, RESPONSES],
  resolve: openAiFileParts((id) => refuse(404, `No such File object: ${id}`)),
  routes: (answering) => [
    ...fileRoutes({
      prefix: "/v1",
      purposes: ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"],
      rowOf: openAiFileRow,
      refuse,
      paging: "after",
      givesBack: ({ purpose }) => purpose !== "user_data" && purpose !== "assistants",
    }),
    ...fineTuningRoutes({ prefix: "/v1", refuse }),
    ...batchRoutes({
      prefix: "/v1",
      endpoints: { [CHAT]: answering(CHAT), [RESPONSES]: answering(RESPONSES) },
      filePurpose: "batch",
      rowOf: openAiBatchRow,
      refuse,
      listing: "paged",
    }),
  ],
});

function countResponsesTokens(request: FakeRequest, world: FakeWorld): Delivery {
  const { question } = readResponses(request, world);
  return { reply: jsonReply(200, { object: "response.input_tokens", input_tokens: countTokens(question.prompt) }) };
}
