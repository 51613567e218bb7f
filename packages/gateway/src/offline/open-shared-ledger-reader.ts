/** The ledger of all nodes, read in PostgreSQL beside them. What a node has not copied yet, as the calls of the last second, is not there. */
import { readSharedCall, readSharedCalls } from "../nodes/ledger/read-shared-calls.ts";
import { readSharedContent } from "../nodes/ledger/read-shared-content.ts";
import { readSharedUsage } from "../nodes/ledger/read-shared-usage.ts";
import type { LedgerReader } from "./open-ledger-reader.ts";
import { openSharedTables, type SharedTablesOptions } from "./shared-tables.ts";

/** A user who may only select is enough. Rejects as `openSharedTables`. */
export async function openSharedLedgerReader(options: SharedTablesOptions): Promise<LedgerReader> {
  const { ask, work, end } = await openSharedTables(options);
  return {
    call: (id) => ask((client) => readSharedCall(client, id)),
    calls: (query) => ask((client) => readSharedCalls(client, query)),
    usage: (query) => ask((client) => readSharedUsage(client, query)),
    content: (id) => work((pool) => readSharedContent(pool, id)),
    end,
  };
}
