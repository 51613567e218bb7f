/** Answers one request for vectors in the client's wire: parse, resolve the model, embed, render. */
import { type Dialect, DragomanError, type EmbeddingCodecId, loadEmbeddingCodec } from "@dragoman/llm";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callHeaders } from "./call-headers.ts";
import { clientRequest } from "./client-request.ts";
import { clientSignal } from "./client-signal.ts";
import type { Service } from "./service.ts";

/** The wire of vectors that clients of a dialect speak. */
const CODECS: Readonly<Record<string, EmbeddingCodecId>> = {
  "openai-chat": "openai-embeddings",
  gemini: "gemini-embeddings",
  ollama: "ollama-embeddings",
};

export async function answerEmbedding(
  service: Service,
  dialect: Dialect,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const id = CODECS[dialect.id];
  const codec = id === undefined ? undefined : await loadEmbeddingCodec(id);
  if (codec?.parseRequest === undefined || codec.renderResponse === undefined) {
    throw new DragomanError({ code: "internal", detail: `${dialect.id} is mounted to embed but cannot` });
  }
  const parsed = codec.parseRequest(clientRequest(request));
  const { provider } = service.serve(request, dialect);
  const result = await provider.embed?.({ ...parsed.request, signal: clientSignal(reply.raw) });
  if (result === undefined) throw new DragomanError({ code: "internal", detail: "what is served cannot embed" });
  reply.headers(callHeaders(result.origin, [...parsed.warnings, ...result.warnings], result.cost));
  return codec.renderResponse(result, parsed);
}
