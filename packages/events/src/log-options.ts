/** What every log takes, wherever it keeps its events. */
import type { LogUnavailable } from "./errors.ts";

export interface LogOptions {
  readonly limits?: Partial<LogLimits>;
  /** The clock behind `recordedAt`. Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Told when a tail cannot read. It tries again by itself until its signal ends it. */
  readonly onUnavailable?: (error: LogUnavailable) => void;
}

/** Beyond these an append, a blob or a checkpoint is refused with `InvalidEvent`. */
export interface LogLimits {
  /** Default 400. PostgreSQL cannot index more than about 600 characters outside of ASCII. */
  readonly streamCharactersMax: number;
  /** Data and metadata of one event as JSON in UTF-8. Default 1 MiB. */
  readonly eventBytesMax: number;
  /** Default 1000. */
  readonly appendEventsMax: number;
  /** All events of one append together. Default 16 MiB. */
  readonly appendBytesMax: number;
  /** Appends that wait for the store. More are refused with `LogUnavailable`. Default 10 000. */
  readonly pendingAppendsMax: number;
  /** Default 32 MiB. */
  readonly blobBytesMax: number;
  /** A projection's state as JSON in UTF-8. Default 16 MiB. */
  readonly checkpointBytesMax: number;
}

const MIB = 1024 * 1024;

const DEFAULT_LIMITS: LogLimits = {
  streamCharactersMax: 400,
  eventBytesMax: MIB,
  appendEventsMax: 1000,
  appendBytesMax: 16 * MIB,
  pendingAppendsMax: 10_000,
  blobBytesMax: 32 * MIB,
  checkpointBytesMax: 16 * MIB,
};

/** Throws a `RangeError` for a limit that is no whole number above 0. */
export function logLimits(limits: Partial<LogLimits> = {}): LogLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`limits.${name} is ${value}, not a whole number above 0`);
  }
  return { ...DEFAULT_LIMITS, ...limits };
}
