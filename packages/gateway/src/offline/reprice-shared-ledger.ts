/** Other prices for the calls of all nodes, by a command beside them: in this node's file and in PostgreSQL, or in neither. */
import { existsSync } from "node:fs";
import { DragomanError } from "@dragoman/llm";
import type { Pool, PoolClient } from "pg";
import type { StoreConfiguration } from "../configuration.ts";
import type { CallRecord } from "../ledger/call-record.ts";
import type { CallFilter, Ledger, Repriced, RepriceReport } from "../ledger/ledger.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import { createSharedLedger } from "../nodes/ledger/create-shared-ledger.ts";
import { repriceOthers } from "../nodes/ledger/reprice-others.ts";
import { sourceIdentity } from "../nodes/ledger/source-identity.ts";
import { openSharedTables, type SharedTablesOptions } from "./shared-tables.ts";

type PostgresConfiguration = Extract<StoreConfiguration, { readonly type: "postgres" }>;

/**
 * What this node's file has is changed there and copied, as its gateway would; of other nodes' calls the copies are changed. Without the file, as on
 * a machine that is no node, all calls are others'. Rejects with nothing changed where PostgreSQL is away or may only be read. What breaks off
 * later is done by asking again.
 */
export async function repriceSharedLedger(
  store: PostgresConfiguration,
  filter: CallFilter,
  price: (record: CallRecord) => Repriced | undefined,
  { environment }: Pick<SharedTablesOptions, "environment"> = {},
): Promise<RepriceReport> {
  const tables = await openSharedTables({ url: store.url, environment });
  try {
    await tables.ask(checkMayWrite);
    return await tables
      .work((pool) => repriced(store, pool, filter, price))
      .catch((thrown: unknown) => {
        throw DragomanError.is(thrown) ? brokenOff(thrown) : thrown;
      });
  } finally {
    await tables.end();
  }
}

/** Of no file: they are told apart by random identities. */
const NO_SOURCE = "";

async function repriced(
  { file, node }: PostgresConfiguration,
  pool: Pool,
  ...[filter, price]: Parameters<Ledger["reprice"]>
): Promise<RepriceReport> {
  if (!existsSync(file)) return repriceOthers(pool, NO_SOURCE, filter, price);
  const local = await openSqliteLedger({ file });
  try {
    return await createSharedLedger(local, pool, { node, source: await sourceIdentity(file) }).reprice(filter, price);
  } finally {
    await local.end();
  }
}

/** A standby takes no changes either. */
const MAY_WRITE = `select bool_and(has_table_privilege('dragoman.' || t.name, t.privilege)) and not pg_is_in_recovery()
    and current_setting('default_transaction_read_only') = 'off' as may
  from (values ('calls', 'insert'), ('calls', 'update'), ('attempts', 'insert'), ('attempts', 'delete'), ('sources', 'insert'),
    ('sources', 'update')) t (name, privilege)`;

async function checkMayWrite(client: PoolClient): Promise<void> {
  const { rows } = await client.query(MAY_WRITE);
  if (rows[0]?.may === true) return;
  throw new DragomanError({
    code: "configuration",
    field: "store.url",
    detail: "the ledger in PostgreSQL may only be read, with this user at this server: nothing was changed",
    advice: "name the server that takes changes and a user who may write, as the gateway's, in the address of the store",
  });
}

function brokenOff(error: DragomanError): DragomanError {
  const { code, detail, field, advice } = error;
  return new DragomanError({
    code,
    detail: `${detail}; a part of the calls may be at the other prices already`,
    advice: `${advice}; asked again, it does the rest`,
    ...(field === undefined ? {} : { field }),
    cause: error,
  });
}
