/** The contract of the log. Its suite is `testing/event-log-cases.ts`; memory, SQLite and PostgreSQL pass it alike. */
import type { JsonValue, NewEvent, StoredEvent } from "./event.ts";

/**
 * What the writer believes of the stream: that it is at this version, that it has no event yet (0), or nothing (`any`).
 * Two writers who believe the same: one wins, the other is told by `VersionConflict`.
 */
export type ExpectedVersion = number | "any";

/** What an append came to. */
export interface AppendResult {
  /** Of the stream, after the append; of a repetition, after the first. */
  readonly version: number;
  /** Of the last event that was appended. */
  readonly position: number;
  readonly events: readonly StoredEvent[];
  /** True: the ids were in the log already, as of an append whose answer was lost; nothing was added. */
  readonly repeated: boolean;
}

/** What to read of one stream. */
export interface ReadStreamOptions {
  /** The first version to read. Default 1. */
  readonly fromVersion?: number;
  /** Default: to the end. */
  readonly countMax?: number;
  /** Default `forward`. Backward begins at the end, or at `fromVersion`. */
  readonly direction?: "forward" | "backward";
  readonly signal?: AbortSignal;
}

/** What to read of the whole log. */
export interface ReadAllOptions {
  /** Events after this position. Default 0: from the beginning. */
  readonly afterPosition?: number;
  readonly countMax?: number;
  readonly filter?: EventFilter;
  readonly signal?: AbortSignal;
}

/** Which events; all that is named must hold. */
export interface EventFilter {
  readonly types?: readonly string[];
  /** Streams whose name begins with this. */
  readonly streamPrefix?: string;
  readonly tenant?: string;
}

/** How to follow the log. */
export interface TailOptions extends Omit<ReadAllOptions, "countMax" | "signal"> {
  /** Ends the tail; required, as a tail has no end of its own. */
  readonly signal: AbortSignal;
  /** How often to look where nobody tells. Milliseconds. Default 500. */
  readonly pollMs?: number;
}

/** An append-only log of events in streams. */
export interface EventLog {
  /**
   * Adds events to a stream, all or none, and resolves when they are kept. Rejects with `VersionConflict`, `InvalidEvent`,
   * or what the store fails with (`LogUnavailable`). An append whose first id is in the same stream already is a repetition: it
   * adds nothing and answers as the first time, whatever version is expected. An id that is in the log otherwise is refused with
   * `InvalidEvent`. The signal counts until the append is on its way to the store; from then on its outcome is waited for.
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    options?: { readonly expectedVersion?: ExpectedVersion; readonly signal?: AbortSignal },
  ): Promise<AppendResult>;
  /** The events of one stream in their order; none for a stream that is not there. Read in pages; never the whole at once. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<StoredEvent>;
  /** The events of all streams in the order of their positions. */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>;
  /** All events after a position, then each that is appended, by any process, until the signal ends it. Ends without an error. */
  tail(options: TailOptions): AsyncIterable<StoredEvent>;
  /** 0 for a stream that is not there. */
  streamVersion(stream: string): Promise<number>;
  /** Of the last event that may be read; 0 for an empty log. */
  lastPosition(): Promise<number>;
  /** Where a projection has got to, with its state. */
  readonly checkpoints: CheckpointStore;
  /** Long content beside the events, found by its hash. */
  readonly blobs: BlobStore;
  /**
   * Takes out events of a tenant that are older than its retention, and blobs that it put last before then, unless an event that is
   * left of it names their hash; a blob's content is gone when no tenant holds it any more. Streams keep their versions: what is
   * left stays as it was, so a stream may begin above 1. States of projections are not touched. Resolves with what is gone.
   */
  forget(options: ForgetOptions): Promise<{ readonly events: number; readonly blobs: number }>;
  close(): Promise<void>;
}

/** What is to be taken out. */
export interface ForgetOptions {
  /** Undefined: events of nobody in particular. */
  readonly tenant: string | undefined;
  /** Milliseconds since 1970. */
  readonly recordedBefore: number;
  readonly streamPrefix?: string;
  readonly signal?: AbortSignal;
}

/** Where projections keep how far they are. */
export interface CheckpointStore {
  read(projection: string): Promise<Checkpoint | undefined>;
  /**
   * Rejects with `VersionConflict` where the stored position is not `expectedPosition`: another process has gone on.
   * 0 expects none.
   */
  write(projection: string, checkpoint: Checkpoint, expectedPosition: number): Promise<void>;
}

/** How far a projection is, and what it had come to. */
export interface Checkpoint {
  readonly position: number;
  /** Any value of JSON; undefined where the projection keeps its state elsewhere. */
  readonly state?: JsonValue;
}

/** Content by its SHA-256. */
export interface BlobStore {
  /**
   * Resolves with the hash, in hexadecimal. The same content is kept once; to put it again makes it young again for `forget`. At most
   * `blobBytesMax` of the log.
   */
  put(content: Uint8Array, options?: { readonly tenant?: string }): Promise<string>;
  /** Undefined where there is none. Rejects with `LogUnavailable` where what is kept has another hash. */
  get(hash: string): Promise<Uint8Array | undefined>;
}
