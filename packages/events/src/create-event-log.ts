/** Makes a log of a store: checks what goes in, groups appends, reads in pages, follows, forgets. */
import { type AppendQueue, createAppendQueue } from "./append-queue.ts";
import { type Bell, createBell } from "./bell.ts";
import { InvalidEvent, LogUnavailable, VersionConflict } from "./errors.ts";
import type { JsonValue, StoredEvent } from "./event.ts";
import type { AppendResult, BlobStore, CheckpointStore, EventLog, ReadAllOptions, TailOptions } from "./event-log.ts";
import type { AppendOutcome, EventStore, PreparedAppend } from "./event-store.ts";
import { followLog } from "./follow-log.ts";
import { forget } from "./forget.ts";
import { checkBytes, jsonText } from "./json-text.ts";
import { type LogLimits, type LogOptions, logLimits } from "./log-options.ts";
import { checkName, prepareAppend } from "./prepare-append.ts";
import { readLogPages, readStreamPages } from "./read-pages.ts";
import { sha256 } from "./sha256.ts";

export function createEventLog(store: EventStore, options: LogOptions = {}): EventLog {
  const limits = logLimits(options.limits);
  const now = options.now ?? Date.now;
  const bell = createBell();
  const closing = new AbortController();
  const queue = createAppendQueue(store, limits.pendingAppendsMax);
  const tail = tails(store, bell, closing.signal, options.onUnavailable);
  const checkOpen = (): void => {
    if (closing.signal.aborted) throw new LogUnavailable(`${store.name} was closed`);
  };

  return {
    async append(stream, events, { expectedVersion = "any", signal } = {}) {
      checkOpen();
      signal?.throwIfAborted();
      const append = prepareAppend(stream, events, expectedVersion, now(), limits);
      const result = await settle(store, queue, append, signal);
      if (!result.repeated) bell.ring();
      return result;
    },
    readStream: (stream, readOptions) => whenOpen(checkOpen, () => readStreamPages(store, stream, readOptions)),
    readAll: (readOptions: ReadAllOptions = {}) => whenOpen(checkOpen, () => readLogPages(store, readOptions)),
    tail: (tailOptions) => whenOpen(checkOpen, () => tail(tailOptions)),
    async streamVersion(stream) {
      checkOpen();
      return store.streamVersion(stream);
    },
    async lastPosition() {
      checkOpen();
      return store.lastPosition();
    },
    checkpoints: createCheckpoints(store, limits, checkOpen),
    blobs: createBlobs(store, limits, now, checkOpen),
    async forget(forgetOptions) {
      checkOpen();
      return forget(store, forgetOptions);
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await queue.drain();
      await store.close();
    },
  };
}

/** Options are checked, and the store asked, when the iteration begins. */
async function* whenOpen(checkOpen: () => void, read: () => AsyncIterable<StoredEvent>): AsyncGenerator<StoredEvent> {
  checkOpen();
  yield* read();
}

async function settle(
  store: EventStore,
  queue: AppendQueue,
  append: PreparedAppend,
  signal: AbortSignal | undefined,
): Promise<AppendResult> {
  const outcome = await queue.add(append, signal);
  switch (outcome.type) {
    case "added":
      return addedResult(append, outcome);
    case "repeated":
      return repeatedResult(store, append, outcome.firstVersion);
    case "conflict":
      throw new VersionConflict(append.stream, append.expectedVersion ?? 0, outcome.actualVersion);
    case "id-taken":
      throw new InvalidEvent(
        `the id ${outcome.id} is in the log already, and this append to ${append.stream} is no repetition of that`,
      );
  }
}

function addedResult(
  { stream, events, recordedAt }: PreparedAppend,
  { firstVersion, firstPosition }: Extract<AppendOutcome, { type: "added" }>,
): AppendResult {
  const last = events.length - 1;
  return {
    version: firstVersion + last,
    position: firstPosition + last,
    events: events.map(({ id, type, data, schemaVersion, metadata }, index) => ({
      id,
      stream,
      version: firstVersion + index,
      position: firstPosition + index,
      type,
      data: JSON.parse(data),
      schemaVersion,
      metadata: JSON.parse(metadata),
      recordedAt,
    })),
    repeated: false,
  };
}

