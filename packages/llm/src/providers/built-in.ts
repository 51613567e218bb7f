/**
 * The providers of this package, as one list: for discovery, for commands, for docs. In the order in which they are shown.
 * A new vendor is a row here and a file beside it.
 */
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { bedrock } from "./bedrock.ts";
import { cerebras } from "./cerebras.ts";
import { cohere } from "./cohere.ts";
import { dashscope } from "./dashscope.ts";
import { deepseek } from "./deepseek.ts";
import { fireworks } from "./fireworks.ts";
import { gemini } from "./gemini.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { llamaCpp } from "./llama-cpp.ts";
import { lmStudio } from "./lm-studio.ts";
import { mistral } from "./mistral.ts";
import { moonshot } from "./moonshot.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import { together } from "./together.ts";
import { vertex } from "./vertex.ts";
import { vllm } from "./vllm.ts";
import { xai } from "./xai.ts";
import { zai } from "./zai.ts";

/** A provider of this package, as discovery needs it. */
export interface BuiltInProvider {
  readonly id: string;
  /** Makes it. Contacts nobody. */
  readonly create: (options: ProviderOptions) => Provider;
  /** The variable that holds its key. Absent: it needs none. */
  readonly keyVariable?: string;
  /** Variables that, where all of them are set, stand for a key. */
  readonly credentialVariables?: readonly string[];
  /** Names of the options that only it takes. */
  readonly optionNames?: readonly string[];
  /** The variable that moves it to another base URL. */
  readonly urlVariable: string;
  /** The alias of its everyday model. Absent: an engine, whose models depend on its owner. */
  readonly everydayModel?: string;
  /** The alias of its cheapest model, for a trial call. */
  readonly smallModel?: string;
}

/** Every provider of this package, in the order in which they are shown. */
export const BUILT_IN_PROVIDERS: readonly BuiltInProvider[] = [
  {
    id: "anthropic",
    create: anthropic,
    keyVariable: "ANTHROPIC_API_KEY",
    urlVariable: "ANTHROPIC_BASE_URL",
    everydayModel: "claude-sonnet",
    smallModel: "claude-haiku",
  },
  {
    id: "openai",
    create: openai,
    optionNames: ["wire"],
    keyVariable: "OPENAI_API_KEY",
    urlVariable: "OPENAI_BASE_URL",
    everydayModel: "gpt",
    smallModel: "gpt-nano",
  },
  {
    id: "gemini",
    create: gemini,
    optionNames: ["wire", "cachedContents"],
    keyVariable: "GEMINI_API_KEY",
    urlVariable: "GEMINI_BASE_URL",
    everydayModel: "gemini-flash",
    smallModel: "gemini-flash-lite",
  },
  { id: "huggingface", create: huggingface, keyVariable: "HF_TOKEN", urlVariable: "HF_BASE_URL" },
  {
    id: "cohere",
    create: cohere,
    keyVariable: "COHERE_API_KEY",
    urlVariable: "COHERE_BASE_URL",
    everydayModel: "command",
    smallModel: "command-r7b",
  },
  {
    id: "mistral",
    create: mistral,
    keyVariable: "MISTRAL_API_KEY",
    urlVariable: "MISTRAL_BASE_URL",
    everydayModel: "mistral-medium",
    smallModel: "mistral-small",
  },
  {
    id: "moonshot",
    create: moonshot,
    keyVariable: "MOONSHOT_API_KEY",
    urlVariable: "MOONSHOT_BASE_URL",
    everydayModel: "kimi",
    smallModel: "kimi",
  },
  { id: "ollama", create: ollama, optionNames: ["contextTokens", "keepAlive"], urlVariable: "OLLAMA_BASE_URL" },
  { id: "lmstudio", create: lmStudio, urlVariable: "LM_STUDIO_BASE_URL" },
  { id: "llamacpp", create: llamaCpp, urlVariable: "LLAMA_CPP_BASE_URL" },
  {
    id: "together",
    create: together,
    keyVariable: "TOGETHER_API_KEY",
    urlVariable: "TOGETHER_BASE_URL",
    everydayModel: "together",
    smallModel: "together-small",
  },
  {
    id: "groq",
    create: groq,
    keyVariable: "GROQ_API_KEY",
    urlVariable: "GROQ_BASE_URL",
    everydayModel: "groq",
    smallModel: "groq-small",
  },
  { id: "vllm", create: vllm, urlVariable: "VLLM_BASE_URL" },
  {
    id: "deepseek",
    create: deepseek,
    keyVariable: "DEEPSEEK_API_KEY",
    urlVariable: "DEEPSEEK_BASE_URL",
    everydayModel: "deepseek",
    smallModel: "deepseek-flash",
  },
  {
    id: "xai",
    create: xai,
    keyVariable: "XAI_API_KEY",
    urlVariable: "XAI_BASE_URL",
    everydayModel: "grok",
    smallModel: "grok-fast",
  },
  {
    id: "openrouter",
    create: openrouter,
    optionNames: ["app"],
    keyVariable: "OPENROUTER_API_KEY",
    urlVariable: "OPENROUTER_BASE_URL",
    everydayModel: "openrouter",
    smallModel: "openrouter-small",
  },
  {
    id: "azure",
    create: azure,
    optionNames: ["resource", "deployments", "wire", "apiVersion", "entra", "scope"],
    keyVariable: "AZURE_OPENAI_API_KEY",
    urlVariable: "AZURE_OPENAI_ENDPOINT",
  },
  {
    id: "bedrock",
    create: bedrock,
    optionNames: ["region", "credentials", "profile", "controlPlaneUrl"],
    keyVariable: "AWS_BEARER_TOKEN_BEDROCK",
    credentialVariables: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
    urlVariable: "BEDROCK_BASE_URL",
    everydayModel: "nova-pro",
    smallModel: "nova-micro",
  },
  { id: "fireworks", create: fireworks, keyVariable: "FIREWORKS_API_KEY", urlVariable: "FIREWORKS_BASE_URL" },
  { id: "cerebras", create: cerebras, keyVariable: "CEREBRAS_API_KEY", urlVariable: "CEREBRAS_BASE_URL" },
  { id: "perplexity", create: perplexity, keyVariable: "PERPLEXITY_API_KEY", urlVariable: "PERPLEXITY_BASE_URL" },
  { id: "zai", create: zai, keyVariable: "ZAI_API_KEY", urlVariable: "ZAI_BASE_URL" },
  { id: "dashscope", create: dashscope, keyVariable: "DASHSCOPE_API_KEY", urlVariable: "DASHSCOPE_BASE_URL" },
  {
    id: "vertex",
    create: vertex,
    optionNames: ["project", "location", "apiVersion", "credentials", "cachedContents"],
    keyVariable: "GOOGLE_VERTEX_API_KEY",
    credentialVariables: ["GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS"],
    urlVariable: "VERTEX_BASE_URL",
  },
];
