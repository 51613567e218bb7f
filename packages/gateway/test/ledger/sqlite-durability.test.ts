import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { DragomanError } from "@dragoman/llm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LocalLedger } from "../../src/ledger/local-ledger.ts";
import { SCHEMA_VERSION } from "../../src/ledger/sqlite/schema.ts";
import { openSqliteLedger, type SqliteLedgerOptions } from "../../src/ledger/sqlite-ledger.ts";
import type { Notice } from "../../src/telemetry/observer.ts";
import { NOON, openCall, record, refused } from "./example-calls.ts";

let folder: string;
let file: string;
let ledgers: LocalLedger[];
let notices: Notice[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dragoman-ledger-"));
  file = join(folder, "gateway.sqlite");
  ledgers = [];
  notices = [];
});

afterEach(async () => {
  for (const ledger of ledgers) await ledger.end();
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Partial<SqliteLedgerOptions> = {}): Promise<LocalLedger> {
  const ledger = await openSqliteLedger({ file, onNotice: (notice) => notices.push(notice), ...options });
  ledgers.push(ledger);
  return ledger;
}

function filesLike(part: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith(`gateway.sqlite-${part}`));
}

describe("after its process has ended", () => {
  test("open calls are interrupted at what was reserved, once", async () => {
    const first = await open();
    const firstTarget = { provider: "openai", model: "gpt-5" };
    first.open(openCall("with-target", { startedAt: NOON + 1, firstTarget, tags: { env: "prod" } }));
    first.open(openCall("unpriced", { reserved: { requests: 1, inputTokens: 10, outputTokens: 5 } }));
    first.open(openCall("settled"));
    first.close(record("settled"));
    await first.end();

    const second = await open();
    const recovered = second.recover();
    expect(recovered.map(({ id, outcome, estimated }) => [id, outcome, estimated])).toEqual([
      ["unpriced", "interrupted", true],
      ["with-target", "interrupted", true],
    ]);
    expect(recovered[0]).not.toHaveProperty("costUsd");
    expect(recovered[1]).toMatchObject({
      costUsd: 0.02,
      usage: { inputTokens: 100, outputTokens: 50 },
      attempts: [{ provider: "openai", model: "gpt-5", outcome: "aborted", costUsd: 0.02, estimated: true }],
    });
    expect(recovered[1]?.durationMs).toBeGreaterThan(0);
    expect(await second.call("with-target")).toEqual(recovered[1]);
    expect(second.used("usd", { provider: "openai" }, NOON).amount).toBe(0.03);
    expect((await second.usage({ by: [] }))[0]).toMatchObject({ calls: 3, unpriced: 1, estimated: 2, costUsd: 0.03 });
    expect(second.recover()).toEqual([]);
    expect(() => second.open(openCall("unpriced"))).toThrow(/invalid_request/);
  });

  test("nothing is left beside the database when all was settled", async () => {
    const ledger = await open();
    ledger.open(openCall("c1"));
    ledger.close(record("c1"));
    expect(filesLike("journal")).toHaveLength(1);
    await ledger.end();
    expect(readdirSync(folder)).toEqual(["gateway.sqlite"]);
  });

  test("a line that was cut off is passed over, and one that is damaged is told of", async () => {
    const first = await open();
    first.open(openCall("whole"));
    await first.end();
    const [journal = ""] = filesLike("journal");
    const whole = readFileSync(join(folder, journal), "utf8");
    writeFileSync(join(folder, journal), `${whole}o{"id":"bro\0ken"\n`);
    appendFileSync(join(folder, journal), 'o{"id":"cut');
    const second = await open();
    expect(second.recover().map(({ id }) => id)).toEqual(["whole"]);
    expect(notices).toMatchObject([{ level: "error", event: "ledger.journal-damaged", fields: { lines: 1 } }]);
  });

  test("what stands in two segments is taken once", async () => {
    const first = await open();
    first.open(openCall("a"));
    first.close(record("a"));
    first.open(openCall("b"));
    const [journal = ""] = filesLike("journal");
    copyFileSync(join(folder, journal), join(folder, "kept"));
    await first.end();
    const prefix = journal.replace(/\d+$/, "");
    copyFileSync(join(folder, "kept"), join(folder, `${prefix}1`));
    copyFileSync(join(folder, "kept"), join(folder, `${prefix}2`));
    const second = await open();
    expect(second.recover().map(({ id }) => id)).toEqual(["b"]);
    expect((await second.calls({})).calls.map(({ id }) => id).toSorted()).toEqual(["a", "b"]);
  });

  test("a journal is begun anew when it has grown, with the calls that are still open", async () => {
    const first = await open();
    first.open(openCall("long"));
    const usage = { raw: "x".repeat(3_900) };
    for (let index = 0; index < 2_200; index++) first.close(refused(`r${index}`, { usage }));
    await first.calls({ countMax: 1 });
    const segments = filesLike("journal").map((name) => Number(name.split("-").at(-1)));
    expect(Math.max(...segments)).toBeGreaterThan(1);
    await first.end();
    expect(filesLike("journal")).toHaveLength(1);
    const second = await open();
    expect(second.recover().map(({ id }) => id)).toEqual(["long"]);
    expect((await second.usage({ by: [] }))[0]?.calls).toBe(2_201);
  });
});

