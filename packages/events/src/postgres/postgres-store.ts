import type {
  AppendOutcome,
  EventStore,
  ForgetQuery,
  LogPageQuery,
  PreparedAppend,
  StoreFilter,
  StreamPageQuery,
} from "../event-store.ts";
import { type EventRow, eventPage } from "../stored-row.ts";
import { createPostgresBlobs } from "./postgres-blobs.ts";
import { createPostgresCheckpoints } from "./postgres-checkpoints.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { listenForAppends } from "./postgres-listener.ts";
import type { PostgresPool } from "./postgres-pool.ts";

interface PostgresPlace {
  readonly pool: PostgresPool;
  /** Checked: it stands in SQL as it is. */
  readonly schema: string;
  readonly name: string;
  readonly close: () => Promise<void>;
}

const PARAMETERS = Array.from({ length: 12 }, (_, index) => `$${index + 1}`).join(", ");

/** As texts: they are parsed where the size of a page is known. */
const COLUMNS = `position, stream, version, id, type, data::text as data, schema_version, metadata::text as metadata, recorded_at`;

export function createPostgresStore(connection: PostgresConnection, { pool, schema, name, close }: PostgresPlace): EventStore {
  const events = `${schema}.events`;
  const appendSql = `select * from ${schema}.append_events(${PARAMETERS})`;

  async function rowsOfStream({ stream, direction, fromVersion, countMax }: StreamPageQuery): Promise<readonly EventRow[]> {
    const [compared, order] = direction === "forward" ? [">=", "asc"] : ["<=", "desc"];
    const sql = `select ${COLUMNS} from ${events} where stream = $1 and version ${compared} $2 order by version ${order} limit $3`;
    return (await connection.query(sql, [stream, Math.min(fromVersion, VERSION_MAX), countMax])).rows;
  }

  async function rowsOfLog({ afterPosition, countMax, filter }: LogPageQuery): Promise<readonly EventRow[]> {
    const { sql, values } = conditions(filter, 3);
    const query = `select ${COLUMNS} from ${events} where position > $1${sql} order by position limit $2`;
    return (await connection.query(query, [afterPosition, countMax, ...values])).rows;
  }

  async function forgetEvents({ tenant, recordedBefore, streamPrefix, countMax }: ForgetQuery): Promise<number> {
    const { sql, values } = conditions({ tenant: tenant ?? null, streamPrefix }, 3);
    const chosen = `select position from ${events} where recorded_at < $1${sql} limit $2`;
    const removal = `delete from ${events} where position in (${chosen})`;
    return (await connection.query(removal, [recordedBefore, countMax, ...values])).rowCount ?? 0;
  }

  return {
    name,
    write: async (appends) => (await connection.query(appendSql, appendValues(appends))).rows.map(appendOutcome),
    readStream: async (query) => eventPage(await rowsOfStream(query)),
    readAll: async (query) => eventPage(await rowsOfLog(query)),
    async streamVersion(stream) {
      const { rows } = await connection.query(`select version from ${schema}.streams where stream = $1`, [stream]);
      return Number(rows[0]?.version ?? 0);
    },
    async lastPosition() {
      const { rows } = await connection.query(`select max(position) as position from ${events}`);
      return Number(rows[0]?.position ?? 0);
    },
    ...createPostgresCheckpoints(connection, schema),
    ...createPostgresBlobs(connection, schema),
    forgetEvents,
    watch: (ring) => listenForAppends(pool, schema, ring),
    close,
  };
}

/** PostgreSQL's `integer`. */
const VERSION_MAX = 2 ** 31 - 1;

/** In the order of the parameters of `append_events`. */
function appendValues(appends: readonly PreparedAppend[]): readonly unknown[] {
  const streams = [...new Set(appends.map(({ stream }) => stream))];
  const places = new Map(streams.map((stream, index) => [stream, index + 1]));
  const events = appends.flatMap((append) => append.events);
  return [
    streams,
    appends.map(({ stream }) => places.get(stream)),
    appends.map(({ expectedVersion }) => expectedVersion ?? null),
    appends.map((append) => append.events.length),
    appends.map(({ recordedAt }) => recordedAt),
    appends.flatMap((append, index) => append.events.map(() => index + 1)),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ data }) => data),
    events.map(({ schemaVersion }) => schemaVersion),
    events.map(({ metadata }) => metadata),
    events.map(({ tenant }) => tenant ?? null),
  ];
}

interface OutcomeRow {
  readonly outcome: AppendOutcome["type"];
  readonly first_version: number;
  readonly first_position: string;
  readonly taken: string;
}

function appendOutcome(row: OutcomeRow): AppendOutcome {
  const firstVersion = Number(row.first_version);
  switch (row.outcome) {
    case "added":
      return { type: "added", firstVersion, firstPosition: Number(row.first_position) };
    case "repeated":
      return { type: "repeated", firstVersion };
    case "conflict":
      return { type: "conflict", actualVersion: firstVersion };
    case "id-taken":
      return { type: "id-taken", id: row.taken };
  }
}

/** The part of a `where` that follows another, with its values; the first of them is `$first`. */
function conditions(
  { types, streamPrefix, tenant }: StoreFilter,
  first: number,
): { readonly sql: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${first + values.push(value) - 1}`;
  let sql = "";
  if (types !== undefined) sql += ` and type = any (${place(types)}::text[])`;
  if (streamPrefix !== undefined) sql += ` and starts_with(stream, ${place(streamPrefix)})`;
  if (tenant === null) sql += " and tenant is null";
  else if (tenant !== undefined) sql += ` and tenant = ${place(tenant)}`;
  return { sql, values };
}
