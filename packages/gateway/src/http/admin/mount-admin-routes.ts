/**
 * Puts the admin API behind a server's gate. Which routes there are stands in the access table; what they do is loaded at the first request
 * to one of them, for most processes are never asked, and the schemas alone take more memory than the rest of the server.
 */
import { DragomanError } from "@dragoman/llm";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ACCESS_TABLE, type AccessRule } from "../access/access-table.ts";
import type { AdmittedOf } from "../access/guard-routes.ts";
import { toServerError } from "../client-error.ts";
import { clientSignal } from "../client-signal.ts";
import { ADMIN_HEADERS, type AdminAnswer, renderAdminError } from "./admin-error.ts";
import type { AdminRoute } from "./admin-route.ts";

export interface MountAdminOptions {
  /** Called at the first request, and again only where it failed. */
  readonly load: () => Promise<readonly AdminRoute[]>;
  /** Who was let in: what `guardRoutes` gave back. */
  readonly admittedOf: AdmittedOf;
  /** For the words of a refusal. */
  readonly bodyBytesMax: number;
  /** Told of every failure that a client is told of. */
  readonly report: (error: DragomanError, request: FastifyRequest) => void;
}

const ADMIN_RULES = ACCESS_TABLE.filter(({ url }) => url.startsWith("/admin/"));

/** After `guardRoutes`, which refuses what the access table does not name. */
export function mountAdminRoutes(fastify: FastifyInstance, { load, admittedOf, bodyBytesMax, report }: MountAdminOptions): void {
  const routeOf = createLoader(load);

  function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.raw.destroyed) return;
    const error = toServerError(thrown, bodyBytesMax);
    report(error, request);
    send(reply, renderAdminError(error, request.id));
  }

  for (const rule of ADMIN_RULES) {
    fastify.route({
      method: rule.method,
      url: rule.url,
      // What the gate and the body's parser refuse comes here as well.
      errorHandler: fail,
      handler: async (request, reply) => {
        const { principal, address } = admittedOf(request);
        // Before anything is waited for: a client that goes away meanwhile is noticed.
        const signal = clientSignal(reply.raw);
        const route = await routeOf(rule);
        const body = await route.handle({
          params: request.params,
          query: request.query,
          body: request.body,
          actor: { name: `key:${principal.key}`, address },
          signal,
        });
        send(reply, { status: route.status, headers: ADMIN_HEADERS, body });
        return reply;
      },
    });
  }
}

function createLoader(load: MountAdminOptions["load"]): (rule: AccessRule) => Promise<AdminRoute> {
  let loading: Promise<readonly AdminRoute[]> | undefined;
  return async ({ method, url }) => {
    loading ??= load();
    const routes = await loading.catch((thrown: unknown) => {
      loading = undefined;
      throw thrown;
    });
    const route = routes.find((one) => one.method === method && one.url === url);
    if (route !== undefined) return route;
    throw new DragomanError({ code: "internal", detail: `${method} ${url} stands in the access table alone` });
  };
}

function send(reply: FastifyReply, { status, headers, body }: AdminAnswer): void {
  reply.status(status).headers(headers).send(JSON.stringify(body));
}
