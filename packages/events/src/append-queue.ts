/**
 * Puts appends that come at the same time into one write. A transaction costs the same for one append as for a hundred (a round
 * trip, a flush to the disk), so what arrives while one is under way goes together into the next.
 */
import { LogUnavailable } from "./errors.ts";
import type { AppendOutcome, EventStore, PreparedAppend } from "./event-store.ts";

/** Of one write: bounds how long others wait behind it, and the memory that it takes. */
const BATCH_APPENDS_MAX = 256;
const BATCH_CHARACTERS_MAX = 4 * 1024 * 1024;

export interface AppendQueue {
  /**
   * Resolves when the append is kept, or could not be. A signal takes it out as long as it waits; once it is on its way it is
   * waited for, as nobody could tell otherwise what became of it.
   */
  add(append: PreparedAppend, signal: AbortSignal | undefined): Promise<AppendOutcome>;
  /** Resolves when all that was added has come to an end. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly append: PreparedAppend;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

export function createAppendQueue(store: EventStore, pendingMax: number): AppendQueue {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  function add(append: PreparedAppend, signal: AbortSignal | undefined): Promise<AppendOutcome> {
    if (waiting.length >= pendingMax) {
      return Promise.reject(new LogUnavailable(`${pendingMax} appends wait for ${store.name} already: append more slowly`));
    }
    return new Promise((resolve, reject) => {
      waiting.push({ append, resolve, reject, signal });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    // Whatever else is appended in this turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) await write(takeBatch());
    running = undefined;
  }

  function takeBatch(): readonly Waiting[] {
    let [count, characters] = [0, 0];
    for (const { append } of waiting) {
      if (count >= BATCH_APPENDS_MAX || (count > 0 && characters + append.characters > BATCH_CHARACTERS_MAX)) break;
      count += 1;
      characters += append.characters;
    }
    const batch = waiting.splice(0, count);
    for (const { signal, reject } of batch) if (signal?.aborted) reject(signal.reason);
    return batch.filter(({ signal }) => !signal?.aborted);
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const outcomes = await store.write(batch.map(({ append }) => append));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new LogUnavailable(`${store.name} did not answer`, { outcomeUnknown: true }));
        else resolve(outcome);
      }
    } catch (error) {
      if (batch.length === 1 || error instanceof LogUnavailable) for (const { reject } of batch) reject(error);
      else for (const one of batch) await write([one]);
    }
  }

  return { add, drain: async () => running };
}
