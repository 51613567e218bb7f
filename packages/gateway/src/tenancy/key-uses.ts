/**
 * When each key was last used: in memory, and kept beside the events at most once a minute, all keys at once. A use is no decision, so it is
 * no event. What was used in the minute before a crash is not known.
 */
import { type EventLog, VersionConflict } from "@dragoman/events";
import { isJsonObject } from "@dragoman/llm";

export interface KeyUses {
  note(id: string, now: number): void;
  lastUsedAt(id: string): number | undefined;
  /** Takes in what other processes have kept. */
  load(): Promise<void>;
  /** Writes what is new. */
  flush(): Promise<void>;
}

const PROJECTION = "tenancy:last-used";
const WRITE_EVERY_MS = 60_000;
/** Of writers that came in between. */
const TRIES_MAX = 5;

/** `isKnown`: whose uses are still worth keeping. */
export function createKeyUses(log: EventLog, isKnown: (id: string) => boolean, onProblem: (error: unknown) => void): KeyUses {
  const uses = new Map<string, number>();
  let isDirty = false;
  let wroteAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  function note(id: string, now: number): void {
    uses.set(id, now);
    isDirty = true;
    if (now - wroteAt < WRITE_EVERY_MS) return;
    wroteAt = now;
    void flush();
  }

  function flush(): Promise<void> {
    writing = writing.then(write).catch(onProblem);
    return writing;
  }

  async function write(): Promise<void> {
    if (!isDirty) return;
    isDirty = false;
    try {
      await writeMerged();
    } catch (error) {
      isDirty = true;
      throw error;
    }
  }

  async function writeMerged(): Promise<void> {
    for (let tried = 1; ; tried++) {
      const position = await load();
      const state = Object.fromEntries([...uses].filter(([id]) => isKnown(id)));
      try {
        return await log.checkpoints.write(PROJECTION, { position: position + 1, state }, position);
      } catch (error) {
        if (!(error instanceof VersionConflict) || tried === TRIES_MAX) throw error;
      }
    }
  }

  /** Resolves with the number of writes so far, which is what keeps writers apart. */
  async function load(): Promise<number> {
    const kept = await log.checkpoints.read(PROJECTION);
    const state = kept?.state;
    for (const [id, at] of isJsonObject(state) ? Object.entries(state) : []) {
      if (typeof at === "number" && isKnown(id)) uses.set(id, Math.max(at, uses.get(id) ?? 0));
    }
    for (const id of uses.keys()) if (!isKnown(id)) uses.delete(id);
    return kept?.position ?? 0;
  }

  return { note, lastUsedAt: (id) => uses.get(id), load: async () => void (await load()), flush };
}
