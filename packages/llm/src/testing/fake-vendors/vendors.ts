/** Every fake vendor by its name: one file each in `vendors/`. */
import type { FakeVendorName } from "./fake-vendor.ts";
import type { VendorDefinition } from "./vendor-definition.ts";
import { anthropic } from "./vendors/anthropic.ts";
import { azure } from "./vendors/azure.ts";
import { bedrock } from "./vendors/bedrock.ts";
import { cerebras } from "./vendors/cerebras.ts";
import { cohere } from "./vendors/cohere.ts";
import { dashscope } from "./vendors/dashscope.ts";
import { deepseek } from "./vendors/deepseek.ts";
import { fireworks } from "./vendors/fireworks.ts";
import { gemini } from "./vendors/gemini.ts";
import { groq } from "./vendors/groq.ts";
import { huggingface } from "./vendors/huggingface.ts";
import { llamacpp } from "./vendors/llamacpp.ts";
import { lmstudio } from "./vendors/lmstudio.ts";
import { mistral } from "./vendors/mistral.ts";
import { moonshot } from "./vendors/moonshot.ts";
import { ollama } from "./vendors/ollama.ts";
import { openai } from "./vendors/openai.ts";
import { openaiCompatible } from "./vendors/openai-compatible.ts";
import { openrouter } from "./vendors/openrouter.ts";
import { perplexity } from "./vendors/perplexity.ts";
import { together } from "./vendors/together.ts";
import { vertex } from "./vendors/vertex.ts";
import { vllm } from "./vendors/vllm.ts";
import { xai } from "./vendors/xai.ts";
import { zai } from "./vendors/zai.ts";

export const VENDORS: Readonly<Record<FakeVendorName, VendorDefinition>> = {
  openai,
  anthropic,
  gemini,
  ollama,
  lmstudio,
  llamacpp,
  huggingface,
  moonshot,
  "openai-compatible": openaiCompatible,
  cohere,
  mistral,
  bedrock,
  azure,
  vertex,
  together,
  groq,
  vllm,
  deepseek,
  xai,
  openrouter,
  fireworks,
  cerebras,
  perplexity,
  zai,
  dashscope,
};
