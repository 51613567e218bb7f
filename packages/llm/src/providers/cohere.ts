import { COHERE_CATALOGUE } from "../catalogue/cohere.generated.ts";
import type { CohereModel } from "../catalogue/model-names.generated.ts";
import type { FamilyRule } from "../catalogue.ts";
import { defineProvider } from "../define-provider.ts";
import { isJsonObject } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import type { CompletionRequest } from "../request.ts";
import type { TokenCount } from "../tokens.ts";
import type { Usage } from "../usage.ts";

const CHAT_DOCS = "Cohere's chat API reference";
const LISTING = "the features in Cohere's own listing of models";

/** What Cohere's own listing says of its families. A later rule goes over an earlier one. */
const FAMILIES: readonly FamilyRule[] = [
  {
    prefix: "command-",
    evidence: CHAT_DOCS,
    facts: {
      streaming: true,
      tools: true,
      parallelToolCalls: true,
      audio: false,
      pdf: false,
      images: false,
      imagesInToolResults: false,
      reasoning: false,
      jsonMode: true,
      jsonSchema: true,
      temperature: true,
      stopSequences: true,
      seed: true,
      systemPrompt: true,
      promptCache: true,
    },
  },
  { prefix: "command-a-", evidence: LISTING, facts: { toolChoiceRequired: true } },
  { prefix: "command-r7b-", evidence: LISTING, facts: { toolChoiceRequired: true } },
  { prefix: "command-a-vision-", evidence: LISTING, facts: { images: true, tools: false, toolChoiceRequired: false } },
  { prefix: "command-a-reasoning-", evidence: LISTING, facts: { reasoning: true, reasoningOff: true } },
  { prefix: "command-a-plus-", evidence: LISTING, facts: { images: true, reasoning: true, reasoningOff: true } },
  {
    prefix: "c4ai-aya-",
    evidence: LISTING,
    facts: { streaming: true, tools: false, reasoning: false, audio: false, pdf: false, systemPrompt: true, temperature: true },
  },
  { prefix: "c4ai-aya-expanse-", evidence: LISTING, facts: { images: false } },
  { prefix: "c4ai-aya-vision-", evidence: LISTING, facts: { images: true } },
];

const ALIASES: Readonly<Record<string, string>> = {
  command: "command-a-plus-05-2026",
  "command-a": "command-a-03-2025",
  "command-a-reasoning": "command-a-reasoning-08-2025",
  "command-a-vision": "command-a-vision-07-2025",
  "command-r7b": "command-r7b-12-2024",
};

/** Cohere's API, chat of version 2. Key: `env:COHERE_API_KEY` unless given. */
export function cohere(options: ProviderOptions = {}): Provider<CohereModel> {
  return defineProvider({
    id: "cohere",
    name: "Cohere",
    baseUrl: "https://api.cohere.com",
    dialect: { id: "cohere", load: async () => (await import("../dialects/cohere/index.ts")).createCohereDialect() },
    auth: { type: "bearer", key: "env:COHERE_API_KEY" },
    catalogue: COHERE_CATALOGUE,
    families: FAMILIES,
    aliases: ALIASES,
    modelPrefixes: ["command-", "c4ai-", "embed-", "rerank-"],
    hooks: { listModels, countTokens, billed },
    operations: {
      embed: async () => (await import("../embeddings/cohere-embeddings.ts")).createCohereEmbeddings(),
      rerank: async () => (await import("../rerank/cohere-rerank.ts")).createCohereRerank(),
    },
    options,
  });
}

/** Pages of a listing that are read: a thousand rows each. */
const PAGES_MAX = 20;

async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const { cohereModels, nextPageToken } = await import("../dialects/cohere/index.ts");
  const rows: ModelFacts[] = [];
  let path = cohereModels.path;
  for (let page = 0; page < PAGES_MAX; page++) {
    const body = await fetchJson("GET", path);
    rows.push(...cohereModels.parseResponse(body));
    const token = nextPageToken(body);
    if (token === undefined) break;
    path = `${cohereModels.path}&page_token=${encodeURIComponent(token)}`;
  }
  return rows;
}

/**
 * The service counts a bare text, so this is what the messages and tools say, without what the model's template adds: a
 * tokenizer's count, not the vendor's. Media and texts beyond its limit leave us to the estimate.
 */
async function countTokens(request: CompletionRequest, { fetchJson }: HookContext): Promise<TokenCount | undefined> {
  const { parseTokenize, renderTokenize, TOKENIZE_CHARACTERS_MAX, TOKENIZE_PATH } = await import("../dialects/cohere/index.ts");
  const text = textOfPrompt(request);
  if (text === undefined || text === "" || text.length > TOKENIZE_CHARACTERS_MAX) return undefined;
  const body = await fetchJson("POST", TOKENIZE_PATH, renderTokenize(request.model, text));
  return { tokens: parseTokenize(body), exact: false, method: "tokenizer" };
}

/** Undefined where the prompt holds what is no text. */
function textOfPrompt({ messages, tools, output }: CompletionRequest): string | undefined {
  const texts: string[] = [];
  for (const message of messages) {
    for (const part of message.parts) {
      if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") texts.push(part.text);
      else if (part.type === "tool-call" || part.type === "tool-result") texts.push(JSON.stringify(part));
      else return undefined;
    }
  }
  if (tools !== undefined) texts.push(JSON.stringify(tools));
  if (output?.type === "json" && output.schema !== undefined) texts.push(JSON.stringify(output.schema));
  return texts.join("\n");
}

/** The tokens of its template are read and not billed. Source: Cohere's API reference, the usage of a chat. */
function billed({ raw }: Usage): Usage | undefined {
  const units = isJsonObject(raw) && isJsonObject(raw.billed_units) ? raw.billed_units : {};
  const { input_tokens: inputTokens, output_tokens: outputTokens } = units;
  if (typeof inputTokens !== "number" || typeof outputTokens !== "number") return undefined;
  return { inputTokens, outputTokens };
}
