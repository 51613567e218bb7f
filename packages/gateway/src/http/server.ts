/** The HTTP server: puts the table of `ingress.ts` in front of a registry. It binds to loopback unless told otherwise. */
import { type DialectId, DragomanError, type Registry, toDragomanError } from "@dragoman/llm";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from "fastify";
import type { Principal } from "../caller.ts";
import { newCallId } from "../calls/new-call-id.ts";
import { STANDARD_CONFIGURATION } from "../config/standard-configuration.ts";
import type { Gateway } from "../gateway.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { NOBODY } from "./access/create-gate.ts";
import { admittedIfAny } from "./access/guard-routes.ts";
import { errorForClient, toServerError } from "./client-error.ts";
import { pathOf } from "./client-request.ts";
import { type ConnectionRefused, refuseConnection } from "./connection-error.ts";
import { createDialectShelf } from "./dialect-shelf.ts";
import { createIngress, type IngressRoute } from "./ingress.ts";
import { mountGateway } from "./mount-gateway.ts";
import { notServed, wrongMethod } from "./not-served.ts";
import { createOperations } from "./operations.ts";
import { createOriginGuard } from "./origin-guard.ts";
import { createKnownErrors } from "./refused-calls.ts";
import { parseRequestBody } from "./request-body.ts";
import { serveRegistry } from "./serve-registry.ts";
import type { Service } from "./service.ts";
import { watchUnread } from "./unread-connections.ts";

/** What is served: a gateway, which governs each call, or providers as they are, to everybody who can reach the port. */
export type ServerOptions = ServerSettings & ({ readonly gateway: Gateway } | { readonly registry: Registry });

export interface ServerSettings {
  /** Bytes of a request body. Default 32 MiB, Anthropic's own limit. */
  readonly bodyBytesMax?: number;
  /** How long a client may take to send its headers and its body. Milliseconds. Default 120 000. */
  readonly requestTimeoutMs?: number;
  /** Connections at once; more are closed as they come. Default 10 000. */
  readonly connectionsMax?: number;
  /** How long a client may read nothing of what waits for it, before its connection is ended. Milliseconds. Default 120 000. */
  readonly unreadMsMax?: number;
  /** Web pages that may call, as in `https://app.example`. Pages of this machine always may. Default: no other. */
  readonly allowedOrigins?: readonly string[];
  /** Reported by `GET /` and Ollama's `/api/version`. */
  readonly version?: string;
  /** Of a gateway, served at `/metrics` to administrators. Default: none. */
  readonly metrics?: Metrics;
  /** Of a gateway: reads its configuration's file anew, when an administrator asks for it. Rejects where what it says is not taken. */
  readonly reload?: () => Promise<void>;
  /** Told of every failure that a client was told of, with what the client was not told. Default: nobody. */
  readonly onError?: (error: DragomanError, request: { readonly method: string; readonly path: string }) => void;
}

export interface DragomanServer {
  /** Resolves with the address, as in `http://127.0.0.1:4242`. Port 0 takes any free one. */
  listen(options?: { readonly port?: number; readonly host?: string }): Promise<string>;
  /** Stops taking requests, lets running ones finish for a second, closes the rest. */
  close(): Promise<void>;
  readonly fastify: FastifyInstance;
}

const standard = STANDARD_CONFIGURATION.server;
export const DEFAULT_PORT = standard.port;
/** Clients send their headers in one piece; who trickles them holds a connection. */
const HEADERS_TIMEOUT_MS = 30_000;
const CLOSE_GRACE_MS = 1_000;

