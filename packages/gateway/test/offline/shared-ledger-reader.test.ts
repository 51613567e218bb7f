/** The ledger of all nodes, as a command reads it and prices it anew. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createSharedLedger } from "../../src/nodes/ledger/create-shared-ledger.ts";
import { openKeptContents } from "../../src/nodes/ledger/kept-contents.ts";
import { sourceIdentity } from "../../src/nodes/ledger/source-identity.ts";
import { SHARED_SCHEMA_VERSION } from "../../src/nodes/shared-schema.ts";
import { openLedgerReader } from "../../src/offline/open-ledger-reader.ts";
import { openSharedLedgerReader } from "../../src/offline/open-shared-ledger-reader.ts";
import { repriceSharedLedger } from "../../src/offline/reprice-shared-ledger.ts";
import { fallenBack, NOON, openCall } from "../ledger/example-calls.ts";
import { startSharedDatabase } from "../nodes/shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

const url = database?.url ?? "";
const query = async (text: string) => (await database?.pool.query(text))?.rows ?? [];
const CONTENT = { request: { model: "fast", messages: [] }, answer: "well" };

/** The same server, asked by another user. */
function as(user: string, password: string): string {
  const address = new URL(url);
  address.username = user;
  address.password = encodeURIComponent(password);
  return address.href;
}

