/** A row of the table of events, as SQLite and PostgreSQL give it out. */
import type { StoredEvent } from "./event.ts";
import type { EventPage } from "./event-store.ts";

/** PostgreSQL's driver gives 64-bit integers as texts. */
type Integer = number | string;

export interface EventRow {
  readonly position: Integer;
  readonly stream: string;
  readonly version: Integer;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly schema_version: Integer;
  readonly metadata: string;
  readonly recorded_at: Integer;
}

export function eventPage(rows: readonly EventRow[]): EventPage {
  return {
    events: rows.map(storedEvent),
    characters: rows.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0),
  };
}

function storedEvent(row: EventRow): StoredEvent {
  return {
    id: row.id,
    stream: row.stream,
    version: Number(row.version),
    position: Number(row.position),
    type: row.type,
    data: JSON.parse(row.data),
    schemaVersion: Number(row.schema_version),
    metadata: JSON.parse(row.metadata),
    recordedAt: Number(row.recorded_at),
  };
}
