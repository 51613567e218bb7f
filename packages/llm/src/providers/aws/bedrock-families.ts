/**
 * What families of models can do behind Converse, where neither a listing nor a probe says it. A rule holds for a model by
 * its plain id and by every profile across regions. A later rule goes over an earlier one.
 */
import type { CapabilityFacts } from "../../capabilities.ts";
import type { FamilyRule } from "../../catalogue.ts";
import { PROFILE_REGIONS } from "../../dialects/bedrock-converse/families.ts";

const FEATURES = "Amazon Bedrock User Guide, supported models and model features";
const CACHING = "Amazon Bedrock User Guide, prompt caching";
const STRUCTURED = "Amazon Bedrock User Guide, structured outputs";

/** Of Converse itself, whatever the model: no seed, no JSON without a schema. */
const CONVERSE: CapabilityFacts = { streaming: true, systemPrompt: true, seed: false, jsonMode: false, audio: false };

const OPEN_WEIGHTS: CapabilityFacts = {
  ...CONVERSE,
  tools: true,
  temperature: true,
  promptCache: false,
  prefill: false,
  images: false,
};

const CLAUDE: CapabilityFacts = {
  ...CONVERSE,
  tools: true,
  parallelToolCalls: true,
  toolChoiceRequired: true,
  images: true,
  pdf: true,
  imagesInToolResults: true,
  stopSequences: true,
  promptCache: true,
};

const NOVA: CapabilityFacts = {
  ...CONVERSE,
  tools: true,
  parallelToolCalls: true,
  toolChoiceRequired: true,
  images: true,
  pdf: true,
  imagesInToolResults: true,
  temperature: true,
  stopSequences: true,
  promptCache: true,
  reasoning: false,
  jsonSchema: false,
  prefill: false,
};

function rule(prefix: string, facts: CapabilityFacts, evidence: string = FEATURES): FamilyRule {
  return { prefix, facts, evidence };
}

const RULES: readonly FamilyRule[] = [
  rule("anthropic.claude", { ...CLAUDE, reasoning: true, jsonSchema: true }, `${FEATURES}; ${STRUCTURED}`),
  rule("anthropic.claude-3", { reasoning: false, jsonSchema: false, temperature: true, prefill: true }),
  rule("anthropic.claude-3-haiku", { promptCache: false }, CACHING),
  rule("anthropic.claude-3-sonnet", { promptCache: false }, CACHING),
  rule("anthropic.claude-3-opus", { promptCache: false }, CACHING),
  rule("anthropic.claude-3-7", { reasoning: true }),
  rule("anthropic.claude-sonnet-4", { temperature: true }),
  rule("anthropic.claude-sonnet-4-20250514", { jsonSchema: false, prefill: true }, STRUCTURED),
  rule("anthropic.claude-opus-4-20250514", { jsonSchema: false, prefill: true }, STRUCTURED),
  rule("anthropic.claude-opus-4-1", { jsonSchema: false, prefill: true }, STRUCTURED),
  rule("anthropic.claude-instant", { tools: false, images: false, promptCache: false, reasoning: false, jsonSchema: false }),
  rule("anthropic.claude-v2", { tools: false, images: false, promptCache: false, reasoning: false, jsonSchema: false }),
  rule("amazon.nova", NOVA),
  rule("amazon.nova-micro", { images: false, pdf: false, imagesInToolResults: false }),
  rule("amazon.nova-2", { reasoning: true, reasoningOff: true }, "Amazon Nova 2 User Guide, extended thinking"),
  rule("amazon.titan-text", {
    ...OPEN_WEIGHTS,
    tools: false,
    systemPrompt: false,
    pdf: true,
    jsonSchema: false,
    reasoning: false,
  }),
  rule("meta.llama", { ...OPEN_WEIGHTS, toolChoiceRequired: false, pdf: true, reasoning: false, jsonSchema: false }),
  rule("meta.llama3-8b", { tools: false }),
  rule("meta.llama3-70b", { tools: false }),
  rule("meta.llama3-2-1b", { tools: false }),
  rule("meta.llama3-2-3b", { tools: false }),
  rule("meta.llama3-2-11b", { images: true }),
  rule("meta.llama3-2-90b", { images: true }),
  rule("meta.llama4", { images: true }),
  rule("mistral.", { ...OPEN_WEIGHTS, pdf: true, reasoning: false, stopSequences: true }),
  rule("mistral.mistral-7b", { tools: false, systemPrompt: false, pdf: true }),
  rule("mistral.mixtral", { tools: false, systemPrompt: false }),
  rule("mistral.pixtral", { images: true }),
  rule("cohere.command-r", { ...OPEN_WEIGHTS, toolChoiceRequired: false, pdf: true, reasoning: false, jsonSchema: false }),
  rule("ai21.jamba", { ...OPEN_WEIGHTS, pdf: true, reasoning: false, jsonSchema: false }),
  rule("deepseek.", { ...OPEN_WEIGHTS, reasoning: true }),
  rule("deepseek.r1", { tools: false, toolChoiceRequired: false, reasoningOff: false, jsonSchema: false }),
  rule(
    "openai.gpt-oss",
    { ...OPEN_WEIGHTS, reasoning: true, reasoningOff: false, jsonSchema: true },
    `${FEATURES}; ${STRUCTURED}`,
  ),
  rule("qwen.", { ...OPEN_WEIGHTS, jsonSchema: true }, `${FEATURES}; ${STRUCTURED}`),
  rule("qwen.qwen3-32b", { reasoning: true }),
  rule("qwen.qwen3-vl", { images: true }),
  rule("writer.palmyra", { ...OPEN_WEIGHTS, pdf: true, jsonSchema: false }),
  rule("moonshot.", { ...OPEN_WEIGHTS, reasoning: true }),
  rule("zai.", OPEN_WEIGHTS),
  rule("minimax.", OPEN_WEIGHTS),
  rule("google.gemma", { ...OPEN_WEIGHTS, tools: false, images: true }),
  rule("nvidia.", OPEN_WEIGHTS),
];

const REGIONS = ["", ...PROFILE_REGIONS.map((region) => `${region}.`)];

export const BEDROCK_FAMILIES: readonly FamilyRule[] = RULES.flatMap((each) =>
  REGIONS.map((region) => ({ ...each, prefix: region + each.prefix })),
);

/** Beginnings of ids that belong to Bedrock and to nobody else. */
export const BEDROCK_PREFIXES: readonly string[] = [
  "arn:aws:bedrock:",
  "arn:aws-us-gov:bedrock:",
  ...[
    "anthropic.",
    "amazon.",
    "meta.",
    "mistral.",
    "cohere.",
    "ai21.",
    "deepseek.",
    "openai.",
    "qwen.",
    "writer.",
    "moonshot.",
    "zai.",
    "minimax.",
    "google.",
    "nvidia.",
  ].flatMap((maker) => REGIONS.map((region) => region + maker)),
];
