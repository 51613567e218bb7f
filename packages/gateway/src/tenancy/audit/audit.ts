/**
 * Who did what when: an append-only stream in which each record holds the hash of the one before. Whoever changes, removes, reorders or
 * inserts one breaks the chain there; whoever cuts off its end, or writes all of it anew, is found out by a head that was kept elsewhere.
 */
import { randomUUID } from "node:crypto";
import { type EventLog, VersionConflict } from "@dragoman/events";
import { DragomanError } from "@dragoman/llm";
import {
  AUDIT_STREAM,
  type AuditEntry,
  type AuditHead,
  type AuditRecord,
  asAuditEvent,
  CHAIN_START,
  chainedRecord,
  readRecord,
} from "./audit-record.ts";
import { createDenialLimit } from "./denial-limit.ts";

export interface Audit {
  /**
   * Resolves when it is kept. `id`: of the event; a record whose id is there already is not written again. Rejects with `internal` where
   * the log cannot be written.
   */
  record(entry: AuditEntry, options?: { readonly id?: string }): Promise<AuditRecord>;
  /** An access that was refused. Never throws; of a flood, a bounded number is kept, and how many were left out. */
  denied(entry: Omit<AuditEntry, "outcome">): void;
  /** Newest first. */
  list(query?: AuditQuery): Promise<AuditPage>;
  head(): Promise<AuditHead>;
  /** Resolves when what was refused so far is kept. */
  settled(): Promise<void>;
}

export interface AuditQuery {
  /** Default 50, at most 1 000. */
  readonly countMax?: number;
  /** Records below this number. Default: from the end. */
  readonly before?: number;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** For `before` of the next page; absent on the last. */
  readonly next?: number;
}

export interface AuditOptions {
  readonly clock?: () => number;
  /** Told where a denied access could not be recorded. */
  readonly onProblem?: (error: unknown) => void;
}

/** Each conflict means that another has written; so many in a row mean that something is wrong. */
const TRIES_MAX = 200;
const COUNT_DEFAULT = 50;
const COUNT_MAX = 1_000;

export function createAudit(log: EventLog, { clock = Date.now, onProblem = () => {} }: AuditOptions = {}): Audit {
  const denials = createDenialLimit(clock);
  /** As far as it is known here; another process may have gone on. */
  let known: AuditHead | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  /** One at a time from here: only other processes come in between. */
  function record(entry: AuditEntry, { id = randomUUID() }: { readonly id?: string } = {}): Promise<AuditRecord> {
    const written = writing.then(() => append(entry, id));
    writing = written.catch(() => {});
    return written;
  }

  async function append(entry: AuditEntry, id: string): Promise<AuditRecord> {
    for (let tried = 1; tried <= TRIES_MAX; tried++) {
      known ??= await readHead(log);
      const next = chainedRecord(entry, known, clock(), id);
      try {
        const { events, repeated } = await log.append(AUDIT_STREAM, [asAuditEvent(next, id)], { expectedVersion: known.number });
        known = repeated ? undefined : { number: next.number, hash: next.hash };
        const [stored] = events;
        return (repeated && stored !== undefined ? readRecord(stored) : undefined) ?? next;
      } catch (error) {
        known = undefined;
        if (!(error instanceof VersionConflict)) throw notKept(error);
      }
    }
    throw notKept(new Error(`others wrote ${TRIES_MAX} times in between`));
  }

  function denied(entry: Omit<AuditEntry, "outcome">): void {
    const admitted = denials.admit();
    if (!admitted.kept) return;
    const left =
      admitted.leftOut === 0 ? {} : { detail: `${entry.detail ?? ""} (${admitted.leftOut} more were left out before)`.trim() };
    record({ ...entry, ...left, outcome: "denied" }).catch(onProblem);
  }

  return {
    record,
    denied,
    list: (query) => listRecords(log, query),
    head: () => readHead(log),
    settled: async () => void (await writing),
  };
}

async function listRecords(log: EventLog, { countMax = COUNT_DEFAULT, before }: AuditQuery = {}): Promise<AuditPage> {
  const count = Math.min(countMax, COUNT_MAX);
  const records: AuditRecord[] = [];
  if (before !== undefined && before <= 1) return { records };
  const from = before === undefined ? {} : { fromVersion: before - 1 };
  for await (const stored of log.readStream(AUDIT_STREAM, { direction: "backward", countMax: count + 1, ...from })) {
    const record = readRecord(stored);
    if (record !== undefined) records.push(record);
  }
  const page = records.slice(0, count);
  const last = page.at(-1);
  return { records: page, ...(records.length > count && last !== undefined ? { next: last.number } : {}) };
}

/** By what the last event says. Whether that is true is the affair of `verifyAudit`. */
export async function readHead(log: EventLog): Promise<AuditHead> {
  // Where the last events were cut off, the stream still knows how many there were: what comes next is recorded all the same.
  const version = await log.streamVersion(AUDIT_STREAM);
  for await (const stored of log.readStream(AUDIT_STREAM, { direction: "backward", countMax: 1 })) {
    return { number: Math.max(version, stored.version), hash: readRecord(stored)?.hash ?? CHAIN_START };
  }
  return { number: version, hash: CHAIN_START };
}

function notKept(cause: unknown): DragomanError {
  return new DragomanError({
    code: "internal",
    detail: "the audit log cannot be written",
    advice: "see whether the store's disk is full or the file is locked",
    cause,
  });
}
