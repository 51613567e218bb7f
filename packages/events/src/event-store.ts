/**
 * Where a log keeps its events. What memory, SQLite and PostgreSQL each do in their own way stands here; what is alike
 * (checks, paging, tails, retention) is done once, by `createEventLog`. A store for another database is one of these.
 */
import type { StoredEvent } from "./event.ts";

export interface EventStore {
  /** As it is called in errors: `SQLite events.db`. */
  readonly name: string;
  /**
   * Writes appends in their order, each whole or not at all, and resolves when they are kept with one outcome each. Rejects with
   * `LogUnavailable` when none was kept, or when nobody can tell; with anything else when one of them cannot be written: they
   * are then tried one at a time.
   */
  write(appends: readonly PreparedAppend[]): Promise<readonly AppendOutcome[]>;
  readStream(query: StreamPageQuery): Promise<EventPage>;
  readAll(query: LogPageQuery): Promise<EventPage>;
  /** 0 for a stream that is not there. */
  streamVersion(stream: string): Promise<number>;
  /** 0 for an empty log. */
  lastPosition(): Promise<number>;
  readCheckpoint(projection: string): Promise<CheckpointText | undefined>;
  /** Resolves with the position that was stored (0 for none); it is written only where that is `expectedPosition`. */
  writeCheckpoint(projection: string, checkpoint: CheckpointText, expectedPosition: number): Promise<number>;
  putBlob(blob: StoredBlob): Promise<void>;
  getBlob(hash: string): Promise<Uint8Array | undefined>;
  /** Takes out at most `countMax` events, and resolves with how many. */
  forgetEvents(query: ForgetQuery): Promise<number>;
  /** Hashes, in their order and after the one given, of blobs that the tenant put last before that time. */
  staleBlobs(query: StaleBlobQuery): Promise<readonly string[]>;
  /** The tenant no longer holds these, if it has not put them anew. Resolves with how many are then held by nobody, and gone. */
  releaseBlobs(tenant: string | undefined, recordedBefore: number, hashes: readonly string[]): Promise<number>;
  /** Calls `ring` when others have appended, until the function that it returns is called. Absent: others are looked for by polling. */
  watch?(ring: () => void): () => void;
  close(): Promise<void>;
}

/** An append that was checked: nothing in it can be refused any more but for what is in the log already. */
export interface PreparedAppend {
  readonly stream: string;
  /** Undefined: any. */
  readonly expectedVersion: number | undefined;
  readonly events: readonly PreparedEvent[];
  readonly recordedAt: number;
  /** Of the texts of all events; about. */
  readonly characters: number;
}

export interface PreparedEvent {
  readonly id: string;
  /** Whether the caller gave the id; a made one cannot be in the log yet, unless this very append was tried before. */
  readonly isIdGiven: boolean;
  readonly type: string;
  /** JSON. */
  readonly data: string;
  readonly schemaVersion: number;
  /** JSON of an object. */
  readonly metadata: string;
  readonly tenant: string | undefined;
}

export type AppendOutcome =
  /** Positions go on from the first without a gap. */
  | { readonly type: "added"; readonly firstVersion: number; readonly firstPosition: number }
  /** The first id is in this stream already, at that version. */
  | { readonly type: "repeated"; readonly firstVersion: number }
  | { readonly type: "conflict"; readonly actualVersion: number }
  /** The id is in the log, but the append is no repetition of it. */
  | { readonly type: "id-taken"; readonly id: string };

export interface StreamPageQuery {
  readonly stream: string;
  readonly direction: "forward" | "backward";
  /** The first version to read, itself included. */
  readonly fromVersion: number;
  readonly countMax: number;
}

export interface LogPageQuery {
  readonly afterPosition: number;
  readonly countMax: number;
  readonly filter: StoreFilter;
}

export interface StoreFilter {
  readonly types?: readonly string[] | undefined;
  readonly streamPrefix?: string | undefined;
  /** Null: events of nobody in particular. Undefined: of all. */
  readonly tenant?: string | null | undefined;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Of their texts; about, to size the next page by. */
  readonly characters: number;
}

export interface CheckpointText {
  readonly position: number;
  /** JSON. */
  readonly state: string | undefined;
}

export interface StoredBlob {
  readonly hash: string;
  readonly content: Uint8Array;
  readonly tenant: string | undefined;
  readonly storedAt: number;
}

export interface ForgetQuery {
  readonly tenant: string | undefined;
  readonly recordedBefore: number;
  readonly streamPrefix: string | undefined;
  readonly countMax: number;
}

export interface StaleBlobQuery {
  readonly tenant: string | undefined;
  readonly recordedBefore: number;
  readonly afterHash: string;
  readonly countMax: number;
}
