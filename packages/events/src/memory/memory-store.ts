import type { StoredEvent } from "../event.ts";
import type {
  AppendOutcome,
  CheckpointText,
  EventPage,
  EventStore,
  LogPageQuery,
  PreparedAppend,
  StoreFilter,
  StreamPageQuery,
} from "../event-store.ts";
import { createMemoryBlobs } from "./memory-blobs.ts";

interface Stream {
  version: number;
  /** In the order of their versions; those that were forgotten are missing. */
  events: StoredEvent[];
}

export function createMemoryStore(): EventStore {
  const streams = new Map<string, Stream>();
  const byId = new Map<string, StoredEvent>();
  const checkpoints = new Map<string, CheckpointText>();
  let log: StoredEvent[] = [];
  let position = 0;

  function write(append: PreparedAppend): AppendOutcome {
    const { stream, expectedVersion, events } = append;
    const [first] = events;
    const same = byId.get(first?.id ?? "");
    if (same?.stream === stream) return { type: "repeated", firstVersion: same.version };
    const taken = events.find(({ id }) => byId.has(id));
    if (taken !== undefined) return { type: "id-taken", id: taken.id };
    const actualVersion = streams.get(stream)?.version ?? 0;
    if (expectedVersion !== undefined && expectedVersion !== actualVersion) return { type: "conflict", actualVersion };
    const outcome = { type: "added", firstVersion: actualVersion + 1, firstPosition: position + 1 } as const;
    keep(append, actualVersion);
    return outcome;
  }

  function keep({ stream, events, recordedAt }: PreparedAppend, version: number): void {
    const kept = streams.get(stream) ?? { version: 0, events: [] };
    streams.set(stream, kept);
    kept.version = version;
    for (const { id, type, data, schemaVersion, metadata } of events) {
      position += 1;
      kept.version += 1;
      const content = { data: JSON.parse(data), metadata: JSON.parse(metadata) };
      const event: StoredEvent = { id, stream, version: kept.version, position, type, schemaVersion, recordedAt, ...content };
      deepFreeze(event);
      kept.events.push(event);
      log.push(event);
      byId.set(id, event);
    }
  }

  function remove(gone: ReadonlySet<StoredEvent>): void {
    log = log.filter((event) => !gone.has(event));
    for (const { id } of gone) byId.delete(id);
    for (const name of new Set([...gone].map(({ stream }) => stream))) {
      const stream = streams.get(name);
      if (stream !== undefined) stream.events = stream.events.filter((event) => !gone.has(event));
    }
  }

  return {
    name: "the log in memory",
    write: async (appends) => appends.map(write),
    readStream: async (query) => page(streamPage(streams.get(query.stream)?.events ?? [], query)),
    readAll: async (query) => page(logPage(log, query)),
    streamVersion: async (stream) => streams.get(stream)?.version ?? 0,
    lastPosition: async () => log.at(-1)?.position ?? 0,
    readCheckpoint: async (projection) => checkpoints.get(projection),
    async writeCheckpoint(projection, checkpoint, expectedPosition) {
      const stored = checkpoints.get(projection)?.position ?? 0;
      if (stored === expectedPosition) checkpoints.set(projection, checkpoint);
      return stored;
    },
    ...createMemoryBlobs(),
    async forgetEvents({ tenant, recordedBefore, streamPrefix, countMax }) {
      const matches = matcher({ tenant: tenant ?? null, streamPrefix });
      const gone = log.filter((event) => event.recordedAt < recordedBefore && matches(event)).slice(0, countMax);
      remove(new Set(gone));
      return gone.length;
    },
    close: async () => {},
  };
}

/** Nothing is parsed or copied for a page, so its size does not matter. */
function page(events: readonly StoredEvent[]): EventPage {
  return { events, characters: 0 };
}

function streamPage(
  events: readonly StoredEvent[],
  { direction, fromVersion, countMax }: StreamPageQuery,
): readonly StoredEvent[] {
  if (direction === "forward") {
    const start = firstIndex(events, ({ version }) => version >= fromVersion);
    return events.slice(start, start + countMax);
  }
  const end = firstIndex(events, ({ version }) => version > fromVersion);
  return events.slice(Math.max(0, end - countMax), end).reverse();
}

function logPage(log: readonly StoredEvent[], { afterPosition, countMax, filter }: LogPageQuery): readonly StoredEvent[] {
  const matches = matcher(filter);
  const found: StoredEvent[] = [];
  for (let index = firstIndex(log, ({ position }) => position > afterPosition); index < log.length; index += 1) {
    const event = log[index];
    if (event === undefined || found.length === countMax) break;
    if (matches(event)) found.push(event);
  }
  return found;
}

function matcher({ types, streamPrefix, tenant }: StoreFilter): (event: StoredEvent) => boolean {
  return ({ type, stream, metadata }) =>
    (types === undefined || types.includes(type)) &&
    (streamPrefix === undefined || stream.startsWith(streamPrefix)) &&
    (tenant === undefined || (metadata.tenant ?? null) === tenant);
}

/** Binary search: `holds` is false up to some index, and true from there on. The length where it holds nowhere. */
function firstIndex(events: readonly StoredEvent[], holds: (event: StoredEvent) => boolean): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const event = events[middle];
    if (event !== undefined && holds(event)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function deepFreeze(value: object): void {
  Object.freeze(value);
  for (const member of Object.values(value)) if (typeof member === "object" && member !== null) deepFreeze(member);
}
