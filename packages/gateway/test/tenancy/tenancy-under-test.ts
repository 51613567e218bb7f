/** Keys and teams over a log in memory, with a clock that stands until it is moved. */
import { createMemoryLog, type EventLog, type StoredEvent } from "@dragoman/events";
import { DragomanError, Secret } from "@dragoman/llm";
import { createTenancy, type TenancyOptions } from "../../src/tenancy/create-tenancy.ts";
import type { Tenancy } from "../../src/tenancy/tenancy.ts";

export const PEPPER = new Secret("a pepper of the tests, long enough");
export const NOTHING_CONFIGURED = { keys: {}, teams: {} };
export const START = Date.UTC(2026, 0, 1);

export interface MovableClock {
  (): number;
  move(ms: number): void;
}

export function movableClock(): MovableClock {
  let now = START;
  function move(ms: number): void {
    now += ms;
  }
  return Object.assign(() => now, { move });
}

export function openTenancy(options: Partial<TenancyOptions> = {}): Promise<Tenancy> {
  return createTenancy({
    log: createMemoryLog(),
    configuration: NOTHING_CONFIGURED,
    pepper: PEPPER,
    clock: movableClock(),
    follow: false,
    ...options,
  });
}

/** What was thrown; fails where nothing was. */
export function thrownBy(action: () => unknown): DragomanError {
  try {
    action();
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

export async function rejectionOf(promise: Promise<unknown>): Promise<DragomanError> {
  try {
    await promise;
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("it was not rejected");
}

export async function allEvents(log: EventLog): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of log.readAll()) events.push(event);
  return events;
}
