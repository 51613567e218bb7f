/**
 * The ledger over a database and, where it has one, a journal. It holds what is under way: open calls, and settled ones on their way into the
 * tables; all else is asked of the tables. It knows neither how files are opened nor how dead processes are found.
 */

import type { DatabaseSync } from "node:sqlite";
import { DragomanError } from "@dragoman/llm";
import type { Notice } from "../../telemetry/observer.ts";
import { boundOpenCall, boundRecord } from "../bounded-record.ts";
import type { CallRecord, OpenCall } from "../call-record.ts";
import type { Ledger, UsedAmount } from "../ledger.ts";
import { ledgerUnavailable } from "../ledger-error.ts";
import type { LocalLedger, LocalLedgerOptions } from "../local-ledger.ts";
import { checkCount } from "../usage/check-usage-query.ts";
import { usedByOpen, usedByRecord } from "../usage/used-by-record.ts";
import { createUsedTally, unitsOf } from "../usage/used-tally.ts";
import { createCallTable } from "./call-table.ts";
import { createContentStore } from "./content-store.ts";
import type { DurableCalls } from "./durable-calls.ts";
import { forgetCalls } from "./forget-calls.ts";
import { parseRecord } from "./parse-record.ts";
import { readCalls } from "./read-calls.ts";
import { readUsage } from "./read-usage.ts";
import { createUsedReader } from "./read-used.ts";
import { repriceCalls } from "./reprice-calls.ts";
import { createSettlementQueue } from "./settlement-queue.ts";

/** What the ledger stands on. */
export interface StoredLedgerParts {
  readonly database: DatabaseSync;
  /** Makes what was opened and settled outlive the process. */
  readonly durable: DurableCalls;
  /** Runs a question over a state that does not change meanwhile; one at a time. */
  readonly reading: <Result>(work: (database: DatabaseSync) => Promise<Result>) => Promise<Result>;
  /** After so many settled calls have been written. */
  readonly onWritten: (count: number) => void;
  readonly close: () => Promise<void>;
}

const MIB = 1_048_576;
const WAITING_MAX = 10_000;
const SHIPPED_MAX = 10_000;

