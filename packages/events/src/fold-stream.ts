import type { StoredEvent } from "./event.ts";
import type { EventLog } from "./event-log.ts";

/** What one stream has come to, and at which version. */
export interface FoldedStream<State> {
  readonly state: State;
  /** What to expect when a decision on this state is appended. 0 for a stream that is not there. */
  readonly version: number;
}

/**
 * Folds the events of one stream. `apply` gets each in its order and returns the next state; it should not change the one that it
 * was given, as `initial` is the first of them. Of a stream whose events were forgotten only what is left is folded.
 */
export async function foldStream<State>(
  log: EventLog,
  stream: string,
  initial: State,
  apply: (state: State, event: StoredEvent) => State,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<FoldedStream<State>> {
  // Asked before the events are: what comes in between is then folded, and not only counted.
  let version = await log.streamVersion(stream);
  let state = initial;
  for await (const event of log.readStream(stream, signal && { signal })) {
    state = apply(state, event);
    version = Math.max(version, event.version);
  }
  return { state, version };
}
