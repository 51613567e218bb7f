/** What makes a fake vendor: its routes, its keys, its words for an error of the server itself. */
import type { Delivery } from "./generate.ts";
import type { FakeRequest, Refusal } from "./reply.ts";
import type { FakeWorld } from "./world.ts";

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  /** True where no key is asked for. Default false. */
  readonly open?: true;
  /** Throws a Refusal. */
  handle(request: FakeRequest, world: FakeWorld): Delivery;
}

export interface VendorDefinition {
  /** What follows the server's URL in a client's base URL. */
  readonly basePath: string;
  readonly routes: readonly Route[];
  /** Throws a Refusal where the key is missing or wrong. */
  authorise(request: FakeRequest, world: FakeWorld): void;
  /** An error that is about the request as such: no such route, not JSON, too large. */
  refuse(status: number, message: string, world: FakeWorld): Refusal;
}
