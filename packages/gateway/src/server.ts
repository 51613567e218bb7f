/** The HTTP server: puts the table of `ingress.ts` in front of a registry. It binds to loopback unless told otherwise. */
import { type Dialect, DragomanError, type Registry, toDragomanError } from "@dragoman/llm";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { firstValues } from "./client-request.ts";
import { createIngress, type IngressRoute } from "./ingress.ts";
import { createOperations } from "./operations.ts";
import { parseRequestBody } from "./request-body.ts";

export interface ServerOptions {
  readonly registry: Registry;
  /** Bytes of a request body. Default 32 MiB, Anthropic's own limit. */
  readonly bodyBytesMax?: number;
  /** Reported by Ollama's `/api/version` and in the `server` header. */
  readonly version?: string;
  /** Told of every failure that a client was told of. Default: nobody. */
  readonly onError?: (error: DragomanError, request: { readonly method: string; readonly path: string }) => void;
}

export interface DragomanServer {
  /** Resolves with the address, as in `http://127.0.0.1:4242`. Port 0 takes any free one. */
  listen(options?: { readonly port?: number; readonly host?: string }): Promise<string>;
  /** Stops taking requests, lets running ones finish for a second, closes the rest. */
  close(): Promise<void>;
  readonly fastify: FastifyInstance;
}

export const DEFAULT_PORT = 4242;
const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** A client that sends its headers or its body slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 120_000;
const CLOSE_GRACE_MS = 1_000;

export function createServer(options: ServerOptions): DragomanServer {
  const ingress = createIngress();
  const operations = createOperations(options.registry, options.version ?? "0.0.0");
  const fastify = Fastify({
    bodyLimit: options.bodyBytesMax ?? BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 500, caseSensitive: true },
    genReqId: () => crypto.randomUUID(),
    return503OnClosing: true,
  });

  // Every body is read as JSON whatever its type says, as the vendors do.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", { parseAs: "buffer" }, async (_request: FastifyRequest, body: string | Buffer) =>
    parseRequestBody(Buffer.from(body)),
  );

  fastify.addHook("onRequest", async (request, reply) => {
    reply.headers({ "x-request-id": request.id, "request-id": request.id });
  });

  fastify.setErrorHandler(async (thrown: FastifyError, request, reply) => {
    const error = toClientError(thrown, options.bodyBytesMax ?? BODY_BYTES_MAX);
    options.onError?.(error, { method: request.method, path: request.url.split("?", 1)[0] ?? "/" });
    return sendError(error, dialectFor(request), reply);
  });
  fastify.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "/";
    const error = new DragomanError({
      code: "not_found",
      detail: `${request.method} ${path} is not served`,
      advice: "see GET / for the routes",
    });
    return sendError(error, dialectFor(request), reply);
  });

  for (const route of ingress.routes) mount(route);
  fastify.get("/", async () => ({
    name: "dragoman",
    version: options.version,
    routes: ingress.routes.map(({ method, url }) => `${method} ${url}`),
  }));
  fastify.get("/health", async () => ({ status: "ok" }));

  function mount(route: IngressRoute): void {
    fastify.route({
      method: route.method,
      url: route.url,
      handler: (request, reply) => operations[route.operation](route.dialect, request, reply),
    });
  }

  function dialectFor(request: FastifyRequest): Dialect {
    const path = request.url.split("?", 1)[0] ?? "/";
    const exact = ingress.routes.find(
      (route) => route.method === request.method && route.url === path && route.operation === "complete",
    );
    return exact?.dialect ?? ingress.dialectOf(path, firstValues(request.headers));
  }

  return {
    fastify,
    listen: ({ port = DEFAULT_PORT, host = "127.0.0.1" } = {}) => fastify.listen({ port, host }),
    close: async () => {
      const cutOff = setTimeout(() => fastify.server.closeAllConnections(), CLOSE_GRACE_MS);
      try {
        await fastify.close();
      } finally {
        clearTimeout(cutOff);
      }
    },
  };
}

function sendError(error: DragomanError, dialect: Dialect, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = dialect.renderError(error);
  return reply
    .status(status)
    .headers({ "content-type": "application/json", ...headers })
    .send(body);
}

/** Fastify's own refusals in our words; anything unforeseen is `internal`, without its inner text. */
function toClientError(thrown: FastifyError, bodyBytesMax: number): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  switch (thrown.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new DragomanError({
        code: "request_too_large",
        detail: `the body is larger than ${bodyBytesMax} bytes`,
        cause: thrown,
      });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
    case "FST_ERR_BAD_URL":
      return new DragomanError({ code: "invalid_request", detail: thrown.message, cause: thrown });
    default:
      return thrown.name === "AbortError"
        ? toDragomanError(thrown)
        : new DragomanError({ code: "internal", detail: "the server failed on this request", cause: thrown });
  }
}
