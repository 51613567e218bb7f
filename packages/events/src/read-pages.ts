/**
 * Reads a store page by page. Between two pages no transaction is open and others have their turn, so a slow reader stops
 * nobody; and the size of pages follows that of events, so a log of long ones does not fill the memory.
 */
import type { StoredEvent } from "./event.ts";
import type { ReadAllOptions, ReadStreamOptions } from "./event-log.ts";
import type { EventPage, EventStore, StoreFilter } from "./event-store.ts";

const PAGE_EVENTS_FIRST = 64;
const PAGE_EVENTS_MAX = 1000;
/** What a page should have. */
const PAGE_CHARACTERS = 1024 * 1024;

export function readStreamPages(store: EventStore, stream: string, options: ReadStreamOptions = {}): AsyncIterable<StoredEvent> {
  const { direction = "forward", signal, countMax } = options;
  const start = direction === "forward" ? 1 : Number.MAX_SAFE_INTEGER;
  const step = direction === "forward" ? 1 : -1;
  checkCount(options.fromVersion, "fromVersion", 1);
  return readPages(
    (fromVersion, count) => store.readStream({ stream, direction, fromVersion, countMax: count }),
    ({ version }) => version + step,
    options.fromVersion ?? start,
    countMax,
    signal,
  );
}

export function readLogPages(
  store: EventStore,
  options: Omit<ReadAllOptions, "filter"> & { readonly filter?: StoreFilter },
): AsyncIterable<StoredEvent> {
  const { afterPosition = 0, filter = {}, countMax, signal } = options;
  checkCount(afterPosition, "afterPosition", 0);
  return readPages(
    (after, count) => store.readAll({ afterPosition: after, countMax: count, filter }),
    ({ position }) => position,
    afterPosition,
    countMax,
    signal,
  );
}

async function* readPages(
  readPage: (cursor: number, countMax: number) => Promise<EventPage>,
  cursorAfter: (event: StoredEvent) => number,
  start: number,
  countMax = Number.POSITIVE_INFINITY,
  signal?: AbortSignal,
): AsyncGenerator<StoredEvent> {
  if (countMax !== Number.POSITIVE_INFINITY) checkCount(countMax, "countMax", 0);
  let [cursor, left, size] = [start, countMax, PAGE_EVENTS_FIRST];
  while (left > 0) {
    signal?.throwIfAborted();
    const asked = Math.min(size, left);
    const { events, characters } = await readPage(cursor, asked);
    for (const event of events) {
      signal?.throwIfAborted();
      yield event;
      cursor = cursorAfter(event);
    }
    if (events.length < asked) return;
    left -= events.length;
    size = Math.max(
      1,
      Math.min(PAGE_EVENTS_MAX, size * 4, Math.floor((PAGE_CHARACTERS * events.length) / Math.max(1, characters))),
    );
    // Memory and SQLite answer in the same turn: without this a long read would keep timers and sockets waiting.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}

function checkCount(value: number | undefined, name: string, least: number): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} is ${value}, not a whole number from ${least} on`);
}
