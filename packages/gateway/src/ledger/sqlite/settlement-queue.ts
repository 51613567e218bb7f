/** Settled calls on their way from the journal into the tables: in small batches, each a transaction, between other work. */
import type { DatabaseSync } from "node:sqlite";
import type { CallRecord } from "../call-record.ts";
import type { CallTable, WrittenRecord } from "./call-table.ts";
import { inTransaction } from "./transaction.ts";

export interface SettlementQueue {
  readonly size: number;
  has(id: string): boolean;
  get(id: string): CallRecord | undefined;
  values(): Iterable<CallRecord>;
  add(written: WrittenRecord): void;
  /** Moves one batch. False where it could not be written: it stays, and is tried again later. */
  moveBatch(): boolean;
  /** Moves all that is there, with other work in between. False as `moveBatch`. */
  drain(): Promise<boolean>;
  end(): void;
}

export interface SettlementQueueOptions {
  readonly database: DatabaseSync;
  readonly table: CallTable;
  /** After a batch has been moved. */
  readonly onWritten: (count: number) => void;
  /** After the last of them has been moved. */
  readonly onEmpty: () => void;
  /** Of a call that the tables had already. */
  readonly onDuplicate: (record: CallRecord) => void;
  /** Each time that it begins to fail, and when it no longer does. */
  readonly onFailure: (thrown: unknown) => void;
  readonly onRecovery: () => void;
}

/** Large enough to share pages among calls, small enough to hold the process for no more than about four milliseconds. */
const BATCH = 256;
/** How long a settled call may wait for company: the more come together, the less each costs. The journal has it meanwhile. */
const WAIT_MS = 250;
const RETRY_MS = 1_000;
/** Beyond this, whoever settles a call moves a batch first. */
const CROWDED = 2_048;

export function createSettlementQueue(options: SettlementQueueOptions): SettlementQueue {
  const { database, table, onWritten, onEmpty, onDuplicate, onFailure, onRecovery } = options;
  const waiting = new Map<string, WrittenRecord>();
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;
  let hasEnded = false;

  function add(written: WrittenRecord): void {
    waiting.set(written.record.id, written);
    if (waiting.size > CROWDED && !isFailing) moveBatch();
    schedule(WAIT_MS);
  }

  function schedule(afterMs: number): void {
    if (timer !== undefined || hasEnded || waiting.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      const moved = moveBatch();
      schedule(moved ? 0 : RETRY_MS);
    }, afterMs).unref();
  }

  function moveBatch(): boolean {
    if (waiting.size === 0) return true;
    const batch = firstOf(waiting.values());
    let duplicates: readonly WrittenRecord[];
    try {
      duplicates = inTransaction(database, () => batch.filter((written) => !table.insert(written)));
    } catch (thrown) {
      if (!isFailing) onFailure(thrown);
      isFailing = true;
      return false;
    }
    for (const { record } of batch) waiting.delete(record.id);
    for (const { record } of duplicates) onDuplicate(record);
    if (isFailing) onRecovery();
    isFailing = false;
    onWritten(batch.length);
    if (waiting.size === 0) onEmpty();
    return true;
  }

  async function drain(): Promise<boolean> {
    while (waiting.size > 0) {
      if (!moveBatch()) return false;
      if (waiting.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  }

  return {
    get size() {
      return waiting.size;
    },
    has: (id) => waiting.has(id),
    get: (id) => waiting.get(id)?.record,
    *values() {
      for (const { record } of waiting.values()) yield record;
    },
    add,
    moveBatch,
    drain,
    end() {
      hasEnded = true;
      clearTimeout(timer);
    },
  };
}

function firstOf(values: Iterable<WrittenRecord>): readonly WrittenRecord[] {
  const batch: WrittenRecord[] = [];
  for (const value of values) {
    batch.push(value);
    if (batch.length === BATCH) break;
  }
  return batch;
}
