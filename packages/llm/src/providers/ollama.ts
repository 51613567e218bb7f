import type { CapabilityFacts } from "../capabilities.ts";
import type { Completion } from "../completion.ts";
import { defineProvider } from "../define-provider.ts";
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ModelFacts, PreparedRequest, ProviderOptions } from "../provider-definition.ts";
import type { CompletionRequest } from "../request.ts";
import { estimateTokens } from "../tokens.ts";
import type { Warning } from "../warning.ts";

export interface OllamaOptions extends ProviderOptions {
  /**
   * Context window to load models with. Tokens. Default: the smallest step (4 096, 8 192, …) that holds the prompt and the
   * answer, at most the model's own window; it only grows, as every change reloads the model.
   */
  readonly contextTokens?: number;
  /** How long the model stays loaded after a call, as in `10m`. Default: the server's own setting. */
  readonly keepAlive?: string;
}

/** Steps in which a window grows. */
const CONTEXT_STEPS = [4_096, 8_192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576] as const;
const CONTEXT_TOKENS_MAX = 1_048_576;
/** Room for an answer whose length the caller left open. */
const ANSWER_TOKENS = 2_048;
/** An estimate may be too low by this factor; a window that is too large costs memory, one too small costs the prompt. */
const ESTIMATE_MARGIN = 1.3;

/**
 * Ollama on this machine, over its own protocol: only there can the context size be set and the engine's timings be read.
 * Ollama cuts a prompt that does not fit without a word, so each call sets the size, forbids the cut (`truncate: false`,
 * which older servers ignore) and compares what was read with what was sent.
 */
export function ollama({ contextTokens, keepAlive, ...options }: OllamaOptions = {}): Provider {
  const shown = new Map<string, Promise<CapabilityFacts>>();
  const windows = new Map<string, number>();

  function factsOf(model: string, context: HookContext): Promise<CapabilityFacts> {
    let facts = shown.get(model);
    if (facts === undefined) {
      facts = showModel(model, context);
      // A failure is not kept: the model may be pulled in between.
      facts.catch(() => shown.delete(model));
      shown.set(model, facts);
    }
    return facts;
  }

  async function windowFor(request: CompletionRequest, context: HookContext): Promise<number> {
    if (contextTokens !== undefined) return contextTokens;
    const { contextWindowTokens: most = CONTEXT_TOKENS_MAX } = await factsOf(request.model, context).catch(unlessNoRoute);
    const needed = estimateTokens(request).tokens * ESTIMATE_MARGIN + (request.maxOutputTokens ?? ANSWER_TOKENS);
    const step = CONTEXT_STEPS.find((size) => size >= needed) ?? most;
    const window = Math.min(Math.max(step, windows.get(request.model) ?? 0), most);
    windows.set(request.model, window);
    return window;
  }

  async function prepare(request: CompletionRequest, context: HookContext): Promise<PreparedRequest> {
    const own = request.vendorOptions?.ollama ?? {};
    const ownOptions = isJsonObject(own.options) ? own.options : {};
    const window = typeof ownOptions.num_ctx === "number" ? ownOptions.num_ctx : await windowFor(request, context);
    const settings: JsonObject = {
      truncate: false,
      ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
      ...own,
      options: { ...ownOptions, num_ctx: window },
    };
    return { request: { ...request, vendorOptions: { ...request.vendorOptions, ollama: settings } } };
  }

  return defineProvider({
    id: "ollama",
    name: "Ollama",
    baseUrl: "http://127.0.0.1:11434",
    dialect: { id: "ollama", load: async () => (await import("../dialects/ollama/index.ts")).createOllamaDialect() },
    auth: { type: "bearer", key: "env:OLLAMA_API_KEY", optional: true },
    families: [
      {
        prefix: "",
        evidence: "Ollama's API reference",
        facts: {
          streaming: true,
          toolChoiceRequired: false,
          jsonMode: true,
          jsonSchema: true,
          pdf: false,
          audio: false,
          systemPrompt: true,
          temperature: true,
          stopSequences: true,
          seed: true,
        },
      },
    ],
    startHint: "start it with: ollama serve",
    hooks: { prepare, inspect: truncationWarnings, engineTiming: ({ vendor }) => vendor?.ollama?.engine, listModels },
    operations: {
      embed: async () => (await import("../embeddings/ollama-embeddings.ts")).createOllamaEmbeddings(),
    },
    options,
  });
}

async function showModel(model: string, { fetchJson }: HookContext): Promise<CapabilityFacts> {
  const { parseShow } = await import("../dialects/ollama/index.ts");
  return parseShow(await fetchJson("POST", "/api/show", { model }), model).facts ?? {};
}

/** A server that speaks Ollama's wire without this route tells nothing; a model that is missing stays missing. */
function unlessNoRoute(error: unknown): CapabilityFacts {
  if (DragomanError.is(error) && (error.code === "not_found" || error.code === "method_not_allowed")) return {};
  throw error;
}

/** Every model on the disk, with what `/api/show` tells of each. */
async function listModels({ fetchJson }: HookContext): Promise<readonly ModelFacts[]> {
  const { parseShow, parseTags } = await import("../dialects/ollama/index.ts");
  const rows = parseTags(await fetchJson("GET", "/api/tags"));
  return Promise.all(
    rows.map(async (row) => {
      const shown = await fetchJson("POST", "/api/show", { model: row.id }).catch(unlessAborted);
      return shown === undefined ? row : { ...row, facts: { ...row.facts, ...parseShow(shown, row.id).facts } };
    }),
  );
}

/** A model that cannot be shown is listed without facts. */
function unlessAborted(error: unknown): undefined {
  if (DragomanError.is(error) && error.code === "aborted") throw error;
  return undefined;
}

/** A window filled to the brim, or a prompt that could never have fitted, was cut. */
function truncationWarnings(completion: Completion, request: CompletionRequest): readonly Warning[] {
  const options = request.vendorOptions?.ollama?.options;
  const window = isJsonObject(options) && typeof options.num_ctx === "number" ? options.num_ctx : undefined;
  const read = completion.usage.inputTokens;
  if (window === undefined || read === undefined) return [];
  const least = Math.floor(estimateTokens(request).tokens / 2);
  if (read < window - 1 && least <= window) return [];
  const detail = `the prompt filled the context window of ${window} tokens (${read} were read, about ${least * 2} were sent); the engine may have left its beginning out`;
  return [{ type: "truncated", path: "messages", detail }];
}
