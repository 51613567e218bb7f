/** Tampering with the file itself, with SQL, behind the log's back. */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteLog } from "@dragoman/events/sqlite";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createAudit } from "../../src/tenancy/audit/audit.ts";
import type { AuditHead } from "../../src/tenancy/audit/audit-record.ts";
import { type AuditVerdict, verifyAudit } from "../../src/tenancy/audit/verify-audit.ts";
import { openTenancy } from "./tenancy-under-test.ts";

const folder = await mkdtemp(join(tmpdir(), "dragoman-audit-"));
const original = join(folder, "original.db");
let head: AuditHead;
let copies = 0;
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const log = await openSqliteLog({ file: original });
  const audit = createAudit(log);
  for (const actor of ["a", "b", "c", "d", "e", "f"]) await audit.record({ action: "test.done", actor, outcome: "done" });
  head = await audit.head();
  await log.close();
});

/** Verifies a copy after it was changed by SQL. */
async function verdictAfter(sql: string, anchor?: AuditHead): Promise<AuditVerdict> {
  const file = join(folder, `copy-${++copies}.db`);
  await copyFile(original, file);
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  const log = await openSqliteLog({ file });
  try {
    return await verifyAudit(log, anchor === undefined ? {} : { anchor });
  } finally {
    await log.close();
  }
}

const swap = (one: number, other: number) => `
  update event_log set version = 1000 where stream = 'audit' and version = ${one};
  update event_log set version = ${one} where stream = 'audit' and version = ${other};
  update event_log set version = ${other} where stream = 'audit' and version = 1000;`;
/** Makes room at a place, or closes the gap there. */
const shift = (from: number, by: number) => `
  update event_log set version = version + 1000 where stream = 'audit' and version >= ${from};
  update event_log set version = version - 1000 + ${by} where stream = 'audit' and version >= 1000;`;

describe("a chain in a file", () => {
  it("that nobody touched is whole, also against its head of before", async ({ expect }) => {
    expect(await verdictAfter("select 1")).toEqual({ intact: true, records: 6, head });
    expect(await verdictAfter("select 1", head)).toMatchObject({ intact: true });
  });

  it.for([
    [
      "changed in its data",
      "update event_log set data = replace(data, '\"c\"', '\"x\"') where stream = 'audit' and version = 3",
      "changed",
      3,
    ],
    [
      "changed in its metadata",
      "update event_log set metadata = replace(metadata, '\"c\"', '\"x\"') where stream = 'audit' and version = 3",
      "changed",
      3,
    ],
    ["changed in its type", "update event_log set type = 'other' where stream = 'audit' and version = 3", "changed", 3],
    ["changed in its id", "update event_log set id = 'other' where stream = 'audit' and version = 3", "changed", 3],
    ["changed into no record", "update event_log set data = '{}' where stream = 'audit' and version = 3", "changed", 3],
    ["removed, with a gap", "delete from event_log where stream = 'audit' and version = 3", "removed", 3],
    ["removed at the beginning", "delete from event_log where stream = 'audit' and version = 1", "removed", 1],
    [
      "removed, with the gap closed",
      `delete from event_log where stream = 'audit' and version = 3; ${shift(4, -1)}`,
      "removed",
      3,
    ],
    ["two of them swapped", swap(3, 4), "reordered", 3],
    ["two of them swapped, apart", swap(2, 5), "reordered", 2],
  ] as const)("%s is found at its first place", async ([, sql, broken, at], { expect }) => {
    expect(await verdictAfter(sql)).toMatchObject({ intact: false, broken, at });
  });

  it("with a record inserted is found there", async ({ expect }) => {
    const columns = await columnsOfEvents();
    const copied = columns.map((column) =>
      column === "version"
        ? "3"
        : column === "id"
          ? "'inserted'"
          : column === "position"
            ? "(select max(position) + 1 from event_log)"
            : column,
    );
    const insert = `insert into event_log (${columns.join(", ")}) select ${copied.join(", ")} from event_log where stream = 'audit' and version = `;
    for (const source of [2, 4]) {
      const verdict = await verdictAfter(`${shift(3, 1)} ${insert}${source === 4 ? 5 : source}`);
      expect(verdict).toMatchObject({ intact: false, broken: "inserted", at: 3 });
    }
  });

  it("cut off at its end is found by the stream's own count", async ({ expect }) => {
    const cut = "delete from event_log where stream = 'audit' and version > 4";
    expect(await verdictAfter(cut)).toMatchObject({ intact: false, broken: "truncated", at: 5 });
    expect(await verdictAfter("delete from event_log where stream = 'audit'")).toMatchObject({ broken: "truncated", at: 1 });
  });

  it("cut off at its end by somebody who knows the store is found by its head of before, and by nothing else", async ({
    expect,
  }) => {
    const cut = `delete from event_log where stream = 'audit' and version > 4;
      update event_streams set version = 4 where stream = 'audit';`;
    expect(await verdictAfter(cut)).toMatchObject({ intact: true, records: 4 });
    expect(await verdictAfter(cut, head)).toMatchObject({ intact: false, broken: "truncated", at: 5 });
  });

  it("that was cut off takes further records, and stays broken", async ({ expect }) => {
    const file = join(folder, "cut.db");
    await copyFile(original, file);
    const database = new DatabaseSync(file);
    database.exec("delete from event_log where stream = 'audit' and version > 4");
    database.close();
    const log = await openSqliteLog({ file });
    const record = await createAudit(log).record({ action: "test.done", actor: "later", outcome: "done" });
    expect(record.number).toBe(7);
    expect(await verifyAudit(log)).toMatchObject({ intact: false, broken: "removed", at: 5 });
    await log.close();
  });

  it("written anew, each hash right, is found by its head of before", async ({ expect }) => {
    const file = join(folder, "rewritten.db");
    const log = await openSqliteLog({ file });
    const audit = createAudit(log);
    for (const actor of ["a", "b", "x", "d", "e", "f", "g"]) await audit.record({ action: "test.done", actor, outcome: "done" });
    expect(await verifyAudit(log)).toMatchObject({ intact: true });
    expect(await verifyAudit(log, { anchor: head })).toMatchObject({ intact: false, broken: "rewritten", at: 6 });
    await log.close();
  });

  it("cut off at its end is found without a head where a change of a key was cut off", async ({ expect }) => {
    const file = join(folder, "keys.db");
    const log = await openSqliteLog({ file });
    const tenancy = await openTenancy({ log });
    await tenancy.createKey({ name: "a" }, "test");
    await tenancy.createKey({ name: "b" }, "test");
    await tenancy.close();
    await log.close();
    const database = new DatabaseSync(file);
    database.exec("delete from event_log where stream = 'audit' and version = 2");
    database.exec("update event_streams set version = 1 where stream = 'audit'");
    database.close();
    const damaged = await openSqliteLog({ file });
    expect(await verifyAudit(damaged)).toMatchObject({ intact: false, broken: "truncated", at: 2 });
    await damaged.close();
  });
});

async function columnsOfEvents(): Promise<readonly string[]> {
  const database = new DatabaseSync(original, { readOnly: true });
  const rows = database.prepare("select name from pragma_table_info('event_log')").all();
  database.close();
  return rows.map(({ name }) => String(name));
}
