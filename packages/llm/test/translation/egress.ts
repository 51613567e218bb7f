/** One vendor a wire, so that every dialect is spoken towards a vendor. */
import { anthropicSubject } from "../subjects/anthropic.ts";
import { bedrockKeySubject } from "../subjects/bedrock.ts";
import { cohereSubject } from "../subjects/cohere.ts";
import { geminiSubject } from "../subjects/gemini.ts";
import { mistralSubject } from "../subjects/mistral.ts";
import { ollamaSubject } from "../subjects/ollama.ts";
import { openaiChatSubject, openaiResponsesSubject } from "../subjects/openai.ts";
import type { VendorSubject } from "../subjects/over-fake-vendor.ts";

export interface Egress {
  /** The dialect's id. */
  readonly wire: string;
  readonly vendor: VendorSubject;
}

export const EGRESS: readonly Egress[] = [
  { wire: "openai-chat", vendor: openaiChatSubject },
  { wire: "openai-responses", vendor: openaiResponsesSubject },
  { wire: "anthropic-messages", vendor: anthropicSubject },
  { wire: "gemini", vendor: geminiSubject },
  { wire: "ollama", vendor: ollamaSubject },
  { wire: "bedrock-converse", vendor: bedrockKeySubject },
  { wire: "cohere", vendor: cohereSubject },
  { wire: "mistral", vendor: mistralSubject },
];
