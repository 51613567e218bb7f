/** Puts the admin API behind a server's gate. */
import type { DragomanError } from "@dragoman/llm";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AdmittedOf } from "../access/guard-routes.ts";
import { toServerError } from "../client-error.ts";
import { clientSignal } from "../client-signal.ts";
import { ADMIN_HEADERS, type AdminAnswer, renderAdminError } from "./admin-error.ts";
import type { AdminRoute } from "./admin-route.ts";

export interface MountAdminOptions {
  readonly routes: readonly AdminRoute[];
  /** Who was let in: what `guardRoutes` gave back. */
  readonly admittedOf: AdmittedOf;
  /** For the words of a refusal. */
  readonly bodyBytesMax: number;
  /** Told of every failure that a client is told of. */
  readonly report: (error: DragomanError, request: FastifyRequest) => void;
}

/** After `guardRoutes`, which refuses what the access table does not name. */
export function mountAdminRoutes(
  fastify: FastifyInstance,
  { routes, admittedOf, bodyBytesMax, report }: MountAdminOptions,
): void {
  function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.raw.destroyed) return;
    const error = toServerError(thrown, bodyBytesMax);
    report(error, request);
    send(reply, renderAdminError(error, request.id));
  }

  for (const route of routes) {
    fastify.route({
      method: route.method,
      url: route.url,
      // What the gate and the body's parser refuse comes here as well.
      errorHandler: fail,
      handler: async (request, reply) => {
        const { principal, address } = admittedOf(request);
        const body = await route.handle({
          params: request.params,
          query: request.query,
          body: request.body,
          actor: { name: `key:${principal.key}`, address },
          signal: clientSignal(reply.raw),
        });
        send(reply, { status: route.status, headers: ADMIN_HEADERS, body });
        return reply;
      },
    });
  }
}

function send(reply: FastifyReply, { status, headers, body }: AdminAnswer): void {
  reply.status(status).headers(headers).send(JSON.stringify(body));
}
