/** A real PostgreSQL with the tables that nodes share, for the tests of several nodes. */
import { type PostgresServer, startPostgres } from "@dragoman/events/testing";
import { Pool } from "pg";
import { migrateSharedSchema } from "../../src/nodes/shared-schema.ts";

export interface SharedDatabase {
  readonly server: PostgresServer;
  readonly url: string;
  readonly pool: Pool;
  stop(): Promise<void>;
}

/** Undefined, with the reason, where no PostgreSQL is to be had. */
export async function startSharedDatabase(): Promise<{ readonly database?: SharedDatabase; readonly reason?: string }> {
  const { server, reason } = await startPostgres();
  if (server === undefined) return { reason };
  const pool = new Pool({ connectionString: server.connectionString, max: 8 });
  pool.on("error", () => {});
  await migrateSharedSchema(pool);
  return {
    database: {
      server,
      url: server.connectionString,
      pool,
      stop: async () => {
        await pool.end();
        await server.stop();
      },
    },
  };
}
