import type { DatabaseSync } from "node:sqlite";
import type { CallTable } from "./call-table.ts";
import { pragma } from "./schema.ts";
import { inTransaction } from "./transaction.ts";
import { otherWork } from "./walk-spans.ts";

/** Calls of one transaction: two or three milliseconds of work. */
const BATCH = 100;
/** Pages that are given back to the file system at a time. */
const PAGES_AT_ONCE = 100;

/** Takes out calls that began before, with their attempts and contents, in small batches; then lets the file shrink. */
export async function forgetCalls(database: DatabaseSync, table: CallTable, before: number): Promise<number> {
  const next = database.prepare("SELECT sequence, id FROM calls WHERE started_at < ? ORDER BY started_at LIMIT ?");
  const dropContent = database.prepare("DELETE FROM contents WHERE id = ?");
  let forgotten = 0;
  for (let batch = next.all(before, BATCH); batch.length > 0; batch = next.all(before, BATCH)) {
    inTransaction(database, () => {
      for (const { sequence, id } of batch) {
        table.remove(Number(sequence));
        dropContent.run(String(id));
      }
    });
    forgotten += batch.length;
    await otherWork();
  }
  await forgetContents(database, before);
  await shrink(database);
  return forgotten;
}

/** Content whose call was never settled. */
async function forgetContents(database: DatabaseSync, before: number): Promise<void> {
  const drop = database.prepare("DELETE FROM contents WHERE entry IN (SELECT entry FROM contents WHERE kept_at < ? LIMIT ?)");
  while (drop.run(before, BATCH).changes !== 0) await otherWork();
}

async function shrink(database: DatabaseSync): Promise<void> {
  for (let free = pragma(database, "freelist_count"), last = Number.POSITIVE_INFINITY; free > 0 && free < last; ) {
    database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
    last = free;
    free = pragma(database, "freelist_count");
    await otherWork();
  }
}
