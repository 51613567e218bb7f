/** Reads the whole audit log and names the first place where it is not what it was. */
import type { EventLog, StoredEvent } from "@dragoman/events";
import { TENANCY_STREAM } from "../tenancy-events.ts";
import { AUDIT_STREAM, type AuditHead, type AuditRecord, CHAIN_START, isUnchanged, readRecord } from "./audit-record.ts";
import { AUDITED_PROJECTION } from "./tenancy-auditor.ts";

/**
 * - `changed`: what it says is not what was hashed.
 * - `removed`: one or more records before it are gone.
 * - `reordered`: the record that belongs here stands elsewhere.
 * - `inserted`: it was never written as a part of the chain.
 * - `truncated`: the chain ends before a head that it had, or before the last change of a key.
 * - `rewritten`: the chain is whole, and another than the one that the head was taken of.
 */
export type AuditBreak = "changed" | "removed" | "reordered" | "inserted" | "truncated" | "rewritten";

export type AuditVerdict =
  | { readonly intact: true; readonly records: number; readonly head: AuditHead }
  | {
      readonly intact: false;
      readonly broken: AuditBreak;
      /** Where in the stream, from 1; where the end is missing, the first place that is not there. */
      readonly at: number;
      readonly detail: string;
    };

export interface VerifyOptions {
  /** A head that was kept elsewhere: what `dragoman audit head` printed. Without one, whoever can write the store can cut off its end or write all of it anew. */
  readonly anchor?: AuditHead;
  readonly signal?: AbortSignal;
}

export async function verifyAudit(log: EventLog, { anchor, signal }: VerifyOptions = {}): Promise<AuditVerdict> {
  let head: AuditHead = { number: 0, hash: CHAIN_START };
  let audited = 0;
  // Before the records: those that are added meanwhile are not missing.
  const written = await log.streamVersion(AUDIT_STREAM);
  for await (const stored of records(log, signal)) {
    const record = readRecord(stored);
    const place = head.number + 1;
    if (record === undefined || stored.version !== place || record.number !== place || record.previous !== head.hash) {
      return classify(log, place, stored, record, head, signal);
    }
    if (!isUnchanged(record, stored)) return classify(log, place, stored, record, head, signal);
    head = { number: place, hash: record.hash };
    if (record.source?.stream === TENANCY_STREAM) audited = Math.max(audited, record.source.version);
    if (anchor?.number === place && anchor.hash !== head.hash)
      return broken("rewritten", place, "it is not the record that the kept head is of");
  }
  if (anchor !== undefined && anchor.number > head.number) {
    return broken("truncated", head.number + 1, `the kept head is of record ${anchor.number}`);
  }
  if (written > head.number) return broken("truncated", head.number + 1, `${written} records were written`);
  if (anchor?.number === 0 && anchor.hash !== CHAIN_START) return broken("rewritten", 1, "the kept head is of no chain");
  const { position = 0 } = (await log.checkpoints.read(AUDITED_PROJECTION)) ?? {};
  if (position > audited) {
    return broken("truncated", head.number + 1, `change ${position} of keys and teams was recorded, and is not here`);
  }
  return { intact: true, records: head.number, head };
}

/** What was done there. Another pass, only over a log that is known to be broken. */
async function classify(
  log: EventLog,
  place: number,
  stored: StoredEvent,
  record: AuditRecord | undefined,
  head: AuditHead,
  signal: AbortSignal | undefined,
): Promise<AuditVerdict> {
  const rightful = await findRightful(log, place, head, signal);
  const isTrue = record !== undefined && isUnchanged(record, stored);
  if (rightful !== undefined && rightful !== stored.version) {
    // A record that is whole but belongs elsewhere was moved here; any other does not belong to the chain.
    return isTrue && record.number !== place
      ? record.number < place
        ? broken("inserted", place, `it is record ${record.number} once more`)
        : broken("reordered", place, `record ${place} stands at ${rightful}`)
      : broken("inserted", place, `record ${place} stands at ${rightful}`);
  }
  if (stored.version > place) return broken("removed", place, `${stored.version - place} records are gone`);
  if (!isTrue) return broken("changed", place, "it is not what was recorded");
  if (record.number > place) return broken("removed", place, `record ${record.number} comes next`);
  if (record.number < place) return broken("inserted", place, `it claims the place of record ${record.number}`);
  return broken("inserted", place, "it does not follow from the record before it");
}

/** Where the record stands that belongs to this place: whole, of this number, and following from the one before. */
async function findRightful(
  log: EventLog,
  place: number,
  head: AuditHead,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  for await (const stored of records(log, signal)) {
    const record = readRecord(stored);
    if (record?.number === place && record.previous === head.hash && isUnchanged(record, stored)) return stored.version;
  }
  return undefined;
}

function records(log: EventLog, signal: AbortSignal | undefined): AsyncIterable<StoredEvent> {
  return log.readStream(AUDIT_STREAM, signal === undefined ? {} : { signal });
}

function broken(kind: AuditBreak, at: number, detail: string): AuditVerdict {
  return { intact: false, broken: kind, at, detail };
}
