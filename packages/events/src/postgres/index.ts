/** `@dragoman/events/postgres`: a log in PostgreSQL, shared by the processes of many machines. */
export { openPostgresLog, type PostgresLogOptions } from "./open-postgres-log.ts";
export type { PostgresClient, PostgresPool } from "./postgres-pool.ts";
