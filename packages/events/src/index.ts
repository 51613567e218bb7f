/** `@dragoman/events`: every public name, listed by hand. */
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
