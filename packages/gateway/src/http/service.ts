import type { DragomanError, Registry } from "@dragoman/llm";
import type { FastifyRequest } from "fastify";
import type { IngressRoute } from "./ingress.ts";

/** What the handlers of one server share. */
export interface Service {
  readonly registry: Registry;
  readonly version: string;
  readonly routes: readonly IngressRoute[];
  /** Tells the owner of a failure that a client is told of. */
  readonly report: (error: DragomanError, request: FastifyRequest) => void;
}