export function createServer(options: ServerOptions): DragomanServer {
  const bodyBytesMax = options.bodyBytesMax ?? standard.bodyBytesMax;
  const ingress = createIngress();
  const dialects = createDialectShelf();
  const observer = "gateway" in options ? options.gateway.observer : undefined;
  const fastify = createFastify(bodyBytesMax, options.requestTimeoutMs ?? standard.requestTimeoutMs, (error) =>
    observer?.requestFailed({ error }),
  );
  fastify.server.maxConnections = options.connectionsMax ?? standard.connectionsMax;
  watchUnread(fastify.server, options.unreadMsMax ?? standard.unreadMsMax);
  let host = "127.0.0.1";
  const known = createKnownErrors();
  const report: Service["report"] = (error, request) => {
    const { method, id } = request;
    const path = pathOf(request);
    if (observer !== undefined && !known.has(error)) {
      const { key, team } = callerOf(request);
      observer.requestFailed({
        error,
        id,
        method,
        path,
        ...(key === undefined ? {} : { key }),
        ...(team === undefined ? {} : { team }),
      });
    }
    options.onError?.(error, { method, path });
  };
  const service: Service = {
    serve: "gateway" in options ? mounted(options.gateway) : served(options.registry),
    version: options.version ?? "0.0.0",
    routes: ingress.routes,
    report,
  };
  const operations = createOperations(service);

  function mounted(gateway: Gateway): Service["serve"] {
    const { metrics, reload, version = "0.0.0" } = options;
    return mountGateway(fastify, gateway, {
      boundTo: () => host,
      metrics,
      reload,
      version,
      bodyBytesMax,
      report,
      ingress,
      known,
    });
  }

  function served(registry: Registry): Service["serve"] {
    const one = serveRegistry(registry);
    return () => one;
  }

  const guard = createOriginGuard(options.allowedOrigins ?? [], () => host);

  fastify.addHook("onRequest", (request, reply, done) => {
    reply.headers({ "x-request-id": request.id, "request-id": request.id });
    guard.check(request.headers);
    // Nobody's body is read for a path that is not served.
    if (request.is404) refuseUnknown(request, reply);
    else done();
  });
  fastify.setErrorHandler((thrown, request, reply) => {
    fail(toServerError(thrown, bodyBytesMax), request, reply);
  });
  fastify.setNotFoundHandler(refuseUnknown);

  function refuseUnknown(request: FastifyRequest, reply: FastifyReply): void {
    const path = pathOf(request);
    const allowed = new Set(ingress.routesOf(path).map((route) => route.method));
    if (allowed.size === 0) fail(notServed(request.method, path, ingress.routes), request, reply);
    else {
      reply.header("allow", [...allowed].join(", "));
      fail(wrongMethod(request.method, path, [...allowed]), request, reply, 405);
    }
  }

  function fail(error: DragomanError, request: FastifyRequest, reply: FastifyReply, status?: number): void {
    if (reply.raw.destroyed) return;
    service.report(error, request);
    dialects(dialectFor(request)).then(
      (dialect) => {
        const rendered = dialect.renderError(errorForClient(error));
        reply
          .status(status ?? rendered.status)
          .headers({ "content-type": "application/json", ...rendered.headers })
          .send(rendered.body);
      },
      (thrown: unknown) => reply.raw.destroy(toDragomanError(thrown)),
    );
  }

  function dialectFor(request: FastifyRequest): DialectId {
    const path = pathOf(request);
    const routes = ingress.routesOf(path);
    const route = routes.find((candidate) => candidate.method === request.method) ?? routes[0];
    return route === undefined ? ingress.dialectOfUnknown(path, request.headers) : ingress.dialectOf(route, request.headers);
  }

  function mount(route: IngressRoute): void {
    const operation = operations[route.operation];
    for (const url of route.urls) {
      fastify.route({
        method: route.method,
        url,
        handler: async (request, reply) => operation(await dialects(ingress.dialectOf(route, request.headers)), request, reply),
      });
    }
  }

  for (const route of ingress.routes) mount(route);
  fastify.get("/", async () => ({
    name: "dragoman",
    version: service.version,
    routes: ingress.routes.map(({ method, urls }) => `${method} ${urls[0]}`),
  }));
  fastify.get("/health", async () => ({ status: "ok" }));

  return {
    fastify,
    listen: ({ port = DEFAULT_PORT, host: asked = "127.0.0.1" } = {}) => {
      host = asked;
      return fastify.listen({ port, host });
    },
    close: () => closeGracefully(fastify),
  };
}

/** Whose key a request came with, where one was proved. */
function callerOf(request: FastifyRequest): Partial<Principal> {
  const principal = admittedIfAny(request)?.principal;
  return principal === undefined || principal === NOBODY ? {} : principal;
}

/**
 * No route here has a schema of Fastify's, so neither of its compilers need be loaded, which costs 4 MiB. Their types ask for all of ajv's
 * validator; Fastify calls it.
 */
const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"]>;

function createFastify(bodyBytesMax: number, requestTimeoutMs: number, refused: ConnectionRefused): FastifyInstance {
  const fastify = Fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: Math.min(requestTimeoutMs, HEADERS_TIMEOUT_MS),
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 30_000),
    },
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 500, caseSensitive: true },
    genReqId: () => newCallId(),
    schemaController: { compilersFactory: NO_COMPILERS },
    // Its refusal would be in a shape that no client knows; what still comes is answered, and cut off with the rest.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, refused),
  });
  // Every body is read as JSON whatever its type says, as the vendors do.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, parseRequestBody(Buffer.from(body)));
    } catch (error) {
      done(error instanceof Error ? error : new DragomanError({ code: "internal", detail: String(error) }), undefined);
    }
  });
  return fastify;
}

async function closeGracefully(fastify: FastifyInstance): Promise<void> {
  const cutOff = setTimeout(() => fastify.server.closeAllConnections(), CLOSE_GRACE_MS);
  try {
    await fastify.close();
  } finally {
    clearTimeout(cutOff);
  }
}
