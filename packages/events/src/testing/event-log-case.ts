import type { NewEvent, StoredEvent } from "../event.ts";
import type { EventLog } from "../event-log.ts";
import type { LogOptions } from "../log-options.ts";

/** A case for any test runner: it passes when `run` resolves, and the message of its rejection says what is wrong. */
export interface EventLogCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A kind of log that is to be tried. */
export interface EventLogSubject {
  /** A log with nothing in it, for each case anew. */
  readonly open: (options: LogOptions) => Promise<OpenedLog>;
}

export interface OpenedLog {
  readonly log: EventLog;
  /** The same events through another door, as another process has it. A log that no other process can reach gives itself. */
  readonly another: () => Promise<EventLog>;
  /** Called after the case, whose logs may be closed already. */
  readonly close: () => Promise<void>;
}

/** What a case is given. */
export interface CaseWorld extends Omit<OpenedLog, "close"> {
  /** The log's clock: set it. Milliseconds since 1970. */
  readonly clock: { now: number };
  /** Aborted when the case is over. */
  readonly signal: AbortSignal;
}

export type CheckCase = (world: CaseWorld) => Promise<void>;

const START_MS = 1_700_000_000_000;

/** Opens, checks, closes. */
export function eventLogCase(
  subject: EventLogSubject,
  name: string,
  check: CheckCase,
  options: Omit<LogOptions, "now"> = {},
): EventLogCase {
  const run = async (): Promise<void> => {
    const clock = { now: START_MS };
    const over = new AbortController();
    const opened = await subject.open({ ...options, now: () => clock.now });
    try {
      await check({ log: opened.log, another: opened.another, clock, signal: over.signal });
    } finally {
      over.abort();
      await opened.close();
    }
  };
  return { name, run };
}

/** An event whose content tells it from others. */
export function noted(text: string, more: Partial<NewEvent> = {}): NewEvent {
  return { type: "thing.noted", data: { text }, ...more };
}

export async function allOf(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export async function textsOf(events: AsyncIterable<StoredEvent>): Promise<unknown[]> {
  return (await allOf(events)).map(({ data }) =>
    typeof data === "object" && data !== null && "text" in data ? data.text : data,
  );
}

/** The first so many of an iteration, which is then ended. */
export async function take<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

/** What a promise rejects with, which has to be of that class. */
export async function rejection<Failure extends Error>(
  promise: Promise<unknown>,
  Class: abstract new (...args: never[]) => Failure,
): Promise<Failure> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`it resolved with ${JSON.stringify(outcome.value)}, where ${Class.name} was due`);
  if (outcome.error instanceof Class) return outcome.error;
  throw new Error(`it rejected with ${String(outcome.error)}, where ${Class.name} was due`, { cause: outcome.error });
}
