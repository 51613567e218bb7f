import type { Dialect, DragomanError, ModelInfo, Provider } from "@dragoman/llm";
import type { FastifyRequest } from "fastify";
import type { IngressRoute } from "./ingress.ts";
import type { ModelListing } from "./model-listing.ts";

/** What the server puts HTTP in front of, as one client may use it. */
export interface Served {
  /** Takes models by the names that clients write. */
  readonly provider: Provider;
  listModels(signal: AbortSignal): Promise<ModelListing>;
  /** By the name under which it is listed, or any that means it. Rejects with `model_not_found`. */
  findModel(name: string, signal: AbortSignal): Promise<ModelInfo>;
}

/** What the handlers of one server share. */
export interface Service {
  /** On behalf of whoever sent this request. Throws what stands against it. */
  readonly serve: (request: FastifyRequest, dialect: Dialect) => Served;
  readonly version: string;
  readonly routes: readonly IngressRoute[];
  /** Tells the owner of a failure that a client is told of. */
  readonly report: (error: DragomanError, request: FastifyRequest) => void;
}
