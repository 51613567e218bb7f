import type { Transport } from "./transport.ts";

let shared: Promise<Transport> | undefined;

/** One connection pool for the process, opened at the first call. The only thing that providers share. */
export function sharedTransport(): Promise<Transport> {
  shared ??= import("./undici-transport.ts").then((module) => module.createUndiciTransport());
  return shared;
}
