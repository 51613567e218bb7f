/**
 * Projections: a state that is folded from the whole log, kept beside it with how far it has come, and carried on from there. State and
 * position are written together, so after `kill -9` each event counts once for the state; an `apply` that also does something outside
 * of it has to bear an event twice.
 */
import { LogUnavailable, VersionConflict } from "./errors.ts";
import type { JsonValue, StoredEvent } from "./event.ts";
import type { Checkpoint, EventFilter, EventLog } from "./event-log.ts";

export interface Projection<State extends JsonValue> {
  /** Under which its checkpoint is kept. Another shape of state is another projection: give it another name. */
  readonly name: string;
  /** The state before the first event. */
  readonly initial: State;
  /** Returns the next state. It may change the one that it was given. */
  readonly apply: (state: State, event: StoredEvent) => State | Promise<State>;
  /** Which events. Default all. */
  readonly filter?: EventFilter;
  /** After how many events at most the checkpoint is written; it also is when the end of the log is reached. Default 100. */
  readonly checkpointEvery?: number;
}

export interface Projected<State extends JsonValue> {
  readonly state: State;
  /** Up to which the log was folded. */
  readonly position: number;
}

export interface RunProjectionOptions<State extends JsonValue> {
  readonly signal: AbortSignal;
  /** As of a tail. Milliseconds. Default 500. */
  readonly pollMs?: number;
  /** Told each time that the end of the log was reached and the checkpoint is written. Not to change the state. */
  readonly onCaughtUp?: (projected: Projected<State>) => void;
}

/**
 * Folds from its checkpoint to the end of the log, then each event that is appended, until the signal ends it; then it writes its
 * checkpoint and resolves. A store that goes away is waited for. Rejects with `VersionConflict` when another process runs the same
 * projection and was faster: its checkpoint is the valid one. Rejects with what `apply` throws; the checkpoint stays before that.
 */
export async function runProjection<State extends JsonValue>(
  log: EventLog,
  projection: Projection<State>,
  { signal, pollMs, onCaughtUp }: RunProjectionOptions<State>,
): Promise<Projected<State>> {
  const fold = await startFold(log, projection);
  while (!signal.aborted) {
    try {
      await foldToEnd(log, projection, fold, signal);
      if (!signal.aborted) onCaughtUp?.({ state: fold.state, position: fold.position });
    } catch (error) {
      if (!(error instanceof LogUnavailable) || signal.aborted) throw error;
    }
    await waitForNext(log, projection, fold.position, signal, pollMs);
  }
  return { state: fold.state, position: fold.position };
}

/** A tail bears a store that is away, and refuses a log that was closed. */
async function waitForNext<State extends JsonValue>(
  log: EventLog,
  { filter = {} }: Projection<State>,
  afterPosition: number,
  signal: AbortSignal,
  pollMs: number | undefined,
): Promise<void> {
  for await (const _next of log.tail({ afterPosition, filter, signal, ...(pollMs !== undefined && { pollMs }) })) return;
}

/**
 * Folds from the checkpoint to the end of the log and returns the state. It writes the checkpoint, so that the next time costs
 * less; where another process has carried the same projection on meanwhile, that one's stays.
 */
export async function projectOnce<State extends JsonValue>(
  log: EventLog,
  projection: Projection<State>,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): Promise<Projected<State>> {
  const fold = await startFold(log, projection);
  try {
    await foldToEnd(log, { ...projection, checkpointEvery: Number.POSITIVE_INFINITY }, fold, signal);
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
  }
  signal.throwIfAborted();
  return { state: fold.state, position: fold.position };
}

interface Fold<State> {
  state: State;
  position: number;
  /** What the stored checkpoint says. */
  writtenPosition: number;
  /** What it may say as well, since the store went away while it was written. */
  uncertainPosition: number | undefined;
  /** Events since it was written. */
  pending: number;
}

async function startFold<State extends JsonValue>(log: EventLog, { name, initial }: Projection<State>): Promise<Fold<State>> {
  const checkpoint = await log.checkpoints.read(name);
  const position = checkpoint?.position ?? 0;
  return { state: stateOf(checkpoint, initial), position, writtenPosition: position, uncertainPosition: undefined, pending: 0 };
}

/** The name vouches for the shape: see `Projection.name`. */
function stateOf<State extends JsonValue>(checkpoint: Checkpoint | undefined, initial: State): State {
  return checkpoint?.state === undefined ? structuredClone(initial) : (checkpoint.state as State);
}

async function foldToEnd<State extends JsonValue>(
  log: EventLog,
  projection: Projection<State>,
  fold: Fold<State>,
  signal: AbortSignal,
): Promise<void> {
  const { apply, filter = {}, checkpointEvery = 100 } = projection;
  // Nothing appears below it later, so what the filter passes over is done with as well.
  const end = await log.lastPosition();
  for await (const event of log.readAll({ afterPosition: fold.position, filter })) {
    if (signal.aborted) break;
    fold.state = await apply(fold.state, event);
    fold.position = event.position;
    fold.pending += 1;
    if (fold.pending >= checkpointEvery) await writeCheckpoint(log, projection, fold);
  }
  if (!signal.aborted) fold.position = Math.max(fold.position, end);
  if (fold.pending > 0) await writeCheckpoint(log, projection, fold);
}

async function writeCheckpoint<State extends JsonValue>(
  log: EventLog,
  projection: Projection<State>,
  fold: Fold<State>,
): Promise<void> {
  const { state, position } = fold;
  try {
    await log.checkpoints.write(projection.name, { position, state }, fold.writtenPosition);
  } catch (error) {
    if (error instanceof LogUnavailable) fold.uncertainPosition = position;
    const isOwn = error instanceof VersionConflict && error.actualVersion === fold.uncertainPosition;
    if (!isOwn) throw error;
    fold.writtenPosition = error.actualVersion;
    fold.uncertainPosition = undefined;
    return writeCheckpoint(log, projection, fold);
  }
  fold.writtenPosition = position;
  fold.uncertainPosition = undefined;
  fold.pending = 0;
}
