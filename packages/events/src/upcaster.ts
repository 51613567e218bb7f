/** Brings the data of older events into today's shape, step by step, when they are read. What is in the log stays as it was. */
import { InvalidEvent } from "./errors.ts";
import type { JsonValue, StoredEvent } from "./event.ts";

/** From one shape of a type's data to a later one. */
export interface UpcastStep {
  readonly type: string;
  /** A version of the shape, as `schemaVersion` of the event. */
  readonly from: number;
  /** Later than `from`. */
  readonly to: number;
  /** Pure. `event` is the event as it is in the log, for what lies beside the data. */
  readonly upcast: (data: JsonValue, event: StoredEvent) => JsonValue;
}

export interface Upcaster {
  /** The version that a new event of the type has; undefined for a type without steps. */
  latestVersion(type: string): number | undefined;
  /**
   * The event in the latest shape of its type. Throws `InvalidEvent` for a shape that no step begins with: one older than the
   * first step, or one that a newer program has written.
   */
  upcast(event: StoredEvent): StoredEvent;
}

interface Chain {
  readonly latest: number;
  readonly steps: ReadonlyMap<number, UpcastStep>;
}

/** Throws when the steps of a type do not lead, each to the next, from the oldest version to the latest. */
export function createUpcaster(steps: readonly UpcastStep[]): Upcaster {
  const chains = new Map<string, Chain>();
  for (const [type, ofType] of Map.groupBy(steps, ({ type }) => type)) chains.set(type, createChain(type, ofType));
  return {
    latestVersion: (type) => chains.get(type)?.latest,
    upcast(event) {
      const chain = chains.get(event.type);
      return chain === undefined ? event : upcastAlong(chain, event);
    },
  };
}

function createChain(type: string, steps: readonly UpcastStep[]): Chain {
  const byVersion = new Map<number, UpcastStep>();
  for (const step of steps) {
    const { from, to } = step;
    if (!isVersion(from) || !isVersion(to) || to <= from) {
      throw new Error(
        `${type} cannot be brought from version ${from} to ${to}: give whole numbers from 1 on, the later one second`,
      );
    }
    if (byVersion.has(from)) throw new Error(`${type} has two ways on from version ${from}: leave one`);
    byVersion.set(from, step);
  }
  const latest = Math.max(...steps.map(({ to }) => to));
  const gap = steps.find(({ to }) => to !== latest && !byVersion.has(to));
  if (gap !== undefined) {
    throw new Error(
      `${type} is brought to version ${gap.to}, and no step leads on from there to ${latest}: add the one that is missing`,
    );
  }
  return { latest, steps: byVersion };
}

function upcastAlong({ latest, steps }: Chain, event: StoredEvent): StoredEvent {
  let { data, schemaVersion } = event;
  while (schemaVersion !== latest) {
    const step = steps.get(schemaVersion);
    if (step === undefined) {
      throw new InvalidEvent(
        `${event.type} at position ${event.position} has shape ${schemaVersion}, from which nothing leads to ${latest}: ` +
          (schemaVersion > latest ? "a newer program wrote it, so update this one" : "add the step that is missing"),
      );
    }
    data = step.upcast(data, event);
    schemaVersion = step.to;
  }
  return schemaVersion === event.schemaVersion ? event : { ...event, data, schemaVersion };
}

function isVersion(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
