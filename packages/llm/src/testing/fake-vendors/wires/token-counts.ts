/** Token counts of the compatible servers that have them: llama.cpp's template and tokenizer, Moonshot's estimate. */
import { countTokens } from "../brain.ts";
import type { Delivery } from "../generate.ts";
import { objectsOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { moonshotFlavour } from "./moonshot-flavour.ts";
import { chatPrompt } from "./openai-chat.ts";

/** POST /apply-template: the prompt as one text. */
export function llamaCppTemplate(request: FakeRequest): Delivery {
  return { reply: jsonReply(200, { prompt: chatPrompt(request.body).join("\n") }) };
}

/** POST /tokenize: one number a token. */
export function llamaCppTokenize(request: FakeRequest): Delivery {
  const count = countTokens([stringOf(request.body.content)]);
  return { reply: jsonReply(200, { tokens: Array.from({ length: count }, (_item, index) => index + 1) }) };
}

/** POST /v1/tokenizers/estimate-token-count */
export function moonshotEstimate(request: FakeRequest, world: FakeWorld): Delivery {
  const id = stringOf(request.body.model);
  if (world.model(id) === undefined) throw moonshotFlavour.unknownModel(id);
  const total = countTokens(chatPrompt({ messages: objectsOf(request.body.messages) }));
  return { reply: jsonReply(200, { data: { total_tokens: total } }) };
}