/**
 * What the first append came to, as its own answer would have said. Events of it that were forgotten since are missing; others in
 * their place mean that this is not the same append.
 */
async function repeatedResult(
  store: EventStore,
  { stream, events }: PreparedAppend,
  firstVersion: number,
): Promise<AppendResult> {
  const version = firstVersion + events.length - 1;
  const query = { stream, direction: "forward", fromVersion: firstVersion, countMax: events.length } as const;
  const found = (await store.readStream(query)).events.filter((event) => event.version <= version);
  const other = found.find((event) => {
    const asked = events[event.version - firstVersion];
    return asked === undefined || asked.type !== event.type || (asked.isIdGiven && asked.id !== event.id);
  });
  if (other !== undefined || version > (await store.streamVersion(stream))) {
    throw new InvalidEvent(
      `the id ${events[0]?.id} is in ${stream} already, at version ${firstVersion}, as the beginning of another append`,
    );
  }
  return { version, position: found.at(-1)?.position ?? 0, events: found, repeated: true };
}

function tails(store: EventStore, bell: Bell, closed: AbortSignal, onUnavailable: LogOptions["onUnavailable"]) {
  let open = 0;
  let stopWatching: (() => void) | undefined;

  return async function* tail({ signal, ...options }: TailOptions): AsyncGenerator<StoredEvent> {
    open += 1;
    stopWatching ??= store.watch?.(bell.ring);
    try {
      yield* followLog(store, bell, options, AbortSignal.any([signal, closed]), (error) => onUnavailable?.(error));
    } finally {
      open -= 1;
      if (open === 0) {
        stopWatching?.();
        stopWatching = undefined;
      }
    }
  };
}

function createCheckpoints(store: EventStore, limits: LogLimits, checkOpen: () => void): CheckpointStore {
  return {
    async read(projection) {
      checkOpen();
      const found = await store.readCheckpoint(projection);
      if (found === undefined) return undefined;
      const { position, state } = found;
      return state === undefined ? { position } : { position, state: JSON.parse(state) as JsonValue };
    },
    async write(projection, { position, state }, expectedPosition) {
      checkOpen();
      checkName(projection, "the projection");
      if (!Number.isSafeInteger(position) || position < 0) throw new InvalidEvent(`${position} is not a position`);
      const text = state === undefined ? undefined : jsonText(state, `the state of ${projection}`);
      if (text !== undefined) checkBytes(text, limits.checkpointBytesMax, `the state of ${projection}`);
      const stored = await store.writeCheckpoint(projection, { position, state: text }, expectedPosition);
      if (stored !== expectedPosition) throw new VersionConflict(`the checkpoint of ${projection}`, expectedPosition, stored);
    },
  };
}

function createBlobs(store: EventStore, limits: LogLimits, now: () => number, checkOpen: () => void): BlobStore {
  return {
    async put(content, { tenant } = {}) {
      checkOpen();
      if (tenant !== undefined) checkName(tenant, "the tenant");
      if (content.byteLength > limits.blobBytesMax) {
        throw new InvalidEvent(`a blob of ${content.byteLength} bytes, and at most ${limits.blobBytesMax} are taken`);
      }
      const copy = Uint8Array.from(content);
      const hash = await sha256(copy);
      await store.putBlob({ hash, content: copy, tenant, storedAt: now() });
      return hash;
    },
    async get(hash) {
      checkOpen();
      const content = await store.getBlob(hash);
      if (content === undefined) return undefined;
      const found = await sha256(content);
      if (found !== hash) throw new LogUnavailable(`${store.name} is damaged: the blob ${hash} has the hash ${found}`);
      return content;
    },
  };
}
