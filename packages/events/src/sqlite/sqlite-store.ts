import type { EventStore, LogPageQuery, StoreFilter, StreamPageQuery } from "../event-store.ts";
import { type EventRow, eventPage } from "../stored-row.ts";
import { createSqliteAppend } from "./sqlite-append.ts";
import { createSqliteBlobs } from "./sqlite-blobs.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const COLUMNS = "position, stream, version, id, type, data, schema_version, metadata, recorded_at";
const STREAM_PAGES = {
  forward: `select ${COLUMNS} from event_log where stream = ? and version >= ? order by version limit ?`,
  backward: `select ${COLUMNS} from event_log where stream = ? and version <= ? order by version desc limit ?`,
};

export function createSqliteStore(connection: SqliteConnection, name: string, close: () => void): EventStore {
  const { statement, attempt, transaction } = connection;
  const append = createSqliteAppend(connection);

  function rowsOfStream({ stream, direction, fromVersion, countMax }: StreamPageQuery): readonly EventRow[] {
    return eventRows(statement(STREAM_PAGES[direction]).all(stream, fromVersion, countMax));
  }

  function rowsOfLog({ afterPosition, countMax, filter }: LogPageQuery): readonly EventRow[] {
    const { sql, values } = conditions(filter);
    const query = `select ${COLUMNS} from event_log where position > ?${sql} order by position limit ?`;
    return eventRows(statement(query).all(afterPosition, ...values, countMax));
  }

  function number(sql: string, column: string, ...values: string[]): number {
    return Number(statement(sql).get(...values)?.[column] ?? 0);
  }

  return {
    name,
    write: (appends) => transaction(() => appends.map(append)),
    readStream: async (query) => eventPage(await attempt(() => rowsOfStream(query))),
    readAll: async (query) => eventPage(await attempt(() => rowsOfLog(query))),
    streamVersion: (stream) => attempt(() => number("select version from event_streams where stream = ?", "version", stream)),
    lastPosition: () => attempt(() => number("select max(position) as position from event_log", "position")),
    async readCheckpoint(projection) {
      const sql = "select position, state from event_checkpoints where projection = ?";
      const row = await attempt(() => statement(sql).get(projection));
      if (row === undefined) return undefined;
      return { position: Number(row.position), state: row.state === null ? undefined : String(row.state) };
    },
    writeCheckpoint: (projection, { position, state = null }, expectedPosition) =>
      transaction(() => {
        const stored = number("select position from event_checkpoints where projection = ?", "position", projection);
        const sql = "insert or replace into event_checkpoints (projection, position, state) values (?, ?, ?)";
        if (stored === expectedPosition) statement(sql).run(projection, position, state);
        return stored;
      }),
    ...createSqliteBlobs(connection),
    forgetEvents: ({ tenant, recordedBefore, streamPrefix, countMax }) =>
      transaction(() => {
        const { sql, values } = conditions({ tenant: tenant ?? null, streamPrefix });
        const chosen = `select position from event_log where recorded_at < ?${sql} limit ?`;
        const removal = statement(`delete from event_log where position in (${chosen})`);
        return Number(removal.run(recordedBefore, ...values, countMax).changes);
      }),
    close: async () => close(),
  };
}

/** The part of a `where` that follows another, and its values. */
function conditions({ types, streamPrefix, tenant }: StoreFilter): { readonly sql: string; readonly values: readonly string[] } {
  const found: (readonly [sql: string, value?: string])[] = [];
  if (types !== undefined) found.push(["type in (select value from json_each(?))", JSON.stringify(types)]);
  if (streamPrefix !== undefined) found.push(["instr(stream, ?) = 1", streamPrefix]);
  if (tenant === null) found.push(["tenant is null"]);
  else if (tenant !== undefined) found.push(["tenant = ?", tenant]);
  return {
    sql: found.map(([sql]) => ` and ${sql}`).join(""),
    values: found.flatMap(([, value]) => (value === undefined ? [] : [value])),
  };
}

/** The tables are strict: SQLite vouches for the types of their columns. */
function eventRows(rows: unknown): readonly EventRow[] {
  return rows as readonly EventRow[];
}
