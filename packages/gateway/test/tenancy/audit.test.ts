/** The audit log: what is in it, that it is one chain whoever writes, and how it is given out. */
import { createMemoryLog, type EventLog } from "@dragoman/events";
import { describe, it } from "vitest";
import { createAudit } from "../../src/tenancy/audit/audit.ts";
import { exportAudit } from "../../src/tenancy/audit/export-audit.ts";
import { verifyAudit } from "../../src/tenancy/audit/verify-audit.ts";
import { movableClock, openTenancy, START } from "./tenancy-under-test.ts";

const recordsOf = async (log: EventLog) => (await createAudit(log).list({ countMax: 1_000 })).records.toReversed();

describe("what is done with keys and teams", () => {
  it("is recorded with who, from where, before and after, and no proof of a key", async ({ expect }) => {
    const log = createMemoryLog();
    const tenancy = await openTenancy({ log });
    const anna = { name: "key:k_anna", address: "192.0.2.1" };
    await tenancy.createTeam({ name: "research" }, anna);
    const { entry } = await tenancy.createKey({ name: "ci", team: "research" }, anna);
    await tenancy.restrictKey("ci", { models: ["fast"] }, "cli:bob");
    await tenancy.rotateKey("ci", { overlapMs: 5 }, "cli:bob");
    await tenancy.revokeKey("ci", "cli:bob");
    await tenancy.removeTeam("research", "cli:bob");
    const records = await recordsOf(log);
    expect(
      records.map(({ number, action, actor, address, subject, outcome }) => [number, action, actor, address, subject, outcome]),
    ).toEqual([
      [1, "team.created", "key:k_anna", "192.0.2.1", "team:research", "done"],
      [2, "key.created", "key:k_anna", "192.0.2.1", entry.id, "done"],
      [3, "key.restricted", "cli:bob", undefined, entry.id, "done"],
      [4, "key.rotated", "cli:bob", undefined, entry.id, "done"],
      [5, "key.revoked", "cli:bob", undefined, entry.id, "done"],
      [6, "team.removed", "cli:bob", undefined, "team:research", "done"],
    ]);
    expect(records[1]).not.toHaveProperty("before");
    expect(records[2]).toMatchObject({ before: { restrictions: {} }, after: { restrictions: { models: ["fast"] } } });
    expect(records[3]).toMatchObject({ after: { overlapUntil: START + 5 } });
    expect(records[4]).toMatchObject({ after: { revokedAt: START } });
    expect(records[5]).not.toHaveProperty("after");
    expect(JSON.stringify(records)).not.toMatch(/digest|proof/);
    expect(await verifyAudit(log)).toMatchObject({ intact: true, records: 6 });
  });

  it("is recorded by whoever comes next, where a process ended in between", async ({ expect }) => {
    const log = createMemoryLog();
    const dying = { ...createAudit(log), record: () => Promise.reject(new Error("killed")) };
    await (await openTenancy({ log, audit: dying })).createKey({ name: "ci" }, "cli:anna");
    expect(await recordsOf(log)).toEqual([]);
    await Promise.all([openTenancy({ log }), openTenancy({ log }), openTenancy({ log })]);
    expect((await recordsOf(log)).map(({ action, actor }) => [action, actor])).toEqual([["key.created", "cli:anna"]]);
    expect(await verifyAudit(log)).toMatchObject({ intact: true });
  });

  it("is recorded once by many who act at once", async ({ expect }) => {
    const log = createMemoryLog();
    const tenancies = await Promise.all(Array.from({ length: 3 }, () => openTenancy({ log })));
    await Promise.all(
      Array.from({ length: 15 }, (_, index) => tenancies[index % 3]?.createKey({ name: `key ${index}` }, "test")),
    );
    const sources = (await recordsOf(log)).map(({ source }) => source?.version);
    expect(sources).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(await verifyAudit(log)).toMatchObject({ intact: true, records: 15 });
  });
});

