/** Puts the gate before every route of a server. */
import type { IncomingMessage } from "node:http";
import { DragomanError } from "@dragoman/llm";
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import { accessOf } from "./access-table.ts";
import type { Admitted, Gate } from "./create-gate.ts";

const ADMITTED: unique symbol = Symbol("dragoman.admitted");

/** The request is where it is looked for; a map beside it would cost the collector of garbage more than the call itself. */
function carrying(request: IncomingMessage): IncomingMessage & { [ADMITTED]?: Admitted } {
  return request;
}

/** Undefined for a request that was refused at the gate, or came on a path that nobody serves. */
export function admittedIfAny({ raw }: Pick<FastifyRequest, "raw">): Admitted | undefined {
  return carrying(raw)[ADMITTED];
}

/** Throws `internal` for a request that never came through the gate. */
export type AdmittedOf = (request: Pick<FastifyRequest, "raw">) => Admitted;

/** To be called before the first route is mounted: routes of before are not guarded. Gives back who was let in with a request. */
export function guardRoutes(fastify: FastifyInstance, gate: Gate): AdmittedOf {
  fastify.addHook("onRoute", (route) => {
    const methods = [route.method].flat();
    // Decided once a route, not once a request.
    const accesses = new Map(methods.map((method) => [method.toUpperCase(), accessOf(method.toUpperCase(), route.url)]));
    const guard: onRequestHookHandler = (request, _reply, done) => {
      try {
        carrying(request.raw)[ADMITTED] = gate.admit(request.raw, accesses.get(request.method));
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    };
    route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
  });

  return (request) => {
    const found = admittedIfAny(request);
    if (found === undefined) throw new DragomanError({ code: "internal", detail: "a request came around the gate" });
    return found;
  };
}
