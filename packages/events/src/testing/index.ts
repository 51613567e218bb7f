/** `@dragoman/events/testing`: the suite that every log passes, and a PostgreSQL to pass it on. */
export type { EventLogCase, EventLogSubject, OpenedLog } from "./event-log-case.ts";
export { eventLogCases } from "./event-log-cases.ts";
export { type PostgresServer, type StartedPostgres, type StartPostgresOptions, startPostgres } from "./postgres-server.ts";
