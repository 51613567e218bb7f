/**
 * Listens for the message that appends send, on a connection of its own: LISTEN belongs to a session, and one of the pool would be held
 * for as long. While the connection is away, tails live by polling; it is made anew by and by.
 */
import { CHANNEL } from "./postgres-append-function.ts";
import type { PostgresPool } from "./postgres-pool.ts";

const RECONNECT_MS = 1000;

/** Calls `ring` for each append to the schema, and when it has begun to listen, as something may have been missed until then. */
export function listenForAppends(pool: PostgresPool, schema: string, ring: () => void): () => void {
  const stopped = new AbortController();
  void keepListening(pool, schema, ring, stopped.signal);
  return () => stopped.abort();
}

async function keepListening(pool: PostgresPool, schema: string, ring: () => void, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    await listen(pool, schema, ring, stopped).catch(() => {});
    if (!stopped.aborted) await pause(RECONNECT_MS, stopped);
  }
}

/** Until the connection ends, or it is told to stop. */
async function listen(pool: PostgresPool, schema: string, ring: () => void, stopped: AbortSignal): Promise<void> {
  const { Client } = await import("pg");
  const client = new Client({ ...pool.options, keepAlive: true });
  const ended = new Promise<void>((resolve) => {
    client.on("end", resolve);
    client.on("error", () => resolve());
    stopped.addEventListener("abort", () => resolve());
  });
  client.on("notification", ({ payload }) => {
    if (payload === schema) ring();
  });
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    ring();
    await ended;
  } finally {
    await client.end().catch(() => {});
  }
}

function pause(timeMs: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeMs);
    stopped.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
