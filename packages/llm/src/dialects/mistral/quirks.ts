import type { OpenAIChatQuirks } from "../openai-chat/quirks.ts";
import { MISTRAL_STRICT } from "./strict-schema.ts";

/**
 * What Mistral does otherwise within the forms of OpenAI's chat wire; other forms are rewritten by the files beside this one.
 * Each line avoids a refusal or a loss. Source: the types of @mistralai/mistralai and the request validator of mistral-common.
 */
export const MISTRAL_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  emptyAssistantContent: "empty-string",
  // Usage comes unasked with the last chunk.
  streamOptions: false,
  cachedInput: "included",
  reasoningOutput: "included",
  // Thinking stands in the content; see assistant-content.ts.
  reasoningReplay: "none",
  reasoningRequest: { form: "reasoning_effort", efforts: ["none", "high"] },
  // The answer begins with the prefix that it goes on from. Source: Mistral's guide on prefixes.
  echoesPrefill: true,
  strictSchema: MISTRAL_STRICT,
  // "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9."
  toolCallId: { pattern: /^[a-zA-Z0-9]{9}$/, lengthMax: 9 },
  toolMessageName: true,
  media: { image: ["data", "url"], audio: ["data", "url"], file: ["data", "url", "reference"], video: [] },
  fileProvider: "mistral",
  cache: "key",
};
