/** The log that a child process of a test is to use: named on its command line as `sqlite FILE` or `postgres ADDRESS SCHEMA`. */
import type { EventLog } from "@dragoman/events";
import { openPostgresLog } from "@dragoman/events/postgres";
import { openSqliteLog } from "@dragoman/events/sqlite";

export function openLog([kind, place = "", schema = ""]: readonly string[]): Promise<EventLog> {
  if (kind === "sqlite") return openSqliteLog({ file: place });
  return openPostgresLog({ connectionString: place, schema, connectionsMax: 2, reconnectMs: 100 });
}
