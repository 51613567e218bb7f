/** Read, decide, append; and again, when another writer came between. */
import { VersionConflict } from "./errors.ts";
import type { NewEvent, StoredEvent } from "./event.ts";
import type { AppendResult, EventLog } from "./event-log.ts";
import { foldStream } from "./fold-stream.ts";

/** What a decision rests on. */
export interface StreamFold<State> {
  readonly initial: State;
  readonly apply: (state: State, event: StoredEvent) => State;
}

export interface Decision<State> {
  /** That was decided on: before the events. */
  readonly state: State;
  /** Of the stream, after the decision. */
  readonly version: number;
  /** Undefined where nothing was to be done. */
  readonly appended: AppendResult | undefined;
}

export interface DecideOptions {
  /** How often to decide in all. Default 5. */
  readonly attemptsMax?: number;
  readonly signal?: AbortSignal;
}

/**
 * Folds the stream, lets `decideNext` say what happens next (no event: nothing), and appends that only if the stream is still as
 * it was folded; else it folds and decides anew. Rejects with the last `VersionConflict` after `attemptsMax` times, and with what
 * `decideNext` throws at once.
 */
export async function decide<State>(
  log: EventLog,
  stream: string,
  { initial, apply }: StreamFold<State>,
  decideNext: (state: State, version: number) => readonly NewEvent[] | Promise<readonly NewEvent[]>,
  { attemptsMax = 5, signal }: DecideOptions = {},
): Promise<Decision<State>> {
  for (let attempt = 1; ; attempt += 1) {
    const { state, version } = await foldStream(log, stream, initial, apply, signal && { signal });
    const events = await decideNext(state, version);
    if (events.length === 0) return { state, version, appended: undefined };
    try {
      const appended = await log.append(stream, events, { expectedVersion: version, ...(signal && { signal }) });
      return { state, version: appended.version, appended };
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt >= attemptsMax) throw error;
    }
  }
}
