import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { DragomanError } from "../errors.ts";
import { isJsonObject } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, ProviderOptions } from "../provider-definition.ts";
import type { CompletionRequest } from "../request.ts";
import type { TokenCount } from "../tokens.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of vLLM's server. */
export const VLLM_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
  // "System message must be at the beginning." of Qwen's and other chat templates
  systemMessages: "leading",
  reasoningRequest: {
    form: "chat_template_kwargs",
    // gpt-oss reads the grade and ignores the flag
    withEffort: true,
    efforts: ["low", "medium", "high"],
    budgetField: "thinking_token_budget",
  },
  // `reasoning_content` until 0.11, read too
  reasoningReplay: "reasoning",
  // a server in a private network fetches no addresses
  media: { image: ["data"], audio: ["data"], file: [], video: ["data"] },
  // prefixes are cached without being asked; an unknown field is dropped in silence
  cache: "none",
  errorAdvice: [
    {
      says: /requires --enable-auto-tool-choice/,
      advice: "restart vLLM with --enable-auto-tool-choice and --tool-call-parser for this model, or force a tool by its name",
    },
    {
      says: /thinking_token_budget.{0,80}reasoning_config/,
      advice: "restart vLLM with --reasoning-parser and --reasoning-config, or leave the budget out",
    },
  ],
};

/**
 * A vLLM server. Key: `env:VLLM_API_KEY` unless given; none is needed where it was started without one. Scheduling goes by
 * `vendorOptions`: `{ "openai-chat": { priority: -1 } }`, and so do `structured_outputs` beyond a JSON Schema.
 */
export function vllm(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "vllm",
    name: "vLLM",
    baseUrl: "http://127.0.0.1:8000/v1",
    key: "env:VLLM_API_KEY",
    keyOptional: true,
    startHint: "start it: vllm serve MODEL --enable-auto-tool-choice --tool-call-parser NAME --reasoning-parser NAME",
    quirks: VLLM_QUIRKS,
    capabilities: {
      streaming: true,
      jsonMode: true,
      jsonSchema: true,
      systemPrompt: true,
      temperature: true,
      stopSequences: true,
      seed: true,
      promptCache: true,
      pdf: false,
    },
    hooks: { listModels, countTokens },
    // Source: vLLM, "Pooling models": an input over the window is refused unless it is told to cut it
    embeddings: { truncation: { cut: { truncate_prompt_tokens: -1 }, refuse: {} } },
    rerank: { path: "/rerank" },
    options,
  });
}

/** `/v1/models` goes on answering after the engine has died; only `/health` says so, with a 503. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const { modelsCodec } = await import("../dialects/openai-chat/models.ts");
  await fetchJson("GET", "../health").catch(unlessWell);
  return modelsCodec.parseResponse(await fetchJson("GET", "/models"));
}

/** Good health has an empty body; a proxy may know no such route. */
function unlessWell(thrown: unknown): void {
  if (DragomanError.is(thrown) && (thrown.code === "invalid_response" || thrown.code === "not_found")) return;
  throw thrown;
}

/** The server's own template and tokenizer: exact. Source: `POST /tokenize` of vLLM's online serving guide. */
async function countTokens(
  request: CompletionRequest,
  { fetchJson, capabilities }: HookContext,
): Promise<TokenCount | undefined> {
  const { createOpenAIChatDialect } = await import("../dialects/openai-chat/index.ts");
  const { body = {} } = createOpenAIChatDialect(VLLM_QUIRKS).renderRequest(request, { stream: false, capabilities });
  const { model, messages, tools, chat_template_kwargs } = body;
  const answer = await fetchJson("POST", "../tokenize", { model, messages, tools, chat_template_kwargs });
  const count = isJsonObject(answer) ? answer.count : undefined;
  return typeof count === "number" ? { tokens: count, exact: true, method: "endpoint" } : undefined;
}
