/** Checks an append and turns its events into what a store writes. Throws `InvalidEvent`, which names what is wrong where. */
import { InvalidEvent } from "./errors.ts";
import type { EventMetadata, NewEvent } from "./event.ts";
import { createEventId } from "./event-id.ts";
import type { ExpectedVersion } from "./event-log.ts";
import type { PreparedAppend, PreparedEvent } from "./event-store.ts";
import { checkBytes, jsonText } from "./json-text.ts";
import type { LogLimits } from "./log-options.ts";

/** Of types, ids, tenants and projections. */
const NAME_CHARACTERS_MAX = 200;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** What a store and its index may hold of a name; control characters would not come back from every store. */
export function checkName(value: unknown, name: string, charactersMax = NAME_CHARACTERS_MAX): asserts value is string {
  if (typeof value !== "string" || value === "") throw new InvalidEvent(`${name} is not a name: a text of one character or more`);
  if (value.length > charactersMax) {
    throw new InvalidEvent(`${name} has ${value.length} characters, and at most ${charactersMax} are taken`);
  }
  if (CONTROL_CHARACTER.test(value)) throw new InvalidEvent(`${name} has a control character`);
  if (!value.isWellFormed()) throw new InvalidEvent(`${name} has half of a surrogate pair`);
}

export function prepareAppend(
  stream: string,
  events: readonly NewEvent[],
  expectedVersion: ExpectedVersion,
  recordedAt: number,
  limits: LogLimits,
): PreparedAppend {
  checkName(stream, "the stream", limits.streamCharactersMax);
  if (expectedVersion !== "any") checkVersion(expectedVersion, "expectedVersion", 0);
  if (events.length === 0) throw new InvalidEvent(`nothing to append to ${stream}`);
  if (events.length > limits.appendEventsMax) {
    throw new InvalidEvent(`${events.length} events for ${stream}, and at most ${limits.appendEventsMax} are taken at once`);
  }
  const prepared = events.map((event, index) => prepareEvent(event, `event ${index + 1} for ${stream}`, recordedAt, limits));
  checkIds(prepared, stream);
  const characters = prepared.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
  if (characters * 3 > limits.appendBytesMax) {
    checkBytes(prepared.map(({ data, metadata }) => data + metadata).join(""), limits.appendBytesMax, `the append to ${stream}`);
  }
  return {
    stream,
    expectedVersion: expectedVersion === "any" ? undefined : expectedVersion,
    events: prepared,
    recordedAt,
    characters,
  };
}

function prepareEvent(event: NewEvent, name: string, recordedAt: number, limits: LogLimits): PreparedEvent {
  const { type, data, schemaVersion = 1, metadata = {}, id } = event;
  checkName(type, `the type of ${name}`);
  const called = `${type}, ${name},`;
  if (id !== undefined) checkName(id, `the id of ${called}`);
  checkVersion(schemaVersion, `schemaVersion of ${called}`, 1);
  const prepared = {
    id: id ?? createEventId(recordedAt),
    isIdGiven: id !== undefined,
    type,
    data: jsonText(data, `data of ${called}`),
    schemaVersion,
    metadata: metadataText(metadata, called),
    tenant: metadata.tenant,
  };
  checkBytes(prepared.data + prepared.metadata, limits.eventBytesMax, called);
  return prepared;
}

const METADATA_NAMES = ["actor", "tenant", "causationId", "correlationId"] as const;

/** A member that is undefined counts as absent, as its type lets it be. */
function metadataText(metadata: EventMetadata, called: string): string {
  for (const name of METADATA_NAMES) {
    if (metadata[name] !== undefined) checkName(metadata[name], `metadata.${name} of ${called}`);
  }
  const present = Object.entries(metadata).filter(([, value]) => value !== undefined);
  return jsonText(Object.fromEntries(present), `metadata of ${called}`);
}

function checkIds(events: readonly PreparedEvent[], stream: string): void {
  const given = events.filter(({ isIdGiven }) => isIdGiven).map(({ id }) => id);
  if (new Set(given).size < given.length) throw new InvalidEvent(`two events for ${stream} have the same id`);
}

function checkVersion(value: unknown, name: string, least: number): void {
  const isVersion = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value < 2 ** 31;
  if (!isVersion) throw new InvalidEvent(`${name} is ${String(value)}, not a whole number from ${least} to 2 147 483 647`);
}
