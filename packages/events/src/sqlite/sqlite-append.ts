/** Writes one append, within a transaction that is open. */
import type { AppendOutcome, PreparedAppend } from "../event-store.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const VERSION_OF_STREAM = "select version from event_streams where stream = ?";
const EVENT_OF_ID = "select stream, version from event_log where id = ?";
const ADD_EVENT = `
  insert into event_log (stream, version, id, type, data, schema_version, metadata, tenant, recorded_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SET_VERSION = `
  insert into event_streams (stream, version) values (?, ?)
  on conflict (stream) do update set version = excluded.version`;

export function createSqliteAppend({ statement }: SqliteConnection): (append: PreparedAppend) => AppendOutcome {
  function known({ stream, events }: PreparedAppend): AppendOutcome | undefined {
    for (const [index, { id, isIdGiven }] of events.entries()) {
      if (!isIdGiven) continue;
      const found = statement(EVENT_OF_ID).get(id);
      if (found === undefined) continue;
      if (index === 0 && found.stream === stream) return { type: "repeated", firstVersion: Number(found.version) };
      return { type: "id-taken", id };
    }
    return undefined;
  }

  function add({ stream, events, recordedAt }: PreparedAppend, version: number): AppendOutcome {
    let position = 0;
    for (const [index, { id, type, data, schemaVersion, metadata, tenant = null }] of events.entries()) {
      const values = [stream, version + index + 1, id, type, data, schemaVersion, metadata, tenant, recordedAt];
      position = Number(statement(ADD_EVENT).run(...values).lastInsertRowid);
    }
    statement(SET_VERSION).run(stream, version + events.length);
    return { type: "added", firstVersion: version + 1, firstPosition: position - events.length + 1 };
  }

  return (append) => {
    const outcome = known(append);
    if (outcome !== undefined) return outcome;
    const actualVersion = Number(statement(VERSION_OF_STREAM).get(append.stream)?.version ?? 0);
    const { expectedVersion = actualVersion } = append;
    return expectedVersion === actualVersion ? add(append, actualVersion) : { type: "conflict", actualVersion };
  };
}
