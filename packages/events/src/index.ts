/** `@dragoman/events`: every public name, listed by hand. It runs wherever there is Web Crypto; databases are entries of their own. */
export { createEventLog } from "./create-event-log.ts";
export { type DecideOptions, type Decision, decide, type StreamFold } from "./decide.ts";
export { InvalidEvent, LogUnavailable, VersionConflict } from "./errors.ts";
export type { EventMetadata, JsonValue, NewEvent, StoredEvent } from "./event.ts";
export type {
  AppendResult,
  BlobStore,
  Checkpoint,
  CheckpointStore,
  EventFilter,
  EventLog,
  ExpectedVersion,
  ForgetOptions,
  ReadAllOptions,
  ReadStreamOptions,
  TailOptions,
} from "./event-log.ts";
export type {
  AppendOutcome,
  CheckpointText,
  EventPage,
  EventStore,
  ForgetQuery,
  LogPageQuery,
  PreparedAppend,
  PreparedEvent,
  StaleBlobQuery,
  StoredBlob,
  StoreFilter,
  StreamPageQuery,
} from "./event-store.ts";
export { type FoldedStream, foldStream } from "./fold-stream.ts";
export type { LogLimits, LogOptions } from "./log-options.ts";
export { createMemoryLog } from "./memory/memory-log.ts";
export { type Projected, type Projection, projectOnce, type RunProjectionOptions, runProjection } from "./projection.ts";
export { createUpcaster, type Upcaster, type UpcastStep } from "./upcaster.ts";
export { withUpcasting } from "./with-upcasting.ts";
