/** OpenAI: chat, responses and its token counts, models. */
import { countTokens } from "../brain.ts";
import { fakeModel } from "../fake-model.ts";
import { type Delivery, generate } from "../generate.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import { embeddingsLike, embeddingsRoute } from "../wires/openai-embeddings.ts";
import { openAiError } from "../wires/openai-error.ts";
import { openAiFlavour } from "../wires/openai-flavour.ts";
import { askAfterResponse, cancelResponse, openAiResponsesWire } from "../wires/openai-responses.ts";
import { readResponses } from "../wires/openai-responses-request.ts";
import type { FakeWorld } from "../world.ts";
import { chatRoutes, keyedVendor } from "./keyed-vendor.ts";

const EMBEDDING_FIELDS = new Set(["model", "input", "encoding_format", "dimensions", "user"]);

export const openai = keyedVendor(
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

function countResponsesTokens(request: FakeRequest, world: FakeWorld): Delivery {
  const { question } = readResponses(request, world);
  return { reply: jsonReply(200, { object: "response.input_tokens", input_tokens: countTokens(question.prompt) }) };
}
