/** Several processes on one SQLite file, and a file that was left behind, damaged, or is somebody else's. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LogUnavailable } from "@dragoman/events";
import { openSqliteLog } from "@dragoman/events/sqlite";
import { afterAll, expect, test } from "vitest";
import { checkKilledWriter, checkRace, type SharedLog } from "./processes/process-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "dragoman-events-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function shared(name: string): Promise<SharedLog> {
  const file = join(folder, name);
  return { log: await openSqliteLog({ file }), address: ["sqlite", file] };
}

test("of two processes exactly one wins each version", async () => {
  const log = await shared("race.db");
  await checkRace(log);
  await log.log.close();
});

test("a tail follows another process, whose kill -9 loses nothing that was acknowledged and leaves nothing half", async () => {
  const log = await shared("killed.db");
  await checkKilledWriter(log, 5);
  await log.log.close();
});

test("waits for a process that holds the file, and says so when it waits in vain", async () => {
  const file = join(folder, "held.db");
  const log = await openSqliteLog({ file, busyMs: 10_000 });
  const hasty = await openSqliteLog({ file, busyMs: 0 });
  const holder = new DatabaseSync(file);
  holder.exec("begin immediate");
  const waiting = log.append("a", [{ type: "a.b", data: 1 }]);
  const refused = await hasty.append("a", [{ type: "a.b", data: 2 }]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LogUnavailable);
  expect(refused).toMatchObject({ outcomeUnknown: false, message: expect.stringContaining("another process held it") });
  holder.exec("commit");
  expect((await waiting).version).toBe(1);
  holder.close();
  for (const one of [log, hasty]) await one.close();
});

test("lives in a database that holds other tables, and leaves it open", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("pragma user_version = 7; create table mine (a)");
  const log = await openSqliteLog({ database });
  await log.append("a", [{ type: "a.b", data: 1 }]);
  await log.close();
  expect(database.prepare("pragma user_version").get()).toEqual({ user_version: 7 });
  const again = await openSqliteLog({ database });
  expect(await again.streamVersion("a")).toBe(1);
  database.close();
});

test("keeps its file from other users of the machine", async () => {
  const file = join(folder, "own.db");
  const log = await openSqliteLog({ file, survives: "power-loss" });
  await log.append("a", [{ type: "a.b", data: 1 }]);
  const modes = [file, `${file}-wal`].map((path) => statSync(path).mode & 0o077);
  expect(modes).toEqual(process.platform === "win32" ? modes : [0, 0]);
  await log.close();
});

test("refuses what is no database, what a newer program wrote, and a folder that is not there", async () => {
  writeFileSync(join(folder, "text.db"), "a text that is long enough to be looked at ".repeat(100));
  await expect(openSqliteLog({ file: join(folder, "text.db") })).rejects.toThrow(
    /SQLite text\.db cannot be used: file is not a database/,
  );
  const file = join(folder, "newer.db");
  await (await openSqliteLog({ file })).close();
  const database = new DatabaseSync(file);
  database.exec("update event_log_schema set version = 99");
  database.close();
  await expect(openSqliteLog({ file })).rejects.toThrow(/schema 99.*update it/);
  await expect(openSqliteLog({ file: join(folder, "nowhere", "a.db") })).rejects.toBeInstanceOf(LogUnavailable);
});

test("tells a blob that was changed in the file from one that is whole", async () => {
  const file = join(folder, "damaged.db");
  const log = await openSqliteLog({ file });
  const hash = await log.blobs.put(Uint8Array.of(1, 2, 3));
  const database = new DatabaseSync(file);
  database.exec("update event_blobs set content = x'010203ff'");
  database.close();
  await expect(log.blobs.get(hash)).rejects.toThrow(/is damaged/);
  await log.close();
});
