/** The ledger of several nodes: the same cases as any, and what only several files and a server can do. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { LocalLedgerOptions } from "../../src/ledger/local-ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createSharedLedger, type SharedLedger } from "../../src/nodes/ledger/create-shared-ledger.ts";
import { sourceIdentity } from "../../src/nodes/ledger/source-identity.ts";
import type { Notice } from "../../src/telemetry/observer.ts";
import { fallenBack, NOON, record } from "../ledger/example-calls.ts";
import { ledgerCases } from "../ledger/ledger-cases.ts";
import { startSharedDatabase } from "./shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

let folder = "";
let notices: Notice[] = [];

async function open(name: string, options: LocalLedgerOptions = {}, flushMs?: number): Promise<SharedLedger> {
  if (database === undefined) throw new Error(reason);
  if (folder === "") folder = mkdtempSync(join(tmpdir(), "dragoman-nodes-"));
  const file = join(folder, `${name}.sqlite`);
  const local = await openSqliteLedger({ file, ...options });
  const source = await sourceIdentity(file);
  const notice = (one: Notice) => notices.push(one);
  return createSharedLedger(local, database.pool, { node: name, source, notice, ...(flushMs === undefined ? {} : { flushMs }) });
}

async function clean(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  folder = "";
  notices = [];
  await database?.pool.query("truncate dragoman.calls, dragoman.attempts, dragoman.sources");
}

describe.skipIf(database === undefined)(`the ledger of several nodes${reason ? ` (${reason})` : ""}`, () => {
  afterEach(clean);
  ledgerCases("as any ledger", { open: (options) => open("node-1", options) });

  test("answers for the calls of all nodes", async () => {
    const [one, other] = [await open("one"), await open("other")];
    for (const [ledger, id] of [
      [one, "a"],
      [other, "b"],
    ] as const) {
      ledger.open(record(id, { node: id }));
      ledger.close(record(id, { node: id }));
      await ledger.calls({});
    }
    expect((await one.calls({})).calls.map(({ id }) => id).toSorted()).toEqual(["a", "b"]);
    expect(await one.call("b")).toEqual(record("b", { node: "b" }));
    expect((await one.usage({ by: ["node"] })).map(({ by }) => by.node).toSorted()).toEqual(["a", "b"]);
    expect(one.used("requests", {}, NOON).amount).toBe(1);
    await Promise.all([one.end(), other.end()]);
  });

  test("a list has what a slow server was not sent yet, each call once and page by page, and that is told", async () => {
    const other = await open("other");
    for (const [index, id] of ["a", "c"].entries()) other.close(record(id, { node: "other", startedAt: NOON + 2 * index }));
    await other.calls({});
    const one = await open("one", {}, 5);
    one.close(record("b", { node: "one", startedAt: NOON + 1 }));
    await one.calls({});
    // Copied, so that its row is there to be locked.
    await expect.poll(() => one.shipping.shipped).toBe(1);
    const slow = await database?.pool.connect();
    try {
      await slow?.query("begin");
      await slow?.query("select 1 from dragoman.sources for update");
      notices = [];
      one.close(record("d", { node: "one", startedAt: NOON + 3 }));
      const first = await one.calls({ countMax: 3 });
      expect(first.calls.map(({ id }) => id)).toEqual(["d", "c", "b"]);
      const rest = await one.calls({ countMax: 3, cursor: first.cursor ?? "" });
      expect([rest.calls.map(({ id }) => id), rest.cursor]).toEqual([["a"], undefined]);
      await one.usage({ by: [] });
      expect(notices.filter(({ event }) => event === "ledger.late")).toHaveLength(3);
    } finally {
      // Held, it would keep the pool from ending.
      await slow?.query("rollback");
      slow?.release();
      await Promise.all([one.end(), other.end()]);
    }
  });

  test("a call is there once, however often it is sent, and by whomever", async () => {
    const one = await open("one");
    for (let index = 0; index < 30; index++) one.close(fallenBack(`c${index}`));
    await one.calls({});
    await database?.pool.query("update dragoman.sources set sequence = 7");
    await one.end();
    const again = await open("one");
    again.close(fallenBack("later"));
    expect((await again.usage({ by: [] }))[0]).toMatchObject({ calls: 31, attempts: 62 });
    await again.end();
  });

  test("a server that has forgotten the last of it, as one that was restored, is sent that again", async () => {
    const one = await open("one");
    for (let index = 0; index < 5; index++) one.close(record(`c${index}`));
    await one.calls({});
    await database?.pool.query("delete from dragoman.calls where source_sequence > 2");
    await database?.pool.query("update dragoman.sources set sequence = 2");
    one.close(record("later"));
    expect((await one.usage({ by: [] }))[0]?.calls).toBe(6);
    await one.end();
  });

  test("a file that is lost is another source: its numbers begin anew, and nothing of the new one is left out", async () => {
    const one = await open("one");
    for (let index = 0; index < 5; index++) one.close(record(`before${index}`));
    await one.calls({});
    await one.end();
    rmSync(folder, { recursive: true, force: true });
    folder = "";
    const anew = await open("one");
    for (let index = 0; index < 3; index++) anew.close(record(`after${index}`));
    expect((await anew.usage({ by: [] }))[0]?.calls).toBe(8);
    await anew.end();
  });

  test("an id that two nodes have used is kept of the first, and that is told", async () => {
    const [one, other] = [await open("one"), await open("other")];
    one.close(record("same", { key: "first" }));
    await one.calls({});
    other.close(record("same", { key: "second" }));
    const { calls } = await other.calls({});
    expect(calls.map(({ key }) => key)).toEqual(["first"]);
    expect(notices.map(({ event }) => event)).toContain("ledger.call-dropped");
    await Promise.all([one.end(), other.end()]);
  });

  test("prices anew what other nodes have brought, and takes names that PostgreSQL does not", async () => {
    const [one, other] = [await open("one"), await open("other")];
    other.close(record("b", { session: "nul\0 and half \ud800", tags: { "t\0": "\0", "literal\\u0000": "x" } }));
    await other.calls({});
    one.close(record("a"));
    const report = await one.reprice({}, () => ({ attempts: [{ costUsd: 1, catalogue: "own" }] }));
    expect(report).toMatchObject({ calls: 2, changed: 2, beforeUsd: 0.02, afterUsd: 2 });
    const rows = await one.usage({ by: ["tag:literal\\u0000"] });
    expect(rows.map(({ by, costUsd }) => [by["tag:literal\\u0000"], costUsd])).toEqual([
      ["x", 1],
      [undefined, 1],
    ]);
    expect((await other.calls({ of: { session: ["nul\0 and half \ud800"] } })).calls.map(({ id }) => id)).toEqual(["b"]);
    await Promise.all([one.end(), other.end()]);
  });
});
