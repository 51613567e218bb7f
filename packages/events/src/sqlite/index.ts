/** `@dragoman/events/sqlite`: a log in one file, shared by the processes of one machine. */
export { openSqliteLog, type SqliteLogOptions } from "./open-sqlite-log.ts";
