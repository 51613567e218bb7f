/** What makes a fake vendor: its routes, its keys, its words for an error of the server itself. */
import type { FakeModel } from "./fake-model.ts";
import type { Delivery } from "./generate.ts";
import type { FakeRequest, Refusal } from "./reply.ts";
import type { FakeWorld } from "./world.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: RegExp;
  /** True where no key is asked for. Default false. */
  readonly open?: true;
  /** `any`: the body need not be a JSON object, as in an upload. Default `json`, for POST. */
  readonly body?: "any";
  /** Throws a Refusal. */
  handle(request: FakeRequest, world: FakeWorld): Delivery | Promise<Delivery>;
}

export interface VendorDefinition {
  /** The models on offer, and what they can do. */
  readonly models: readonly FakeModel[];
  /** What follows the server's URL in a client's base URL. */
  readonly basePath: string;
  readonly routes: readonly Route[];
  /** Throws a Refusal where the key is missing or wrong. */
  authorise(request: FakeRequest, world: FakeWorld): void | Promise<void>;
  /** An error that is about the request as such: no such route, not JSON, too large. */
  refuse(status: number, message: string, world: FakeWorld): Refusal;
}
