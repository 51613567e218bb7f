/** The values of the log: what is appended, and what is read back. Plain data; JSON there and back without loss. */

/** Any value of JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What is known of an event beside its content: who caused it, on whose behalf, in the course of what. */
export interface EventMetadata {
  /** Who caused it, as `key:k_7f3a` or `cli:anna`. */
  readonly actor?: string;
  /** Whose it is. Events of a tenant can be read alone, and forgotten by its retention. Absent: nobody's in particular. */
  readonly tenant?: string;
  /** Id of the event that led to this one. */
  readonly causationId?: string;
  /** What all events of one matter have in common. */
  readonly correlationId?: string;
  readonly [key: string]: JsonValue | undefined;
}

/** An event before it is in the log. */
export interface NewEvent<Type extends string = string, Data extends JsonValue = JsonValue> {
  /** A noun and a verb, as `key.created`. At most 200 characters. */
  readonly type: Type;
  readonly data: Data;
  /** Version of the data's shape. Default 1. Older shapes are brought up to date on read: see `Upcaster`. */
  readonly schemaVersion?: number;
  readonly metadata?: EventMetadata;
  /** Unique in the log. Default: a random UUID. An id that is there already makes an append a repetition: see `EventLog.append`. */
  readonly id?: string;
}

/** An event as it is in the log. */
export interface StoredEvent<Type extends string = string, Data extends JsonValue = JsonValue> {
  readonly id: string;
  readonly stream: string;
  /** Its place in the stream: 1, 2, 3 … without a gap, but for what was forgotten. */
  readonly version: number;
  /** Its place in the whole log: grows with every event, and may leave gaps. An event never appears below one that was read. */
  readonly position: number;
  readonly type: Type;
  readonly data: Data;
  readonly schemaVersion: number;
  readonly metadata: EventMetadata;
  /** Milliseconds since 1970, by the clock of the process that appended it. */
  readonly recordedAt: number;
}
