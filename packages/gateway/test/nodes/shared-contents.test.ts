/** What calls asked and were answered, of several nodes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createSharedLedger, type SharedLedger } from "../../src/nodes/ledger/create-shared-ledger.ts";
import { openKeptContents } from "../../src/nodes/ledger/kept-contents.ts";
import { sourceIdentity } from "../../src/nodes/ledger/source-identity.ts";
import type { Notice } from "../../src/telemetry/observer.ts";
import { NOON, openCall, record } from "../ledger/example-calls.ts";
import { startSharedDatabase } from "./shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

let folder = "";
let notices: Notice[] = [];
let ledgers: SharedLedger[] = [];

async function open(name: string, contentsBytesMax?: number): Promise<SharedLedger> {
  if (database === undefined) throw new Error(reason);
  if (folder === "") folder = mkdtempSync(join(tmpdir(), "dragoman-contents-"));
  const file = join(folder, `${name}.sqlite`);
  const local = await openSqliteLedger({ file, content: true, now: () => NOON });
  const ledger = createSharedLedger(local, database.pool, {
    node: name,
    source: await sourceIdentity(file),
    contents: await openKeptContents(file),
    shipEveryMs: 5,
    notice: (notice) => notices.push(notice),
    ...(contentsBytesMax === undefined ? {} : { contentsBytesMax }),
  });
  ledgers.push(ledger);
  return ledger;
}

function contentOf(text: string) {
  return { request: { model: "fast", messages: [{ role: "user", parts: [{ type: "text", text }] }] }, answer: `${text}: ü\0` };
}

async function call(ledger: SharedLedger, id: string, text = id, startedAt = NOON): Promise<void> {
  ledger.open(openCall(id, { startedAt }));
  ledger.close(record(id, { startedAt }));
  expect(await ledger.keepContent(id, contentOf(text))).toBe(true);
}

async function inTable(): Promise<readonly string[]> {
  const { rows } = (await database?.pool.query("select id from dragoman.contents order by source, entry")) ?? { rows: [] };
  return rows.map(({ id }) => String(id));
}

async function shippedUpTo(node: string): Promise<number> {
  const found = await database?.pool.query("select contents_entry from dragoman.sources where node = $1", [node]);
  return Number(found?.rows[0]?.contents_entry);
}

const SOON = { interval: 5, timeout: 10_000 };

describe.skipIf(database === undefined)(`contents of several nodes${reason ? ` (${reason})` : ""}`, () => {
  afterEach(async () => {
    await Promise.all(ledgers.map((ledger) => ledger.end()));
    ledgers = [];
    notices = [];
    rmSync(folder, { recursive: true, force: true });
    folder = "";
    await database?.pool.query("truncate dragoman.calls, dragoman.attempts, dragoman.sources, dragoman.contents");
  });

  test("are known to every node, and go with their call, whoever forgets it", async () => {
    const [one, other] = [await open("one"), await open("other")];
    await call(one, "a", "a long text, ".repeat(1_000), NOON - 10);
    await call(other, "b");
    await expect.poll(inTable, SOON).toHaveLength(2);
    expect(await other.content("a")).toEqual(contentOf("a long text, ".repeat(1_000)));
    expect(await one.content("b")).toEqual(contentOf("b"));
    expect(await one.content("c")).toBeUndefined();
    const sizes = await database?.pool.query("select octet_length(request) as bytes from dragoman.contents where id = 'a'");
    expect(Number(sizes?.rows[0]?.bytes)).toBeLessThan(500);
    // It was kept at noon, and goes with the call that began before.
    expect(await other.forget(NOON - 5)).toBe(1);
    expect(await inTable()).toEqual(["b"]);
    expect(await other.content("a")).toBeUndefined();
    expect(await one.forget(NOON + 5)).toBe(1);
    expect(await inTable()).toEqual([]);
  });

  test("are copied when a node ends, and later by the next process of its file", async () => {
    const one = await open("one");
    await call(one, "a");
    await one.end();
    expect(await inTable()).toEqual(["a"]);
    const again = await open("one");
    await call(again, "b");
    await again.end();
    expect(await inTable()).toEqual(["a", "b"]);
  });

  test("are bounded for each file: its oldest go first, and nobody else's", async () => {
    const [small, other] = [await open("small", 1_000), await open("other")];
    await call(other, "theirs");
    await expect.poll(inTable, SOON).toEqual(["theirs"]);
    // Of no repetition, so that each stays large.
    const noise = (index: number) =>
      Array.from({ length: 12 }, (_, place) => (Math.sin(index * 100 + place) + 2).toString(36)).join("");
    for (let index = 0; index < 12; index++) {
      await call(small, `c${index}`, noise(index));
      await expect.poll(() => shippedUpTo("small"), SOON).toBe(index + 1);
    }
    await small.end();
    const left = await inTable();
    expect(left).toContain("theirs");
    expect(left).toContain("c11");
    expect(left).not.toContain("c0");
    const { rows } = (await database?.pool.query("select sum(bytes) as bytes from dragoman.contents where id <> 'theirs'")) ?? {
      rows: [],
    };
    expect(Number(rows[0]?.bytes)).toBeLessThanOrEqual(1_000);
  });

  test("a server that has forgotten the last of them is sent those again", async () => {
    const one = await open("one");
    for (const id of ["a", "b", "c"]) await call(one, id);
    await expect.poll(inTable, SOON).toHaveLength(3);
    await database?.pool.query("delete from dragoman.contents where id <> 'a'");
    await database?.pool.query("update dragoman.sources set contents_entry = 1");
    await call(one, "d");
    await expect.poll(inTable, SOON).toEqual(["a", "b", "c", "d"]);
  });

  test("what cannot be copied keeps no question about calls waiting, and is copied when it can be", async () => {
    const one = await open("one");
    await database?.pool.query("alter table dragoman.contents add constraint full_disk check (false) not valid");
    await call(one, "a");
    await expect.poll(() => notices.map(({ event }) => event), SOON).toEqual(["ledger.contents-behind"]);
    expect((await one.usage({ by: [] }))[0]?.calls).toBe(1);
    expect(notices).toHaveLength(1);
    expect(await one.content("a")).toEqual(contentOf("a"));
    await database?.pool.query("alter table dragoman.contents drop constraint full_disk");
    await expect.poll(inTable, SOON).toEqual(["a"]);
    await expect.poll(() => notices.map(({ event }) => event), SOON).toContain("ledger.contents-resumed");
  });

  test("of an id that two nodes have used, the content is that of the call which was kept", async () => {
    const [one, other, third] = [await open("one"), await open("other"), await open("third")];
    await call(one, "same", "first");
    await expect.poll(inTable, SOON).toHaveLength(1);
    await call(other, "same", "second");
    await expect.poll(inTable, SOON).toHaveLength(2);
    expect(await third.content("same")).toEqual(contentOf("first"));
  });
});
