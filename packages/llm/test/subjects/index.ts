/** Every provider of the package as a subject of the conformance suite: for the tests, and for the matrix in the docs. */
import { anthropicSubject } from "./anthropic.ts";
import { azureChatSubject, azureClassicSubject, azureResponsesSubject } from "./azure.ts";
import { bedrockKeySubject, bedrockSubject } from "./bedrock.ts";
import { cerebrasSubject } from "./cerebras.ts";
import { cohereSubject } from "./cohere.ts";
import { dashscopeSubject } from "./dashscope.ts";
import { deepseekSubject } from "./deepseek.ts";
import { fireworksSubject } from "./fireworks.ts";
import { geminiSubject } from "./gemini.ts";
import { groqSubject } from "./groq.ts";
import { huggingfaceSubject } from "./huggingface.ts";
import { llamacppSubject } from "./llamacpp.ts";
import { lmstudioSubject } from "./lmstudio.ts";
import { mistralSubject } from "./mistral.ts";
import { moonshotSubject } from "./moonshot.ts";
import { ollamaSubject } from "./ollama.ts";
import { openaiChatSubject, openaiResponsesSubject } from "./openai.ts";
import { openaiCompatibleSubject } from "./openai-compatible.ts";
import { openrouterSubject } from "./openrouter.ts";
import type { VendorSubject } from "./over-fake-vendor.ts";
import { perplexitySubject } from "./perplexity.ts";
import { togetherSubject } from "./together.ts";
import { vertexClaudeSubject, vertexGeminiSubject } from "./vertex.ts";
import { vllmSubject } from "./vllm.ts";
import { xaiSubject } from "./xai.ts";
import { zaiSubject } from "./zai.ts";

export const VENDOR_SUBJECTS: readonly VendorSubject[] = [
  anthropicSubject,
  openaiResponsesSubject,
  openaiChatSubject,
  geminiSubject,
  ollamaSubject,
  bedrockSubject,
  bedrockKeySubject,
  cohereSubject,
  lmstudioSubject,
  llamacppSubject,
  huggingfaceSubject,
  mistralSubject,
  moonshotSubject,
  openaiCompatibleSubject,
  togetherSubject,
  groqSubject,
  vllmSubject,
  deepseekSubject,
  xaiSubject,
  openrouterSubject,
  fireworksSubject,
  cerebrasSubject,
  perplexitySubject,
  zaiSubject,
  dashscopeSubject,
  azureResponsesSubject,
  azureChatSubject,
  azureClassicSubject,
  vertexGeminiSubject,
  vertexClaudeSubject,
];
