import { GROQ_CATALOGUE } from "../catalogue/groq.generated.ts";
import type { GroqModel } from "../catalogue/model-names.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import type { ErrorResponse } from "../dialect.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { AddressedCall, ProviderOptions, RecoveredAnswer } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Groq's API. */
export const GROQ_QUIRKS: OpenAIChatQuirks = {
  // "property 'prompt_cache_key' is unsupported"; the cache needs no asking
  cache: "none",
  // "'messages.0' : property 'name' is unsupported"
  userNames: false,
  // `[{ type: "input_audio" }]`: "content type is not supported"; nor are there files
  media: { image: ["data", "url"], audio: [], file: [] },
  // without it the model forgets what it thought before a tool's result
  reasoningReplay: "reasoning",
  reasoningRequest: {
    form: "reasoning_effort",
    // "`reasoning_effort` must be one of `low`, `medium`, or `high`"; Qwen: "one of `none` or `default`"
    efforts: ["low", "medium", "high"],
    byModel: [
      { modelPrefix: "qwen", efforts: ["none", "medium"], effortNames: { medium: "default" } },
      { modelPrefix: "deepseek-r1", form: "none" },
    ],
  },
  // without it `<think>…</think>` stands in the text
  reasoningFormat: [
    { modelPrefix: "qwen3", shown: { reasoning_format: "parsed" }, hidden: { reasoning_format: "hidden" } },
    { modelPrefix: "qwen-qwq", shown: { reasoning_format: "parsed" }, hidden: { reasoning_format: "hidden" } },
    { modelPrefix: "deepseek-r1", shown: { reasoning_format: "parsed" }, hidden: { reasoning_format: "hidden" } },
    { modelPrefix: "gpt-oss", hidden: { include_reasoning: false } },
  ],
  // "Failed to call a function. … See 'failed_generation' for more details.", also in the middle of a stream
  failedGeneration: true,
  // what could not be recovered: the fault is the model's, and it writes otherwise the next time
  errorAdvice: [
    {
      says: /failed to call a function|tool call validation failed|failed to (?:generate|validate) json/i,
      advice: "retry, or use a model that is better at calling tools",
      retryable: true,
    },
  ],
};

const DOCS = "Groq's model pages";
const TEXT_MODEL = {
  streaming: true,
  tools: true,
  toolChoiceRequired: true,
  images: false,
  audio: false,
  pdf: false,
  reasoning: false,
  jsonMode: true,
  temperature: true,
  stopSequences: true,
  seed: true,
  systemPrompt: true,
} as const;
const NO_SCHEMA = '"This model does not support response format `json_schema`"';

const FAMILIES: readonly FamilyRule[] = [
  { prefix: "llama-3", evidence: DOCS, facts: { ...TEXT_MODEL, parallelToolCalls: true, contextWindowTokens: 131_072 } },
  { prefix: "llama-3", evidence: NO_SCHEMA, facts: { jsonSchema: false } },
  {
    prefix: "meta-llama/llama-4",
    evidence: DOCS,
    facts: { ...TEXT_MODEL, images: true, jsonSchema: true, contextWindowTokens: 131_072 },
  },
  {
    prefix: "meta-llama/llama-guard",
    evidence: '"`tool calling` is not supported with this model"',
    facts: { ...TEXT_MODEL, images: true, tools: false },
  },
  {
    prefix: "openai/gpt-oss",
    evidence: "reasoning guide: efforts low, medium, high; it cannot be turned off",
    facts: {
      ...TEXT_MODEL,
      reasoning: true,
      reasoningOff: false,
      parallelToolCalls: false,
      jsonSchema: true,
      promptCache: true,
      contextWindowTokens: 131_072,
      outputTokensMax: 65_536,
    },
  },
  {
    prefix: "qwen/qwen3",
    evidence: "reasoning guide: efforts none and default",
    facts: { ...TEXT_MODEL, reasoning: true, reasoningOff: true, parallelToolCalls: true, contextWindowTokens: 131_072 },
  },
  { prefix: "qwen/qwen3", evidence: NO_SCHEMA, facts: { jsonSchema: false } },
  {
    prefix: "moonshotai/kimi-k2",
    evidence: DOCS,
    facts: { ...TEXT_MODEL, parallelToolCalls: true, jsonSchema: true, promptCache: true, contextWindowTokens: 262_144 },
  },
  {
    prefix: "groq/compound",
    evidence: '"messages[0].content must be a string"; it brings its own tools',
    facts: { images: false, tools: false },
  },
];

/** Groq. Key: `env:GROQ_API_KEY` unless given. */
export function groq(options: ProviderOptions = {}): Provider<GroqModel> {
  return openaiCompatible({
    id: "groq",
    name: "Groq",
    baseUrl: "https://api.groq.com/openai/v1",
    key: "env:GROQ_API_KEY",
    quirks: GROQ_QUIRKS,
    catalogue: GROQ_CATALOGUE,
    families: FAMILIES,
    aliases: { groq: "openai/gpt-oss-120b", "groq-small": "openai/gpt-oss-20b" },
    modelPrefixes: ["groq/", "llama-3.1-8b-instant", "llama-3.3-70b-versatile"],
    hooks: { recover },
    embeddings: false,
    operations: {
      files: async (vendor) => {
        const [{ openaiFiles }, { GROQ_FILES }] = await Promise.all([
          import("../files/openai-files.ts"),
          import("../files/file-quirks.ts"),
        ]);
        return openaiFiles(vendor, GROQ_FILES);
      },
      batches: async (vendor) => {
        const [{ openaiBatches }, { GROQ_BATCHES }] = await Promise.all([
          import("../batches/openai-batches.ts"),
          import("../batches/batch-quirks.ts"),
        ]);
        return openaiBatches(vendor, GROQ_BATCHES);
      },
    },
    // "50% lower cost". Source: console.groq.com, "Batch Processing".
    batchPriceFactor: 0.5,
    options,
  });
}

/** 400 `tool_use_failed`: "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details." */
async function recover(refused: ErrorResponse, { operation }: AddressedCall): Promise<RecoveredAnswer | undefined> {
  if (refused.status !== 400 || !refused.body.includes('"failed_generation"')) return undefined;
  const { failedGenerationIn, recoverAnswer, recoveredWarning } = await import("../dialects/openai-chat/failed-generation.ts");
  const failed = failedGenerationIn(parsed(refused.body));
  if (failed === undefined) return undefined;
  const id = refused.headers["x-request-id"] ?? "";
  const body = recoverAnswer(failed.generation, id, operation === "stream" ? "stream" : "whole");
  return body === undefined ? undefined : { body, warning: recoveredWarning(failed.reason) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
