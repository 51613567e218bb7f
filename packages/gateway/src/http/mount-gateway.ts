/** Puts a gateway behind a server: its gate before every route, its own routes beside those of the vendors. */
import type { FastifyInstance } from "fastify";
import type { Gateway } from "../gateway.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { createGate } from "./access/create-gate.ts";
import { guardRoutes } from "./access/guard-routes.ts";
import { mountAdminRoutes } from "./admin/mount-admin-routes.ts";
import { guardCalls } from "./guard-calls.ts";
import type { Ingress } from "./ingress.ts";
import type { KnownErrors } from "./refused-calls.ts";
import { serveGateway } from "./serve-gateway.ts";
import type { Service } from "./service.ts";

export interface MountOptions {
  /** The host that the server listens on. */
  readonly boundTo: () => string;
  /** Served at `/metrics`, to administrators. */
  readonly metrics?: Metrics | undefined;
  /** Reads the configuration's file anew, for administrators. Absent: it has no file. */
  readonly reload?: (() => Promise<void>) | undefined;
  readonly version: string;
  readonly bodyBytesMax: number;
  readonly ingress: Ingress;
  /** Learns which failures stand in a call's record. */
  readonly known: KnownErrors;
  readonly report: Service["report"];
}

/** To be called before any route is mounted. Gives back what is served to whoever sent a request. */
export function mountGateway(fastify: FastifyInstance, gateway: Gateway, options: MountOptions): Service["serve"] {
  const { boundTo, metrics, reload, version, bodyBytesMax, report, ingress, known } = options;
  const gate = createGate({
    tenancy: gateway.tenancy,
    server: () => gateway.configuration.server,
    boundTo,
    audit: gateway.audit,
  });
  const admittedOf = guardRoutes(fastify, gate);
  guardCalls(fastify, { gateway, admittedOf, ingress, known });
  fastify.get("/ready", async (_request, reply) => {
    const targets = gateway.health();
    const ready = gateway.accepting;
    return reply.status(ready ? 200 : 503).send({
      status: ready ? "ready" : "stopping",
      running: gateway.running,
      // Anyone may ask: which targets they are is for administrators, at /admin/v1/targets.
      targets: { known: targets.length, leftAlone: targets.filter(({ state }) => state === "open").length },
    });
  });
  if (metrics !== undefined) {
    fastify.get("/metrics", async (_request, reply) => {
      const { contentType, text } = await metrics.render();
      return reply.header("content-type", contentType).send(text);
    });
  }
  const { audit, log } = gateway;
  mountAdminRoutes(fastify, {
    load: async () => {
      const { adminRoutes } = await import("./admin/admin-routes.ts");
      return adminRoutes({ gateway, audit, log, version, ...(reload === undefined ? {} : { reload }) });
    },
    admittedOf,
    bodyBytesMax,
    report,
  });
  return serveGateway(gateway, admittedOf, known);
}