describe("several processes on one file", () => {
  test("the calls of one that lives are not taken for those of a dead one", async () => {
    const first = await open();
    first.open(openCall("a"));
    const second = await open();
    expect(second.recover()).toEqual([]);
    second.open(openCall("b"));
    expect(first.recover()).toEqual([]);
    first.close(record("a"));
    second.close(record("b"));
    expect((await first.calls({})).calls.map(({ id }) => id)).toEqual(["a"]);
    expect((await second.calls({})).calls.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  test("one that only reads leaves no mark of itself", async () => {
    const first = await open();
    first.close(record("a"));
    await first.calls({});
    const reader = await open();
    expect((await reader.usage({ by: [] }))[0]?.calls).toBe(1);
    expect(filesLike("lock").filter((name) => !name.endsWith("-journal"))).toHaveLength(1);
  });

  test("the same id in two of them is kept once, and told of", async () => {
    const first = await open();
    const second = await open();
    first.open(openCall("same"));
    second.open(openCall("same"));
    first.close(record("same"));
    await first.calls({});
    second.close(record("same"));
    await second.calls({});
    expect(notices).toMatchObject([{ event: "ledger.call-dropped", level: "error" }]);
  });
});

interface Acknowledged {
  readonly opened: Set<string>;
  readonly closed: Map<string, number>;
}

/** Lets a process write until it has told of so many events, and kills it in the middle. */
async function writeAndKill(run: string, seed: number, events: number): Promise<Acknowledged> {
  const script = join(import.meta.dirname, "processes/write-calls.ts");
  const child = spawn(process.execPath, [script, file, run, String(seed)], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const acknowledged: Acknowledged = { opened: new Set(), closed: new Map() };
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [event, id = "", cost] = line.split(" ");
    if (event === "open") acknowledged.opened.add(id);
    else acknowledged.closed.set(id, Number(cost));
    count += 1;
    if (count === events) child.kill("SIGKILL");
  }
  expect(await exited).toEqual([null, "SIGKILL"]);
  return acknowledged;
}

test("kill -9 in the middle of it loses no call, doubles none, and every sum is right", { timeout: 60_000 }, async () => {
  const all: Acknowledged = { opened: new Set(), closed: new Map() };
  // Two at a time, on one file.
  for (const { opened, closed } of await Promise.all([writeAndKill("one", 7, 500), writeAndKill("other", 11, 37)])) {
    for (const id of opened) all.opened.add(id);
    for (const [id, cost] of closed) all.closed.set(id, cost);
  }
  const ledger = await open();
  ledger.recover();
  const kept = new Map((await ledger.unshipped(0, 10_000)).map(({ record: one }) => [one.id, one]));

  for (const [id, cost] of all.closed) expect(kept.get(id)).toMatchObject({ outcome: "answered", costUsd: cost });
  // What was done in the instant before the kill was not told of any more: it may be in the ledger.
  for (const id of all.opened) expect(["answered", "interrupted"]).toContain(kept.get(id)?.outcome);
  for (const { id, outcome, costUsd } of kept.values())
    if (!all.closed.has(id) && outcome === "interrupted") expect(costUsd).toBe(0.02);
  expect((await ledger.unshipped(0, 10_000)).length).toBe(kept.size);
  const nano = [...kept.values()].reduce((sum, { costUsd = 0 }) => sum + Math.round(costUsd * 1e9), 0);
  expect((await ledger.usage({ by: [] }))[0]).toMatchObject({ calls: kept.size, costUsd: nano / 1e9 });
  expect(filesLike("")).toEqual(filesLike("shm").concat(filesLike("wal")));
});

describe("on a full disk", () => {
  test("no call is opened, what was settled waits, and is written when there is room", async () => {
    const ledger = await open({ journalBytesMax: 600 });
    ledger.open(openCall("a"));
    ledger.open(openCall("b"));
    expect(() => ledger.open(openCall("c", { session: "s".repeat(400) }))).toThrow(
      /provider_unavailable.*keep the call before it is sent: the disk is full/,
    );
    ledger.close(record("a"));
    ledger.close(record("b"));
    expect(notices.filter(({ level }) => level === "error")).toMatchObject([{ event: "ledger.write-failed" }]);
    expect(await ledger.call("a")).toMatchObject({ outcome: "answered" });
    expect((await ledger.usage({ by: [] }))[0]?.calls).toBe(2);
    expect(ledger.openCount).toBe(0);
  });

  test("settlements that the database cannot take wait in memory up to a bound, and outlive the process", async () => {
    const options = { fileBytesMax: 300_000, waitingMax: 40 };
    const ledger = await open(options);
    let opened = 0;
    let refusal: unknown;
    while (refusal === undefined && opened < 2_000) {
      try {
        ledger.open(openCall(`c${opened}`));
        ledger.close(record(`c${opened}`, { startedAt: NOON + opened, detail: "x".repeat(1_500) }));
        opened += 1;
        if (opened % 20 === 0) await ledger.calls({ countMax: 1 });
      } catch (thrown) {
        refusal = thrown;
      }
    }
    expect(refusal).toBeInstanceOf(DragomanError);
    expect(String(refusal)).toMatch(/provider_unavailable.*cannot be written, and 40 settled calls wait/);
    expect(notices).toMatchObject([{ level: "error", event: "ledger.write-failed" }]);
    expect(ledger.used("requests", {}, 0).amount).toBe(opened);
    ledger.close(refused("flood"));
    expect(notices.at(-1)).toMatchObject({ event: "ledger.call-dropped", level: "warn" });
    await ledger.end();

    const later = await open();
    expect(later.recover()).toEqual([]);
    expect((await later.usage({ by: [] }))[0]?.calls).toBe(opened);
  });

  test("forgetting makes room, and what waited is written", async () => {
    const ledger = await open({ fileBytesMax: 300_000, waitingMax: 60 });
    const detail = "x".repeat(1_500);
    let count = 0;
    while (!notices.some(({ event }) => event === "ledger.write-failed")) {
      ledger.close(refused(`c${count}`, { startedAt: NOON + count, detail }));
      count += 1;
      if (count % 10 === 0) await ledger.calls({ countMax: 1 });
    }
    const written = (await ledger.usage({ by: [] }))[0]?.calls ?? 0;
    expect(written).toBeLessThan(count);
    expect(await ledger.forget(NOON + 50)).toBe(50);
    expect((await ledger.usage({ by: [] }))[0]?.calls).toBe(count - 50);
    expect(notices.at(-1)).toMatchObject({ event: "ledger.write-resumed" });
  });
});

describe("a file that cannot be used", () => {
  test("is left as it is, and the error says what to do: no database", async () => {
    const text = "this is no database, whatever its name says. ".repeat(100);
    writeFileSync(file, text);
    await expect(open()).rejects.toThrow(/configuration.*no SQLite database.*sqlite3 FILE .recover.*nothing was changed/);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("of a later program", async () => {
    await (await open()).end();
    const database = new DatabaseSync(file);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    database.close();
    await expect(open()).rejects.toThrow(/configuration.*later version.*use that version again/);
  });

  test("of another kind", async () => {
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE recipes (name TEXT)");
    database.close();
    await expect(open()).rejects.toThrow(/configuration.*database of another kind/);
  });

  test("that is damaged within", async () => {
    const ledger = await open();
    for (let index = 0; index < 300; index++) ledger.close(record(`c${index}`, { startedAt: NOON + index }));
    await ledger.end();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8_192);
    writeFileSync(file, bytes);
    const damaged = await open();
    await expect(damaged.usage({ by: [] })).rejects.toThrow(/provider_unavailable.*damaged.*recover/);
  });

  test("in a folder that cannot be made", async () => {
    writeFileSync(join(folder, "plain"), "");
    await expect(open({ file: join(folder, "plain", "gateway.sqlite") })).rejects.toThrow(/configuration/);
  });
});
