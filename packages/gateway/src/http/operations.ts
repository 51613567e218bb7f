/** One handler per operation of the ingress table. */
import { type CountTokensCodec, type Dialect, DragomanError, type ModelsCodec } from "@dragoman/llm";
import { ollamaModels } from "@dragoman/llm/dialects/ollama";
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerCompletion } from "./answer.ts";
import { answerEmbedding } from "./answer-embedding.ts";
import { callHeaders } from "./call-headers.ts";
import { checkMedia } from "./check-media.ts";
import { clientRequest, pathOf } from "./client-request.ts";
import { clientSignal } from "./client-signal.ts";
import type { Operation } from "./ingress.ts";
import { notServed } from "./not-served.ts";
import type { Service } from "./service.ts";

/** Resolves to the body, or to the reply where it was sent already. */
export type Handler = (dialect: Dialect, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export function createOperations(service: Service): Readonly<Record<Operation, Handler>> {
  const complete: Handler = (dialect, request, reply) => answerCompletion(service, dialect, request, reply);

  const embed: Handler = (dialect, request, reply) => answerEmbedding(service, dialect, request, reply);

  const countTokens: Handler = async (dialect, request, reply) => {
    const codec = countingOf(dialect);
    const parsed = codec.parseRequest(clientRequest(request));
    checkMedia(parsed.request.messages);
    const { provider } = service.serve(request, dialect);
    const count = await provider.countTokens({ ...parsed.request, signal: clientSignal(reply.raw) });
    reply.headers({ ...callHeaders(undefined, parsed.warnings), "x-dragoman-token-count": count.method });
    return codec.renderResponse(count.tokens);
  };

  const list: Handler = async (dialect, request, reply) => {
    const { models, warnings } = await service.serve(request, dialect).listModels(clientSignal(reply.raw));
    reply.headers(callHeaders(undefined, warnings));
    return listingOf(dialect).renderResponse(models);
  };

  const show: Handler = async (dialect, request, reply) => {
    const { path } = clientRequest(request);
    const name = path.slice(path.indexOf("/models/") + "/models/".length);
    return listingOf(dialect).renderModel(await service.serve(request, dialect).findModel(name, clientSignal(reply.raw)));
  };

  const geminiModelAction: Handler = async (dialect, request, reply) => {
    const { path } = clientRequest(request);
    if (path.endsWith(":countTokens")) return countTokens(dialect, request, reply);
    if (path.endsWith(":generateContent") || path.endsWith(":streamGenerateContent")) return complete(dialect, request, reply);
    if (path.endsWith(":embedContent") || path.endsWith(":batchEmbedContents")) return embed(dialect, request, reply);
    throw notServed(request.method, pathOf(request), service.routes);
  };

  const ollamaTags: Handler = async (dialect, request, reply) => {
    const { models, warnings } = await service.serve(request, dialect).listModels(clientSignal(reply.raw));
    reply.headers(callHeaders(undefined, warnings));
    return ollamaModels.renderTags(models);
  };

  const ollamaShow: Handler = async (dialect, request, reply) => {
    const name = ollamaModels.parseShowRequest(request.body);
    return ollamaModels.renderShow(await service.serve(request, dialect).findModel(name, clientSignal(reply.raw)));
  };

  return {
    complete,
    embed,
    "count-tokens": countTokens,
    "list-models": list,
    "show-model": show,
    "gemini-model-action": geminiModelAction,
    "ollama-tags": ollamaTags,
    "ollama-show": ollamaShow,
    // What is loaded is each engine's own affair; this server holds no model in memory.
    "ollama-ps": async () => ollamaModels.renderPs([]),
    "ollama-version": async () => ollamaModels.renderVersion(service.version),
  };
}

function countingOf(dialect: Dialect): CountTokensCodec {
  if (dialect.countTokens !== undefined) return dialect.countTokens;
  throw new DragomanError({ code: "internal", detail: `${dialect.id} is mounted to count tokens but cannot` });
}

function listingOf(dialect: Dialect): ModelsCodec {
  if (dialect.models !== undefined) return dialect.models;
  throw new DragomanError({ code: "internal", detail: `${dialect.id} is mounted to list models but cannot` });
}