describe("the chain", () => {
  it("is one, whatever several processes write at once", async ({ expect }) => {
    const log = createMemoryLog();
    const audits = Array.from({ length: 4 }, () => createAudit(log));
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        audits[index % 4]?.record({ action: "test.done", actor: `${index}`, outcome: "done" }),
      ),
    );
    expect(await verifyAudit(log)).toMatchObject({ intact: true, records: 40 });
    expect(new Set((await recordsOf(log)).map(({ actor }) => actor)).size).toBe(40);
  });

  it("keeps what a client sent, cut to what fits and without control characters", async ({ expect }) => {
    const log = createMemoryLog();
    const audit = createAudit(log);
    audit.denied({ action: "admin.denied", actor: "a\u0000b\n", subject: `GET /${"x".repeat(10_000)}\ud800` });
    await audit.settled();
    const [record] = await recordsOf(log);
    expect(record?.actor).toBe("a b ");
    expect(record?.subject).toHaveLength(300);
    expect(await verifyAudit(log)).toMatchObject({ intact: true });
  });

  it("is listed newest first, in pages", async ({ expect }) => {
    const audit = createAudit(createMemoryLog());
    for (let number = 1; number <= 5; number++) await audit.record({ action: "test.done", actor: "test", outcome: "done" });
    const pages: number[][] = [];
    let before: number | undefined;
    do {
      const { records, next } = await audit.list({ countMax: 2, ...(before === undefined ? {} : { before }) });
      pages.push(records.map(({ number }) => number));
      before = next;
    } while (before !== undefined);
    expect(pages).toEqual([[5, 4], [3, 2], [1]]);
    expect(await audit.list({ before: 1 })).toEqual({ records: [] });
  });
});

describe("refused accesses", () => {
  it("are recorded up to a bound a minute, with how many were left out", async ({ expect }) => {
    const log = createMemoryLog();
    const clock = movableClock();
    const audit = createAudit(log, { clock });
    for (let times = 0; times < 1_000; times++) audit.denied({ action: "admin.denied", actor: "unknown", detail: "wrong key" });
    await audit.settled();
    expect(await log.lastPosition()).toBe(60);
    clock.move(60_000);
    audit.denied({ action: "admin.denied", actor: "unknown", detail: "wrong key" });
    await audit.settled();
    const [last] = (await audit.list({ countMax: 1 })).records;
    expect(last).toMatchObject({ outcome: "denied", detail: "wrong key (940 more were left out before)" });
  });

  it("do not throw where the log is closed, and tell of it", async ({ expect }) => {
    const log = createMemoryLog();
    const problems: unknown[] = [];
    const audit = createAudit(log, { onProblem: (problem) => problems.push(problem) });
    await log.close();
    audit.denied({ action: "admin.denied", actor: "unknown" });
    await audit.settled();
    await new Promise((resolve) => setImmediate(resolve));
    expect(problems).toHaveLength(1);
  });
});

describe("an export", () => {
  it("gives each record as a line of JSON, or of CSV that no spreadsheet takes for a formula", async ({ expect }) => {
    const log = createMemoryLog();
    const audit = createAudit(log, { clock: () => START });
    await audit.record({
      action: "test.done",
      actor: "=cmd|' /C calc'!A0",
      outcome: "done",
      detail: 'a "quoted", thing',
      after: { n: 1 },
    });
    const lines = async (format: "jsonl" | "csv") => {
      const gathered: string[] = [];
      for await (const line of exportAudit(log, { format })) gathered.push(line);
      return gathered;
    };
    const json = await lines("jsonl");
    expect(json.map((line) => JSON.parse(line))).toEqual(await recordsOf(log));
    const [titles, row] = await lines("csv");
    expect(titles).toBe("number,at,action,actor,address,subject,outcome,detail,before,after,previous,hash");
    expect(row).toMatch(
      /^1,2026-01-01T00:00:00.000Z,test.done,'=cmd\|' \/C calc'!A0,,,done,"a ""quoted"", thing",,"\{""n"":1\}",0{64},[0-9a-f]{64}$/,
    );
  });
});
