/**
 * Bounds how many requests of one key are under way at once: from the moment that the key is known, before the body is read, until the
 * answer is complete or the client is gone. Whoever calls from this machine without a key is nobody's key, and is not bounded.
 */
import type { Socket } from "node:net";
import { DragomanError } from "@dragoman/llm";
import type { FastifyInstance, preParsingHookHandler } from "fastify";
import { LOCAL } from "../caller.ts";
import { accessOf } from "./access/access-table.ts";
import type { AdmittedOf } from "./access/guard-routes.ts";

/** Nobody knows when a place is free; a client that asks again after this long does no harm. */
const RETRY_AFTER_MS = 1_000;

/** To be called before any route is mounted. `callsMax` is asked once a request. */
export function boundCallsPerKey(fastify: FastifyInstance, admittedOf: AdmittedOf, callsMax: () => number): void {
  const running = new Map<string, number>();
  const endings = createEndings();

  const bound: preParsingHookHandler = (request, reply, _payload, done) => {
    const { key } = admittedOf(request).principal;
    if (key === LOCAL.key) return done();
    const count = running.get(key) ?? 0;
    if (count >= callsMax()) return done(tooMany(key, callsMax()));
    running.set(key, count + 1);
    endings.once(request.raw.socket, reply.raw, () => {
      const left = (running.get(key) ?? 1) - 1;
      if (left > 0) running.set(key, left);
      else running.delete(key);
    });
    done();
  };

  fastify.addHook("onRoute", (route) => {
    const isOfCallers = [route.method].flat().some((method) => accessOf(method.toUpperCase(), route.url) === "caller");
    if (isOfCallers) route.preParsing = [bound, ...[route.preParsing ?? []].flat()];
  });
}

interface Closing {
  once(event: "close", listener: () => void): unknown;
}

/** A response that waits behind another on its connection is never told that the connection broke; so the connection is asked, too. */
function createEndings() {
  const bySocket = new WeakMap<Socket, Set<() => void>>();

  function endingsOf(socket: Socket): Set<() => void> {
    const known = bySocket.get(socket);
    if (known !== undefined) return known;
    const endings = new Set<() => void>();
    bySocket.set(socket, endings);
    socket.once("close", () => {
      for (const end of endings) end();
    });
    return endings;
  }

  return {
    once(socket: Socket, response: Closing, listener: () => void): void {
      const endings = endingsOf(socket);
      function end(): void {
        if (endings.delete(end)) listener();
      }
      endings.add(end);
      response.once("close", end);
    },
  };
}

function tooMany(key: string, callsMax: number): DragomanError {
  return new DragomanError({
    code: "rate_limited",
    detail: `the key ${key} has ${callsMax} calls under way, and no more are allowed at once`,
    advice: "wait until one of them has ended, or ask for server.calls_per_key_max to be raised",
    retryAfterMs: RETRY_AFTER_MS,
  });
}
