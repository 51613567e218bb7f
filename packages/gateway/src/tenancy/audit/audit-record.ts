/** One line of the audit log, and how it is tied to the one before. */
import { createHash } from "node:crypto";
import type { EventMetadata, JsonValue, NewEvent, StoredEvent } from "@dragoman/events";
import { z } from "zod";
import { ADMINISTRATION_TENANT } from "../tenancy-events.ts";
import { canonicalJson } from "./canonical-json.ts";

export const AUDIT_STREAM = "audit";
export const AUDIT_EVENT = "audit.recorded";
/** Before the first record. */
export const CHAIN_START = "0".repeat(64);

/** What was read from the log is JSON already. */
const json = z.custom<JsonValue>();

/** What was done, or tried. */
const entry = z.strictObject({
  /** A noun and a verb, as `key.created` or `configuration.reloaded`. */
  action: z.string().min(1),
  actor: z.string().min(1),
  address: z.string().exactOptional(),
  /** What it was done to, as a key's id. */
  subject: z.string().exactOptional(),
  outcome: z.enum(["done", "denied", "failed"]),
  /** The thing before and after, without secrets. */
  before: json.exactOptional(),
  after: json.exactOptional(),
  detail: z.string().exactOptional(),
  /** The event that it tells of. */
  source: z.strictObject({ stream: z.string(), version: z.int().positive() }).exactOptional(),
});

export type AuditEntry = Readonly<z.infer<typeof entry>>;

export const auditRecord = entry.extend({
  /** Its place in the audit log, from 1. */
  number: z.int().positive(),
  /** Milliseconds since 1970. */
  at: z.int().nonnegative(),
  /** Hash of the record before. */
  previous: z.string(),
  /** SHA-256 over `previous` and this record, in hexadecimal. */
  hash: z.string(),
});

/** An entry in its place. */
export type AuditRecord = Readonly<z.infer<typeof auditRecord>>;

/** The end of the chain. Who keeps it elsewhere can prove later that nothing up to it was changed or cut off. */
export interface AuditHead {
  /** 0: nothing was recorded yet. */
  readonly number: number;
  readonly hash: string;
}

/** The record that comes after `head`. Texts that are too long are cut: what a client sent must not keep its refusal from being kept. */
export function chainedRecord(entry: AuditEntry, head: AuditHead, at: number, id: string): AuditRecord {
  const { number, hash: previous } = head;
  const record = { ...entry, ...clipped(entry), number: number + 1, at, previous };
  return { ...record, hash: chainHash(previous, signedPart({ ...record, hash: "" }, id)) };
}

const LENGTHS_MAX = { action: 100, actor: 200, address: 100, subject: 300, detail: 2_000 } as const;

function clipped(entry: AuditEntry): Partial<AuditEntry> {
  const names = Object.keys(LENGTHS_MAX) as (keyof typeof LENGTHS_MAX)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = entry[name];
      return text === undefined
        ? []
        : [
            [
              name,
              text
                .replace(/\p{Cc}/gu, " ")
                .slice(0, LENGTHS_MAX[name])
                .toWellFormed(),
            ],
          ];
    }),
  );
}

export function asAuditEvent(record: AuditRecord, id: string): NewEvent {
  return { id, type: AUDIT_EVENT, data: asJson(record), metadata: metadataOf(record) };
}

/** Undefined where the stored event is no record at all. */
export function readRecord({ type, data }: StoredEvent): AuditRecord | undefined {
  const parsed = type === AUDIT_EVENT ? auditRecord.safeParse(data) : undefined;
  return parsed?.success === true ? parsed.data : undefined;
}

/** Whether the record, with the event around it, is as it was when it was hashed. */
export function isUnchanged(record: AuditRecord, stored: StoredEvent): boolean {
  return (
    record.hash === chainHash(record.previous, signedPart(record, stored.id)) &&
    canonicalJson(asJson(stored.metadata)) === canonicalJson(asJson(metadataOf(record)))
  );
}

function metadataOf({ actor }: AuditEntry): EventMetadata {
  return { actor, tenant: ADMINISTRATION_TENANT };
}

/** Everything but the hash itself, with the event's id. */
function signedPart({ hash: _hash, ...record }: AuditRecord, id: string): JsonValue {
  return { id, type: AUDIT_EVENT, record: asJson(record) };
}

function chainHash(previous: string, content: JsonValue): string {
  return createHash("sha256").update(previous).update("\n").update(canonicalJson(content)).digest("hex");
}

/** Members that are undefined left out, as they are when the event is stored. */
function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
