/** One handler per operation of the ingress table. */
import {
  createAnthropicMessagesDialect,
  type Dialect,
  DragomanError,
  type ModelInfo,
  type Registry,
  type TokenCount,
} from "@dragoman/llm";
import { ollamaModels } from "@dragoman/llm/dialects/ollama";
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerCompletion } from "./answer.ts";
import { clientRequest, firstValues } from "./client-request.ts";
import type { Operation } from "./ingress.ts";

type Handler = (dialect: Dialect, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export function createOperations(registry: Registry, version: string): Readonly<Record<Operation, Handler>> {
  const anthropic = createAnthropicMessagesDialect();

  async function countTokens(dialect: Dialect, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const codec = dialect.countTokens;
    if (codec === undefined) throw notServed(request);
    const parsed = codec.parseRequest(clientRequest(request));
    const { provider, model } = registry.resolve(parsed.request.model);
    const count: TokenCount = await provider.countTokens({ ...parsed.request, model });
    return reply.headers({ "x-dragoman-token-count": count.method }).send(codec.renderResponse(count.tokens));
  }

  /** The models under the names by which they are called here. */
  async function listed(): Promise<readonly ModelInfo[]> {
    const { models } = await registry.models();
    return models.map((model) => ({ ...model, id: `${model.provider}:${model.id}` }));
  }

  function listingDialect(dialect: Dialect, request: FastifyRequest): Dialect {
    return request.url.startsWith("/v1/") && firstValues(request.headers)["anthropic-version"] !== undefined
      ? anthropic
      : dialect;
  }

  async function listModels(dialect: Dialect, request: FastifyRequest): Promise<unknown> {
    const codec = listingDialect(dialect, request).models;
    if (codec === undefined) throw notServed(request);
    return codec.renderResponse(await listed());
  }

  async function showModel(dialect: Dialect, request: FastifyRequest): Promise<unknown> {
    const codec = listingDialect(dialect, request).models;
    if (codec === undefined) throw notServed(request);
    const { path } = clientRequest(request);
    return codec.renderModel(await modelNamed(path.slice(path.indexOf("/models/") + "/models/".length)));
  }

  /** A model by the name under which it is listed, or by any name that resolves to it. */
  async function modelNamed(name: string): Promise<ModelInfo> {
    const { provider, model } = registry.resolve(name);
    const pricing = provider.pricing(model);
    const known = (await provider.models()).find((row) => row.id === model);
    const fallback: ModelInfo = {
      id: model,
      provider: provider.id,
      capabilities: provider.capabilities(model),
      ...(pricing === undefined ? {} : { pricing }),
      source: "catalogue",
    };
    return { ...(known ?? fallback), id: `${provider.id}:${model}` };
  }

  async function geminiModelAction(dialect: Dialect, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { path } = clientRequest(request);
    if (path.endsWith(":countTokens")) return countTokens(dialect, request, reply);
    if (path.endsWith(":generateContent") || path.endsWith(":streamGenerateContent"))
      return answerCompletion(registry, dialect, request, reply);
    throw notServed(request);
  }

  return {
    complete: (dialect, request, reply) => answerCompletion(registry, dialect, request, reply),
    "count-tokens": countTokens,
    "list-models": listModels,
    "show-model": showModel,
    "gemini-model-action": geminiModelAction,
    "ollama-tags": async () => ollamaModels.renderTags(await listed()),
    "ollama-show": async (_dialect, request) =>
      ollamaModels.renderShow(await modelNamed(ollamaModels.parseShowRequest(request.body))),
    "ollama-ps": async () => ollamaModels.renderPs([]),
    "ollama-version": async () => ({ version }),
  };
}

function notServed(request: FastifyRequest): DragomanError {
  const path = request.url.split("?", 1)[0] ?? "/";
  return new DragomanError({
    code: "not_found",
    detail: `${request.method} ${path} is not served`,
    advice: "see GET / for the routes",
  });
}
