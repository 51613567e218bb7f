import type { CapabilityFacts } from "../capabilities.ts";
import type { Completion } from "../completion.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import type { CompletionRequest } from "../request.ts";
import type { TokenCount } from "../tokens.ts";
import type { EngineTiming } from "../usage.ts";
import { LOCAL_SERVER_QUIRKS } from "./lm-studio.ts";
import { openaiCompatible } from "./openai-compatible.ts";

const LLAMA_CPP_QUIRKS: OpenAIChatQuirks = {
  ...LOCAL_SERVER_QUIRKS,
  reasoningRequest: { form: "chat_template_kwargs", budgetField: "thinking_budget_tokens" },
  reasoningReplay: "reasoning_content",
  // "Cannot use both json_schema and grammar"; the schema is enforced by a grammar of its own
  strictTools: false,
};

/** llama.cpp's server on this machine. No key is needed; `env:LLAMA_API_KEY` is sent where the server was started with one. */
export function llamaCpp(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "llamacpp",
    name: "llama.cpp",
    baseUrl: "http://127.0.0.1:8080/v1",
    key: "env:LLAMA_API_KEY",
    keyOptional: true,
    quirks: LLAMA_CPP_QUIRKS,
    capabilities: {
      streaming: true,
      jsonMode: true,
      jsonSchema: true,
      systemPrompt: true,
      pdf: false,
      temperature: true,
      stopSequences: true,
      seed: true,
    },
    startHint: "start it: llama-server -m MODEL.gguf --jinja",
    hooks: { listModels, countTokens, engineTiming },
    // "input (4002 tokens) is too large to process"
    embeddings: { truncation: { refuse: {} } },
    rerank: { path: "/rerank" },
    options,
  });
}

/** The one model that the server holds, with what `/props` tells of it. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const answer = await fetchJson("GET", "/models");
  const rows = isJsonObject(answer) && Array.isArray(answer.data) ? answer.data : [];
  const facts = await propsFacts(fetchJson);
  return rows.flatMap((row: JsonValue) => (isJsonObject(row) && typeof row.id === "string" ? [{ id: row.id, facts }] : []));
}

/** A router of several models has no `/props` of its own; its models are then listed without facts. */
async function propsFacts(fetchJson: HookContext["fetchJson"]): Promise<CapabilityFacts> {
  const props = await fetchJson("GET", "../props").catch(() => undefined);
  if (!isJsonObject(props)) return {};
  const { modalities, default_generation_settings: settings, chat_template: template } = props;
  const context = isJsonObject(settings) ? settings.n_ctx : undefined;
  return {
    ...(isJsonObject(modalities) && typeof modalities.vision === "boolean" ? { images: modalities.vision } : {}),
    ...(isJsonObject(modalities) && typeof modalities.audio === "boolean" ? { audio: modalities.audio } : {}),
    ...(typeof template === "string" ? { tools: template.includes("tools") } : {}),
    ...(typeof context === "number" ? { contextWindowTokens: context } : {}),
  };
}

/** What the server says of its own work, beside the usage. Source: `timings` of its README. */
function engineTiming({ vendor }: Pick<Completion, "vendor">): EngineTiming | undefined {
  const timings = vendor?.["openai-chat"]?.body?.timings;
  if (!isJsonObject(timings)) return undefined;
  const fields = {
    prefillTokens: timings.prompt_n,
    prefillMs: timings.prompt_ms,
    decodeTokens: timings.predicted_n,
    decodeMs: timings.predicted_ms,
    cachedTokens: timings.cache_n,
  };
  const known = Object.entries(fields).filter(([, value]) => typeof value === "number" && value >= 0);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** The server's own template and tokenizer: exact. Source: `/apply-template` and `/tokenize` of its README. */
async function countTokens(
  request: CompletionRequest,
  { fetchJson, capabilities }: HookContext,
): Promise<TokenCount | undefined> {
  const { createOpenAIChatDialect } = await import("../dialects/openai-chat/index.ts");
  const { body } = createOpenAIChatDialect(LLAMA_CPP_QUIRKS).renderRequest(request, { stream: false, capabilities });
  const templated = await fetchJson("POST", "../apply-template", { messages: body?.messages, tools: body?.tools });
  if (!isJsonObject(templated) || typeof templated.prompt !== "string") return undefined;
  const tokenized = await fetchJson("POST", "../tokenize", { content: templated.prompt, add_special: true, parse_special: true });
  if (!isJsonObject(tokenized) || !Array.isArray(tokenized.tokens)) return undefined;
  return { tokens: tokenized.tokens.length, exact: true, method: "endpoint" };
}
