/**
 * What differs between the families of models behind Converse, as data: the one place to look when a model refuses a
 * request. A row holds for every model whose id, without the region in front of it, begins with one of its prefixes; the
 * first match wins, so that the particular stands before the general. A model that no row fits (an application's inference
 * profile, an imported model) gets everything that Converse itself defines.
 *
 * Sources: the Amazon Bedrock User Guide ("Supported models and model features", "Prompt caching", "Inference parameters"),
 * the notes in the types of @aws-sdk/client-bedrock-runtime, Amazon Nova's guide (`reasoningConfig`, `inferenceConfig.topK`),
 * and recorded traffic (`reasoning_effort` of gpt-oss, `reasoning_config` of Qwen). DeepSeek: langchain-ai/langchain-aws#1261.
 */
import type { ReasoningEffort } from "../../request.ts";

export type CacheSection = "tools" | "system" | "messages";
export type ToolChoiceKind = "auto" | "any" | "tool";
type Level = Exclude<ReasoningEffort, "none">;

/** How thinking is asked for, in `additionalModelRequestFields`. */
export type ReasoningForm =
  /** Anthropic's own fields, flat: `thinking` and `output_config.effort`. */
  | { readonly type: "claude" }
  /** A word at a path; `beside` goes with it, `off` turns thinking off. */
  | {
      readonly type: "effort";
      readonly path: readonly string[];
      readonly levels: readonly Level[];
      readonly beside?: { readonly [field: string]: string };
      readonly off?: { readonly [field: string]: string };
      /** A level beside which temperature, topP and maxTokens are refused. */
      readonly aloneAt?: Level;
    }
  /** Thinks whether asked or not. */
  | { readonly type: "always" }
  | { readonly type: "none" }
  /** It may think; nobody has said how to ask for it. */
  | { readonly type: "unknown" };

export interface BedrockFamily {
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly reasoning: ReasoningForm;
  /** Where `topK` goes in `additionalModelRequestFields`. Absent: nowhere. */
  readonly topK?: readonly string[];
  /** Sections after which a cache point is taken. */
  readonly cachePoints: readonly CacheSection[];
  readonly toolChoices: readonly ToolChoiceKind[];
  /** False where `toolResult.status` is refused. */
  readonly resultStatus: boolean;
  /** False where reasoning is never read back: only Anthropic signs it. */
  readonly replaysReasoning: boolean;
  /** True where results of tools must stand alone in their message. */
  readonly resultsAlone?: boolean;
  /** True where ids of tool calls are nine letters and digits. */
  readonly shortCallIds?: boolean;
}

const PLAIN = {
  reasoning: { type: "none" },
  cachePoints: [],
  toolChoices: ["auto"],
  resultStatus: true,
  replaysReasoning: false,
} as const satisfies Omit<BedrockFamily, "name" | "prefixes">;

const CLAUDE = {
  topK: ["top_k"],
  reasoning: { type: "claude" },
  cachePoints: ["tools", "system", "messages"],
  toolChoices: ["auto", "any", "tool"],
  resultStatus: true,
  replaysReasoning: true,
} as const satisfies Omit<BedrockFamily, "name" | "prefixes">;

const NOVA = {
  topK: ["inferenceConfig", "topK"],
  cachePoints: ["system", "messages"],
  toolChoices: ["auto", "any", "tool"],
  resultStatus: true,
  replaysReasoning: false,
} as const satisfies Omit<BedrockFamily, "name" | "prefixes" | "reasoning">;

const GRADES = ["low", "medium", "high"] as const;

export const BEDROCK_FAMILIES: readonly BedrockFamily[] = [
  { name: "claude", prefixes: ["anthropic."], ...CLAUDE },
  {
    name: "nova 2",
    prefixes: ["amazon.nova-2"],
    ...NOVA,
    reasoning: {
      type: "effort",
      path: ["reasoningConfig", "maxReasoningEffort"],
      levels: GRADES,
      beside: { type: "enabled" },
      off: { type: "disabled" },
      aloneAt: "high",
    },
  },
  { name: "nova", prefixes: ["amazon.nova"], ...NOVA, reasoning: { type: "none" } },
  { name: "titan", prefixes: ["amazon.titan"], ...PLAIN, toolChoices: [] },
  { name: "llama", prefixes: ["meta."], ...PLAIN, toolChoices: [], resultsAlone: true },
  {
    name: "mistral",
    prefixes: ["mistral."],
    ...PLAIN,
    topK: ["top_k"],
    toolChoices: ["auto", "any"],
    resultsAlone: true,
    shortCallIds: true,
  },
  { name: "command", prefixes: ["cohere."], ...PLAIN, topK: ["k"], toolChoices: [] },
  { name: "jamba", prefixes: ["ai21."], ...PLAIN },
  { name: "palmyra", prefixes: ["writer."], ...PLAIN, resultStatus: false },
  { name: "deepseek r1", prefixes: ["deepseek.r1"], ...PLAIN, toolChoices: [], reasoning: { type: "always" } },
  {
    name: "deepseek",
    prefixes: ["deepseek."],
    ...PLAIN,
    toolChoices: ["auto", "any"],
    reasoning: { type: "effort", path: ["reasoning_effort"], levels: GRADES },
  },
  {
    name: "gpt-oss",
    prefixes: ["openai.gpt-oss"],
    ...PLAIN,
    reasoning: { type: "effort", path: ["reasoning_effort"], levels: GRADES },
  },
  {
    name: "gpt",
    prefixes: ["openai."],
    ...PLAIN,
    toolChoices: ["auto", "any", "tool"],
    reasoning: { type: "effort", path: ["reasoning", "effort"], levels: ["minimal", ...GRADES, "xhigh"] },
  },
  {
    name: "qwen",
    prefixes: ["qwen."],
    ...PLAIN,
    toolChoices: ["auto", "any"],
    reasoning: { type: "effort", path: ["reasoning_config"], levels: GRADES },
  },
  {
    name: "open weights",
    prefixes: ["google.", "minimax.", "moonshot.", "moonshotai.", "nvidia.", "zai."],
    ...PLAIN,
    reasoning: { type: "unknown" },
    toolChoices: ["auto", "any", "tool"],
  },
];

/** A model of which only the wire is known: nothing that Converse defines is held back. */
const ANY_MODEL: Omit<BedrockFamily, "name"> = {
  prefixes: [],
  reasoning: { type: "unknown" },
  cachePoints: ["tools", "system", "messages"],
  toolChoices: ["auto", "any", "tool"],
  resultStatus: true,
  replaysReasoning: true,
};

export function familyOf(model: string): BedrockFamily {
  const name = plainModelId(model);
  const family = BEDROCK_FAMILIES.find(({ prefixes }) => prefixes.some((prefix) => name.startsWith(prefix)));
  return family ?? { ...ANY_MODEL, name: model };
}

/** Where inference profiles across regions stand: the word before the maker's name. */
export const PROFILE_REGIONS = ["us", "us-gov", "eu", "apac", "global", "jp", "au", "ca", "sa", "me", "af"] as const;

const REGION = new RegExp(`^(?:${PROFILE_REGIONS.join("|")})\\.(?=[a-z0-9]+\\.)`);

/** `anthropic.claude-x` of `us.anthropic.claude-x` and of an ARN that ends in either. */
export function plainModelId(model: string): string {
  const id = model.startsWith("arn:") ? model.slice(model.lastIndexOf("/") + 1) : model;
  return id.replace(REGION, "");
}
