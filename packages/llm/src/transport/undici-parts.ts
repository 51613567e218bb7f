/// <reference path="./undici-files.d.ts" />
type Undici = typeof import("undici");

/** What the transport needs of undici. */
export type UndiciParts = Pick<Undici, "Pool" | "buildConnector">;

/**
 * The files of undici that hold them. Its index loads everything else as well (fetch, WebSocket, caches, mocks), which takes
 * twice the time and the memory: 50 ms and 13 MiB more before the first call.
 */
export async function loadUndiciParts(): Promise<UndiciParts> {
  try {
    const [{ default: Pool }, { default: buildConnector }] = await Promise.all([
      import("undici/lib/dispatcher/pool.js"),
      import("undici/lib/core/connect.js"),
    ]);
    return { Pool, buildConnector };
  } catch {
    // Its files are no part of what it promises: another release may lay them elsewhere.
    return import("undici");
  }
}
