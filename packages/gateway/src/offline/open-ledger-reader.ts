/** The ledger's file read beside the process that writes it: nothing is made, changed or locked. */
import { DragomanError } from "@dragoman/llm";
import { ledgerUnusable } from "../ledger/ledger-error.ts";
import type { LocalLedger } from "../ledger/local-ledger.ts";
import { createStoredLedger } from "../ledger/sqlite/create-stored-ledger.ts";
import { NOT_DURABLE } from "../ledger/sqlite/durable-calls.ts";
import { pragma, SCHEMA_VERSION } from "../ledger/sqlite/schema.ts";
import { definePeriodLabel } from "../ledger/sqlite/sqlite-dialect.ts";

/** How long a question waits for a writer. Milliseconds. */
const BUSY_MS = 5_000;

/** What can be asked of a ledger. */
export type LedgerReader = Pick<LocalLedger, "call" | "calls" | "usage" | "content" | "end">;

/** Rejects with `configuration` for a file that is not there, or that is no ledger of this version. */
export async function openLedgerReader(file: string): Promise<LedgerReader> {
  const { DatabaseSync } = await import("node:sqlite");
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    const version = pragma(database, "user_version");
    if (version !== SCHEMA_VERSION) throw otherVersion(file, version);
    definePeriodLabel(database);
  } catch (thrown) {
    database?.close();
    throw ledgerUnusable(file, thrown);
  }
  const opened = database;
  let last: Promise<unknown> = Promise.resolve();
  return createStoredLedger(
    {
      database: opened,
      durable: NOT_DURABLE,
      onWritten: () => {},
      reading(work) {
        const asked = last.then(() => work(opened));
        last = asked.catch(() => {});
        return asked;
      },
      close: async () => {
        await last;
        opened.close();
      },
    },
    {},
  );
}

function otherVersion(file: string, version: number): DragomanError {
  const isLater = version > SCHEMA_VERSION;
  return new DragomanError({
    code: "configuration",
    detail: `the ledger ${file} was written by ${isLater ? "a later" : "an earlier"} version (its tables have version ${version}, this program reads ${SCHEMA_VERSION})`,
    advice: isLater ? "use that version again" : "start the gateway once, which brings it up to date",
  });
}
