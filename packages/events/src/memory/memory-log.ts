/** A log in memory: for tests, and for what need not outlive the process. */
import { createEventLog } from "../create-event-log.ts";
import type { EventLog } from "../event-log.ts";
import type { LogOptions } from "../log-options.ts";
import { createMemoryStore } from "./memory-store.ts";

/** Nothing is kept when the process ends, and nothing is thrown away before, unless `forget` does. */
export function createMemoryLog(options: LogOptions = {}): EventLog {
  return createEventLog(createMemoryStore(), options);
}
