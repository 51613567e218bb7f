import type { NewEvent, StoredEvent } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import type { Upcaster } from "./upcaster.ts";

/**
 * A log whose events are read in the latest shape. What is appended without a `schemaVersion` gets the latest of its type, as
 * that is the shape that today's program writes. It is the same log: closing either closes both.
 */
export function withUpcasting(log: EventLog, upcaster: Upcaster): EventLog {
  const latest = (event: NewEvent): NewEvent => {
    const schemaVersion = event.schemaVersion ?? upcaster.latestVersion(event.type);
    return schemaVersion === undefined ? event : { ...event, schemaVersion };
  };
  return {
    async append(stream, events, options) {
      const result = await log.append(stream, events.map(latest), options);
      return { ...result, events: result.events.map(upcaster.upcast) };
    },
    readStream: (stream, options) => upcastAll(log.readStream(stream, options), upcaster),
    readAll: (options) => upcastAll(log.readAll(options), upcaster),
    tail: (options) => upcastAll(log.tail(options), upcaster),
    streamVersion: (stream) => log.streamVersion(stream),
    lastPosition: () => log.lastPosition(),
    checkpoints: log.checkpoints,
    blobs: log.blobs,
    forget: (options) => log.forget(options),
    close: () => log.close(),
  };
}

async function* upcastAll(events: AsyncIterable<StoredEvent>, upcaster: Upcaster): AsyncGenerator<StoredEvent> {
  for await (const event of events) yield upcaster.upcast(event);
}
