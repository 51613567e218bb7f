/** Stands before the routes of callers once the key is known and before the body is read: no call while stopping, and not too many of one key at once. */
import { DragomanError } from "@dragoman/llm";
import type { FastifyInstance, preParsingHookHandler } from "fastify";
import { LOCAL } from "../caller.ts";
import type { Gateway } from "../gateway.ts";
import { accessOf } from "./access/access-table.ts";
import type { AdmittedOf } from "./access/guard-routes.ts";
import { createCallsPerKey } from "./calls-per-key.ts";
import type { Ingress, IngressRoute } from "./ingress.ts";
import { createRefusal, type KnownErrors } from "./refused-calls.ts";

/** Nobody knows when a place is free, or another node there; a client that asks again after this long does no harm. */
const RETRY_AFTER_MS = 1_000;

export interface GuardCallsOptions {
  readonly gateway: Gateway;
  readonly admittedOf: AdmittedOf;
  readonly ingress: Ingress;
  readonly known: KnownErrors;
}

/** To be called before any route is mounted. */
export function guardCalls(fastify: FastifyInstance, { gateway, admittedOf, ingress, known }: GuardCallsOptions): void {
  const calls = createCallsPerKey();
  const refuse = createRefusal(gateway, admittedOf, known);

  function guardOf(route: IngressRoute | undefined): preParsingHookHandler {
    const isCall = route !== undefined && CALLS.has(route.operation);
    return (request, reply, _payload, done) => {
      if (isCall && !gateway.accepting) return done(refuse(request, route, stopping()));
      const { key } = admittedOf(request).principal;
      if (key === LOCAL.key) return done();
      const { callsPerKeyMax } = gateway.configuration.server;
      if (!calls.take(key, callsPerKeyMax, request.raw.socket, reply.raw))
        return done(refuse(request, route, tooMany(key, callsPerKeyMax)));
      done();
    };
  }

  fastify.addHook("onRoute", (route) => {
    const methods = [route.method].flat().map((method) => method.toUpperCase());
    if (!methods.some((method) => accessOf(method, route.url) === "caller")) return;
    const served = ingress.routes.find(({ method, urls }) => methods.includes(method) && urls.includes(route.url));
    route.preParsing = [guardOf(served), ...[route.preParsing ?? []].flat()];
  });
}

/** Lists go on to be answered until the very end: a client that asks what there is does not hold anything up. */
const CALLS: ReadonlySet<IngressRoute["operation"]> = new Set(["complete", "embed", "count-tokens", "gemini-model-action"]);

function stopping(): DragomanError {
  return new DragomanError({
    code: "provider_unavailable",
    detail: "the gateway is stopping and takes no more calls",
    advice: "ask another node, or again in a moment",
    retryAfterMs: RETRY_AFTER_MS,
  });
}

function tooMany(key: string, callsMax: number): DragomanError {
  return new DragomanError({
    code: "rate_limited",
    detail: `the key ${key} has ${callsMax} calls under way, and no more are allowed at once`,
    advice: "wait until one of them has ended, or ask for server.calls_per_key_max to be raised",
    retryAfterMs: RETRY_AFTER_MS,
  });
}