describe.skipIf(database === undefined)(`the ledger of all nodes, beside them${reason ? ` (${reason})` : ""}`, () => {
  let folder = "";
  const fileOf = (node: string) => join(folder, `${node}.db`);
  const storeOf = (node: string, address = url) =>
    ({ type: "postgres", url: address, file: fileOf(node), node, leaseMs: 10_000 }) as const;

  beforeAll(async () => {
    await query("create role reader login password 'reads p@ss'");
    await query("grant usage on schema dragoman to reader; grant select on all tables in schema dragoman to reader");
    await query("create role stranger login password 'stranger'");
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dragoman-offline-"));
    await node("one", ["a", "b"]);
    await node("other", ["c"]);
  });

  afterEach(async () => {
    await query("truncate dragoman.calls, dragoman.attempts, dragoman.sources, dragoman.contents");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Has a node settle these calls, keep what they said, and end. */
  async function node(name: string, ids: readonly string[]): Promise<void> {
    const file = fileOf(name);
    const local = await openSqliteLedger({ file, content: true });
    if (database === undefined) return;
    const ledger = createSharedLedger(local, database.pool, {
      node: name,
      source: await sourceIdentity(file),
      contents: await openKeptContents(file),
    });
    for (const [index, id] of ids.entries()) {
      const fields = { node: name, startedAt: NOON + index, tags: { project: name } };
      ledger.open(openCall(id, fields));
      ledger.close(fallenBack(id, fields));
      await ledger.keepContent(id, CONTENT);
    }
    await ledger.end();
  }

  test("is read by a user who may only select, and nothing in it changes", async () => {
    const STATE = `select (select json_agg(s) from dragoman.sources s)::text || (select count(*) from dragoman.nodes)::text as state`;
    const before = await query(STATE);
    const reader = await openSharedLedgerReader({
      url: "env:STORE",
      environment: { STORE: as("reader", "reads p@ss") },
    });
    const first = await reader.calls({ countMax: 2 });
    const rest = await reader.calls({ countMax: 2, cursor: first.cursor ?? "" });
    expect([...first.calls, ...rest.calls].map(({ id }) => id)).toEqual(["b", "c", "a"]);
    expect(rest.cursor).toBeUndefined();
    expect(await reader.call("c")).toMatchObject({ node: "other" });
    expect(await reader.call("none\0")).toBeUndefined();
    const rows = await reader.usage({ by: ["node", "day", "tag:project"], timeZone: "Europe/Vienna" });
    expect(rows.map(({ by, calls, attempts }) => [by.node, by.day, by["tag:project"], calls, attempts])).toEqual([
      ["one", "2026-03-29", "one", 2, 4],
      ["other", "2026-03-29", "other", 1, 2],
    ]);
    expect([await reader.content("c"), await reader.content("none")]).toEqual([CONTENT, undefined]);
    await expect(reader.calls({ cursor: "?" })).rejects.toMatchObject({ code: "invalid_request" });
    await reader.end();
    expect(await query(STATE)).toEqual(before);
  });

  test("says why it cannot be read, and never the password", async () => {
    const away = new URL(url);
    away.port = "1";
    const cases = [
      [as("reader", "wr%ong:p@ss"), { code: "configuration", detail: expect.stringContaining("password authentication failed") }],
      [as("stranger", "stranger"), { code: "configuration", advice: expect.stringContaining("grant select") }],
      [away.href, { code: "connection_failed" }],
      ["env:UNSET", { code: "configuration", detail: expect.stringContaining("env:UNSET") }],
      [
        (await database?.server.createDatabase("empty")) ?? "",
        { code: "configuration", detail: expect.stringContaining("no ledger") },
      ],
    ] as const;
    for (const [address, expected] of cases) {
      const error: unknown = await openSharedLedgerReader({ url: address, environment: {} }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(expected);
      const told =
        error instanceof Error ? `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}` : "";
      const { password } = URL.canParse(address) ? new URL(address) : { password: "" };
      for (const secret of [password, decodeURIComponent(password)])
        if (secret !== "" && secret !== "stranger") expect(told).not.toContain(secret);
    }
  });

  test("of another version is not read", async () => {
    for (const [version, advice] of [
      [SHARED_SCHEMA_VERSION - 1, "start a gateway"],
      [SHARED_SCHEMA_VERSION + 1, "update this program"],
    ] as const) {
      await query(`update dragoman.schema_version set version = ${version}`);
      const opened = openSharedLedgerReader({ url });
      await expect(opened).rejects.toMatchObject({ code: "configuration", advice: expect.stringContaining(advice) });
    }
    await query(`update dragoman.schema_version set version = ${SHARED_SCHEMA_VERSION}`);
  });

  test("a question that takes too long ends, and the next one is answered", async () => {
    const reader = await openSharedLedgerReader({ url, statementMs: 30 });
    const client = await database?.pool.connect();
    await client?.query("begin; lock table dragoman.calls in access exclusive mode");
    await expect(reader.usage({ by: [] })).rejects.toMatchObject({ code: "timeout" });
    await client?.query("rollback");
    client?.release();
    expect((await reader.usage({ by: [] }))[0]?.calls).toBe(3);
    await reader.end();
  });

  const dearer = () => ({ attempts: [{ costUsd: 1, catalogue: "own" }, undefined] });
  const costOf = async (ledger: Awaited<ReturnType<typeof openLedgerReader>>, id: string) =>
    (await ledger.call(id))?.attempts[0]?.costUsd;

  test("is priced anew for all nodes: this node's file, its copies, and those of others", async () => {
    expect(await repriceSharedLedger(storeOf("one"), {}, dearer)).toMatchObject({ calls: 3, changed: 3 });
    const [local, shared] = [await openLedgerReader(fileOf("one")), await openSharedLedgerReader({ url })];
    for (const [ledger, id] of [
      [local, "a"],
      [shared, "a"],
      [shared, "c"],
    ] as const)
      expect(await costOf(ledger, id)).toBe(1);
    expect(await repriceSharedLedger(storeOf("one"), {}, dearer)).toMatchObject({ calls: 3, changed: 0 });
    await Promise.all([local.end(), shared.end()]);
  });

  test("is priced anew from a machine that is no node, where no file is made", async () => {
    expect(await repriceSharedLedger(storeOf("nowhere"), {}, dearer)).toMatchObject({ calls: 3, changed: 3 });
    await expect(openLedgerReader(fileOf("nowhere"))).rejects.toMatchObject({ code: "configuration" });
  });

  test("is not priced anew at all where PostgreSQL may only be read, or is away", async () => {
    const away = new URL(url);
    away.port = "1";
    for (const address of [as("reader", "reads p@ss"), away.href])
      await expect(repriceSharedLedger(storeOf("one", address), {}, dearer)).rejects.toMatchObject({
        code: address === away.href ? "connection_failed" : "configuration",
      });
    const local = await openLedgerReader(fileOf("one"));
    expect(await costOf(local, "a")).toBe(fallenBack("a").attempts[0]?.costUsd);
    await local.end();
  });
});