export function createStoredLedger(parts: StoredLedgerParts, options: LocalLedgerOptions): LocalLedger {
  const { database, durable } = parts;
  const { now = Date.now, onNotice = () => {}, waitingMax = WAITING_MAX } = options;
  const open = new Map<string, OpenCall>();
  const table = createCallTable(database);
  const used = createUsedReader(database);
  const contents = createContentStore(database, {
    enabled: options.content ?? false,
    bytesMax: options.contentBytesMax ?? 4 * MIB,
    totalBytesMax: options.contentsBytesMax ?? 1024 * MIB,
    now,
  });
  let isJournalFailing = false;
  const queue = createSettlementQueue({
    database,
    table,
    onEmpty: () => durable.settledAreWritten(open.values()),
    onWritten: parts.onWritten,
    onFailure: (thrown) => notice("error", "ledger.write-failed", "settled calls wait in memory", thrown),
    onDuplicate: ({ id }) =>
      notice("error", "ledger.call-dropped", `another process has kept a call ${id}: this one is not kept`),
    onRecovery: () => notice("info", "ledger.write-resumed", "settled calls are written again"),
  });

  function notice(level: Notice["level"], event: string, message: string, thrown?: unknown): void {
    const error = thrown === undefined ? undefined : ledgerUnavailable(thrown, "be written");
    onNotice({ level, event, message: error === undefined ? message : `${message}: ${error.detail}`, ...(error && { error }) });
  }

  function openCall(asked: OpenCall, { isNewId = false }: { readonly isNewId?: boolean } = {}): void {
    const { id } = asked;
    if (ending !== undefined) throw ended();
    if (open.has(id) || queue.has(id) || (!isNewId && tableHas(id))) throw duplicate(id);
    if (queue.size >= waitingMax) throw crowded(queue.size);
    const call = boundOpenCall(asked);
    try {
      durable.opened(call);
    } catch (thrown) {
      throw ledgerUnavailable(thrown, "keep the call before it is sent");
    }
    open.set(id, call);
  }

  function tableHas(id: string): boolean {
    try {
      return table.has(id);
    } catch (thrown) {
      throw ledgerUnavailable(thrown, "be read");
    }
  }

  function closeCall(record: CallRecord): void {
    const { id } = record;
    if (!open.delete(id)) refuseCall(record);
    else if (ending === undefined) settle(boundRecord(record));
    else notice("warn", "ledger.call-dropped", `the call ${id} was settled after the ledger had ended`);
  }

  function refuseCall(record: CallRecord): boolean {
    const { id } = record;
    if (open.has(id) || queue.has(id) || isKept(id)) return false;
    if (ending !== undefined) notice("warn", "ledger.call-dropped", `the refused call ${id} is not kept: the ledger has ended`);
    // Calls that were turned away may be many while the disk is full; those that were sent are few, and are kept.
    else if (queue.size >= waitingMax / 2)
      notice("warn", "ledger.call-dropped", `the refused call ${id} is not kept: too many wait`);
    else settle(boundRecord(record));
    return true;
  }

  /** Never throws: whoever settles a call has nothing better to do with it. What cannot be written yet waits in memory. */
  function settle(record: CallRecord): void {
    const json = JSON.stringify(record);
    try {
      durable.settled(json);
      isJournalFailing = false;
    } catch (thrown) {
      if (!isJournalFailing) notice("error", "ledger.write-failed", "a settled call waits in memory", thrown);
      isJournalFailing = true;
    }
    queue.add({ record, json });
  }

  function isKept(id: string): boolean {
    try {
      return table.has(id);
    } catch {
      return false;
    }
  }

  function usedSince(...[metric, of, since]: Parameters<Ledger["used"]>): UsedAmount {
    if (metric === "concurrency") {
      let running = 0;
      for (const call of open.values()) if (usedByOpen(call, of) !== undefined) running += 1;
      return { amount: running, slices: [] };
    }
    const until = now();
    const tally = createUsedTally(metric, since, until);
    used.read(metric, of, since, until, tally);
    for (const record of queue.values())
      if (record.startedAt >= since)
        for (const part of usedByRecord(record, of)) tally.add(record.startedAt, unitsOf(metric, part));
    for (const call of open.values()) {
      const reserved = call.startedAt >= since ? usedByOpen(call, of) : undefined;
      if (reserved !== undefined) tally.add(call.startedAt, unitsOf(metric, reserved));
    }
    return tally.total();
  }

  let ending: Promise<void> | undefined;

  async function end(): Promise<void> {
    await queue.drain();
    queue.end();
    await durable.end(open.size === 0 && queue.size === 0);
    await parts.close();
  }

  const recordOf = database.prepare("SELECT b.record FROM calls c JOIN bodies b ON b.sequence = c.sequence WHERE c.id = ?");
  const after = database.prepare("SELECT sequence, record FROM bodies WHERE sequence > ? ORDER BY sequence LIMIT ?");

  /** After what is settled has been written; what fails does so as `provider_unavailable`. */
  async function asked<Result>(work: () => Promise<Result>): Promise<Result> {
    await queue.drain();
    try {
      return await work();
    } catch (thrown) {
      throw ledgerUnavailable(thrown, "be read");
    }
  }

  return {
    open: openCall,
    close: closeCall,
    refuse: refuseCall,
    recover: () => {
      try {
        return durable.recover(table);
      } catch (thrown) {
        throw ledgerUnavailable(thrown, "take over the calls of an earlier process");
      }
    },
    call: async (id) => {
      const row = queue.has(id) ? undefined : recordOf.get(id);
      return queue.get(id) ?? (row === undefined ? undefined : parseRecord(row.record));
    },
    calls: (query) => asked(() => readCalls(database, query)),
    usage: (query) => asked(() => parts.reading((reader) => readUsage(reader, query))),
    used: usedSince,
    reprice: (filter, price) => asked(() => repriceCalls(database, table, filter, price)),
    forget: (before) =>
      asked(async () => {
        const count = await forgetCalls(database, table, before);
        contents.recount();
        return count;
      }),
    keepContent: (id, content) => contents.keep(id, content),
    content: (id) => contents.read(id),
    unshipped: (afterSequence, countMax) =>
      asked(async () =>
        after
          .all(afterSequence, checkCount(countMax, SHIPPED_MAX))
          .map(({ sequence, record }) => ({ sequence: Number(sequence), record: parseRecord(record) })),
      ),
    get openCount() {
      return open.size;
    },
    end: () => (ending ??= end()),
  };
}

function duplicate(id: string): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    field: "requestId",
    detail: `the call ${id} is in the ledger already`,
    advice: "give each call an id of its own, or none",
  });
}

function ended(): DragomanError {
  return new DragomanError({ code: "provider_unavailable", detail: "the ledger has ended: the gateway is stopping" });
}

function crowded(count: number): DragomanError {
  return new DragomanError({
    code: "provider_unavailable",
    detail: `the ledger cannot be written, and ${count} settled calls wait for it`,
    advice: "free space on its disk; it goes on by itself",
  });
}
