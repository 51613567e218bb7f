/** What makes calls outlive the process: the journal of this process, and the journals of those that are gone. */
import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Notice } from "../../telemetry/observer.ts";
import type { CallRecord, OpenCall } from "../call-record.ts";
import { ledgerUnavailable } from "../ledger-error.ts";
import type { CallTable } from "./call-table.ts";
import { acquireInstanceLock, type InstanceLock } from "./instance-lock.ts";
import { interruptedRecord } from "./interrupted-record.ts";
import { createJournal, type Journal, lastWriteAt } from "./journal.ts";
import { readJournal } from "./read-journal.ts";
import { inTransaction } from "./transaction.ts";

export interface DurableCalls {
  /** Throws what the file system says; then the call is not kept. */
  opened(call: OpenCall): void;
  /** Throws what the file system says; then the settlement is not kept. */
  settled(json: string): void;
  /** All that was settled is in the tables; these calls are still open. */
  settledAreWritten(open: Iterable<OpenCall>): void;
  recover(table: CallTable): readonly CallRecord[];
  /** `nothingLeft`: the journal has nothing that the tables have not. */
  end(nothingLeft: boolean): Promise<void>;
}

/** For a ledger that ends with its process. */
export const NOT_DURABLE: DurableCalls = {
  opened: () => {},
  settled: () => {},
  settledAreWritten: () => {},
  recover: () => [],
  end: async () => {},
};

export interface DurableCallsOptions {
  readonly Database: typeof DatabaseSync;
  readonly database: DatabaseSync;
  readonly file: string;
  readonly journalBytesMax: number;
  /** How long a power cut may reach back. Milliseconds. */
  readonly syncMs: number;
  /** Forces what the tables were given to the disk. */
  readonly syncTables: () => Promise<void>;
  readonly onNotice: (notice: Notice) => void;
}

/** From which size on a journal is begun anew. */
const SEGMENT_BYTES = 8_388_608;

/** What a process takes up when it first opens a call; a process that only reads has none of it. */
interface Instance {
  readonly lock: InstanceLock;
  readonly journal: Journal;
}

export function createDurableCalls(options: DurableCallsOptions): DurableCalls {
  const { Database, database, file, journalBytesMax, syncMs, syncTables, onNotice } = options;
  let instance: Instance | undefined;
  let syncTimer: NodeJS.Timeout | undefined;
  let syncing: Promise<void> = Promise.resolve();

  function own(): Instance {
    if (instance !== undefined) return instance;
    const lock = newLock(Database, file);
    instance = { lock, journal: createJournal({ prefix: journalPrefix(file, lock.instance), bytesMax: journalBytesMax }) };
    return instance;
  }

  function append(kind: "o" | "c", json: string): void {
    own().journal.append(kind, json);
    syncTimer ??= setTimeout(() => {
      syncTimer = undefined;
      syncing = sync();
    }, syncMs).unref();
  }

  /** In the background: nobody waits for a disk. What fails here is told, and tried again with the next call. */
  async function sync(): Promise<void> {
    try {
      await Promise.all([instance?.journal.sync(), syncTables()]);
    } catch (thrown) {
      const error = ledgerUnavailable(thrown, "be forced to the disk");
      onNotice({ level: "warn", event: "ledger.sync-failed", message: error.detail, error });
    }
  }

  function settledAreWritten(open: Iterable<OpenCall>): void {
    if (instance === undefined || instance.journal.bytes < SEGMENT_BYTES) return;
    try {
      const old = instance.journal.rotate(jsonOf(open));
      // The tables must be on the disk before what they were made of goes.
      syncing = syncing.then(async () => {
        await sync();
        rmSync(old, { force: true });
      });
    } catch {
      // There is no room for a new segment: the old one goes on.
    }
  }

  function recover(table: CallTable): readonly CallRecord[] {
    const interrupted: CallRecord[] = [];
    for (const [name, paths] of journalsByInstance(file)) {
      if (name === instance?.lock.instance) continue;
      const lock = acquireInstanceLock(Database, file, name);
      if (lock === undefined) continue;
      try {
        interrupted.push(...recoverInstance(table, name, paths));
        // Only now: should this process die before, the next one begins anew.
        for (const path of paths) rmSync(path, { force: true });
      } finally {
        lock.release();
      }
    }
    return interrupted.toSorted((one, other) => one.startedAt - other.startedAt);
  }

  function recoverInstance(table: CallTable, name: string, paths: readonly string[]): readonly CallRecord[] {
    const { open, settled, damaged } = readJournal(paths);
    const livedUntil = Math.max(0, ...paths.map(lastWriteAt));
    const interrupted: CallRecord[] = [];
    inTransaction(database, () => {
      for (const written of settled) table.insert(written);
      for (const call of open.values()) {
        const record = interruptedRecord(call, livedUntil);
        if (table.insert({ record, json: JSON.stringify(record) })) interrupted.push(record);
      }
    });
    if (damaged > 0)
      onNotice({
        level: "error",
        event: "ledger.journal-damaged",
        message: `${damaged} lines of the journal of an earlier process (${name}) cannot be read; their calls are lost`,
        fields: { lines: damaged },
      });
    return interrupted;
  }

  async function end(nothingLeft: boolean): Promise<void> {
    clearTimeout(syncTimer);
    await syncing;
    if (instance === undefined) return;
    instance.journal.end();
    if (nothingLeft) instance.journal.remove();
    instance.lock.release();
  }

  return {
    opened: (call) => append("o", JSON.stringify(call)),
    settled: (json) => append("c", json),
    settledAreWritten,
    recover,
    end,
  };
}

const ATTEMPTS_MAX = 10;

function newLock(Database: typeof DatabaseSync, file: string): InstanceLock {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const lock = acquireInstanceLock(Database, file, randomUUID().slice(0, 13));
    if (lock !== undefined) return lock;
  }
  throw new Error("no lock could be had for this process");
}

function journalPrefix(file: string, instance: string): string {
  return `${file}-journal-${instance}`;
}

/** Paths of the segments that are there, by the process that wrote them. Locks without a journal are in it too: they have nothing to recover. */
function journalsByInstance(file: string): ReadonlyMap<string, readonly string[]> {
  const folder = dirname(file);
  const pattern = /^-(?:lock-(?<lock>[\da-f-]{13})|journal-(?<journal>[\da-f-]{13})-\d+)$/;
  const found = new Map<string, string[]>();
  for (const name of readdirSync(folder).toSorted()) {
    if (!name.startsWith(basename(file))) continue;
    const { lock, journal } = pattern.exec(name.slice(basename(file).length))?.groups ?? {};
    const paths = found.get(lock ?? journal ?? "") ?? [];
    if (journal !== undefined) paths.push(join(folder, name));
    if (lock !== undefined || journal !== undefined) found.set(lock ?? journal ?? "", paths);
  }
  return found;
}

function* jsonOf(calls: Iterable<OpenCall>): Generator<string> {
  for (const call of calls) yield JSON.stringify(call);
}
