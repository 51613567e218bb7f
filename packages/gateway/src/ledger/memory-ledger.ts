/** A ledger that ends with its process: the same tables, in memory. */
import type { DatabaseSync } from "node:sqlite";
import type { LocalLedger, LocalLedgerOptions } from "./local-ledger.ts";
import { createStoredLedger } from "./sqlite/create-stored-ledger.ts";
import { NOT_DURABLE } from "./sqlite/durable-calls.ts";
import { migrate } from "./sqlite/schema.ts";
import { definePeriodLabel } from "./sqlite/sqlite-dialect.ts";

export interface MemoryLedgerOptions extends LocalLedgerOptions {
  /** Settled calls that are kept; the oldest go first. Default 100 000, about 200 MB. */
  readonly callsMax?: number;
}

const CALLS_MAX = 100_000;
/** A hundredth of the calls goes at a time. */
const ROOM = 100;

export function createMemoryLedger(options: MemoryLedgerOptions = {}): LocalLedger {
  // Loaded here and not above, so that who keeps no ledger does not load it.
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  const database = new Database(":memory:");
  migrate(database, "the ledger in memory");
  definePeriodLabel(database);
  let last: Promise<unknown> = Promise.resolve();
  return createStoredLedger(
    {
      database,
      durable: NOT_DURABLE,
      reading(work) {
        const asked = last.then(() => work(database));
        last = asked.catch(() => {});
        return asked;
      },
      onWritten: createRoomMaker(database, options.callsMax ?? CALLS_MAX),
      close: async () => {
        await last;
        database.close();
      },
    },
    options,
  );
}

/** Takes out the calls that were settled first, once there are too many. */
function createRoomMaker(database: DatabaseSync, callsMax: number): (count: number) => void {
  const counted = database.prepare("SELECT count(*) AS count FROM calls");
  const border = database.prepare("SELECT sequence FROM calls ORDER BY sequence LIMIT 1 OFFSET ?");
  const removals = [
    "DELETE FROM contents WHERE id IN (SELECT id FROM calls WHERE sequence < ?)",
    "DELETE FROM attempts WHERE call < ?",
    "DELETE FROM bodies WHERE sequence < ?",
    "DELETE FROM calls WHERE sequence < ?",
  ].map((sql) => database.prepare(sql));
  let keptAtMost = 0;
  return (count) => {
    keptAtMost += count;
    if (keptAtMost <= callsMax) return;
    const kept = Number(counted.get()?.count);
    // Somewhat more than must go, so that there is room for a while.
    const excess = kept <= callsMax ? 0 : Math.min(kept, kept - callsMax + Math.floor(callsMax / ROOM));
    const first = excess === 0 ? undefined : border.get(excess)?.sequence;
    if (typeof first === "number") for (const removal of removals) removal.run(first);
    keptAtMost = kept - excess;
  };
}
