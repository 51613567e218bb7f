/** A tail: reads to the end, waits until there is more, reads on. What cannot be reached is tried again, until the signal ends it. */
import type { Bell } from "./bell.ts";
import { LogUnavailable } from "./errors.ts";
import type { StoredEvent } from "./event.ts";
import type { TailOptions } from "./event-log.ts";
import type { EventStore } from "./event-store.ts";
import { readLogPages } from "./read-pages.ts";

const POLL_MS = 500;

/** `signal` also ends it when the log is closed. */
export async function* followLog(
  store: EventStore,
  bell: Bell,
  options: Omit<TailOptions, "signal">,
  signal: AbortSignal,
  onUnavailable: (error: LogUnavailable) => void,
): AsyncGenerator<StoredEvent> {
  const { filter = {}, pollMs = POLL_MS } = options;
  let after = options.afterPosition ?? 0;
  while (!signal.aborted) {
    const { rings } = bell;
    try {
      // Nothing appears below a position that can be read: what the filter passed over need not be looked at again.
      const end = await store.lastPosition();
      if (end > after) {
        for await (const event of readLogPages(store, { afterPosition: after, filter, signal })) {
          after = event.position;
          yield event;
        }
        after = Math.max(after, end);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LogUnavailable)) throw error;
      onUnavailable(error);
    }
    await bell.wait(rings, pollMs, signal);
  }
}
