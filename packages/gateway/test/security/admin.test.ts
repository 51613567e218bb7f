/** The admin API before an administrator who makes mistakes, and before one who means harm. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startWorld, type World } from "./security-world.ts";

const folder = mkdtempSync(join(tmpdir(), "dragoman-admin-"));
let world: World;
beforeAll(async () => {
  // The real tables, for what is written into queries.
  world = await startWorld({ configuration: { store: { type: "sqlite", file: join(folder, "gateway.db") } } });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (method: string, path: string, body?: unknown, key = world.keys.admin) =>
  world.send({ method, path: `/admin/v1/${path}`, key, ...(body === undefined ? {} : { body }) });

describe("a body of the admin API", () => {
  it.for<[what: string, body: unknown]>([
    ["a field that is not described", { name: "x", id: "k_mine" }],
    ["a key of its own", { name: "x", key: "dgm_mine", proof: { digest: "00" } }],
    ["a right on the wrong level", { name: "x", admin: true }],
    ["another creator", { name: "x", createdBy: "key:other", createdAt: 1 }],
    ["a right as text", { name: "x", restrictions: { admin: "true" } }],
    ["a right as a number", { name: "x", restrictions: { admin: 1 } }],
    ["a right as a list", { name: "x", restrictions: { admin: [true] } }],
    ["models as text", { name: "x", restrictions: { models: "*" } }],
    ["models as an object", { name: "x", restrictions: { models: { 0: "*", length: 1 } } }],
    ["an end as text", { name: "x", restrictions: { expiresAt: "never" } }],
    ["an end that is no number", '{"name":"x","restrictions":{"expiresAt":1e999}}'],
    ["a name as a list", { name: ["x"] }],
    ["a name that steers a terminal", { name: "x\u001b[2J" }],
    ["a name with a line end", { name: "x\r\ny" }],
    ["a name turned round", { name: "x\u202ey" }],
    ["a team that is no name", { name: "x", team: { name: "red" } }],
    ["a team that is not there", { name: "x", team: "nobody" }],
    ["a list", [{ name: "x" }]],
    ["text", '"x"'],
    ["nothing", "null"],
    ["a prototype", '{"name":"x","__proto__":{"restrictions":{"admin":true}}}'],
  ])("that holds %s is refused, and makes no key", async ([, body], { expect }) => {
    const before = world.gateway.tenancy.keys().length;
    const { status, text } = await ask("POST", "keys", body);
    expect([400, 404], text).toContain(status);
    expect(world.gateway.tenancy.keys().length).toBe(before);
  });

  it("that restricts a key cannot leave it half restricted", async ({ expect }) => {
    for (const body of [
      { models: ["fast"], extra: 1 },
      { addresses: ["10.0.0.0/8", "anywhere"] },
      { paths: ["v1"] },
      { addresses: ["0.0.0.0/33"] },
    ]) {
      expect((await ask("POST", `keys/${world.ids.blue}/restrict`, body)).status).toBe(400);
    }
    expect(world.gateway.tenancy.keys().find(({ id }) => id === world.ids.blue)?.restrictions).toEqual({});
  });
});

describe("an id or a page of the admin API", () => {
  it.for([
    "..",
    "%2e%2e",
    "a%2fb",
    "%2fetc%2fpasswd",
    "..%2f..%2fkeys",
    "%00",
    "%ff",
    "constructor",
    "__proto__",
    "'; drop table call; --",
    "k_none' or '1'='1",
    "%25",
    "x".repeat(201),
    "x".repeat(5_000),
    "💥",
  ])("%s means nothing", async (id, { expect }) => {
    for (const path of [`keys/${encodeOnce(id)}`, `calls/${encodeOnce(id)}`, `keys/${encodeOnce(id)}/revoke`]) {
      const { status } = await ask(path.endsWith("revoke") ? "POST" : "GET", path);
      expect([400, 404, 414], `${path.slice(0, 60)} ${status}`).toContain(status);
    }
    expect(world.gateway.tenancy.keys().filter(({ state }) => state === "revoked").length).toBe(1);
  });

  it.for([
    "calls?count=0",
    "calls?count=-1",
    "calls?count=1e9",
    "calls?count=999999999999",
    "calls?count=1&count=2",
    "calls?count[]=1",
    "calls?cursor='%20or%201=1",
    "calls?cursor=%00",
    "calls?limit=5",
    "calls?from=yesterday",
    "calls?from=9e99",
    "calls?__proto__=x",
    "calls?tag=novalue",
    "keys?cursor=k_none",
    "keys?state=any",
    "audit?cursor=-1",
    "audit?cursor=9999999999999999999",
    "audit/verify?number=1",
    "audit/verify?number=1&hash=zz",
    "usage?by=model;drop",
    "usage?by=tag:'%20or%20''='",
    "usage?by=key,key,key,constructor",
    "usage?timeZone=../../etc",
    "usage?count=1000001",
  ])("%s is refused, or means no more than it says", async (path, { expect }) => {
    const { status, text } = await ask("GET", path);
    expect([200, 400], `${path}: ${status} ${text.slice(0, 200)}`).toContain(status);
    if (status === 200) expect(Object.values(JSON.parse(text))).toEqual([[]]);
    expect(text).not.toMatch(/SQLITE|syntax error|near "/i);
  });
});

describe("refused access to the admin API", () => {
  it("is in the audit log, at most sixty times a minute, with a bounded record each", async ({ expect }) => {
    const before = (await world.gateway.audit.head()).number;
    const long = `calls/${"x".repeat(6_000)}`;
    await Promise.all(
      Array.from({ length: 150 }, (_, index) =>
        ask("GET", index % 2 === 0 ? "keys" : long, undefined, index % 3 === 0 ? world.keys.red : "dgm_wrong"),
      ),
    );
    await world.gateway.tenancy.refresh();
    const page = await world.gateway.audit.list({ countMax: 200 });
    const denied = page.records.filter(({ outcome, number }) => outcome === "denied" && number > before);
    expect(denied.length).toBeGreaterThan(0);
    expect(denied.length).toBeLessThanOrEqual(60);
    expect(Math.max(...denied.map((record) => JSON.stringify(record).length))).toBeLessThan(4_000);
    expect(JSON.stringify(denied)).not.toContain(world.keys.red.slice(21));
  });

  it("says nothing that may be kept on the way", async ({ expect }) => {
    for (const key of [world.keys.admin, world.keys.red]) {
      const { headers } = await ask("GET", "keys", undefined, key);
      expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    }
  });
});

/** What is encoded already stays. */
function encodeOnce(id: string): string {
  return /%[0-9a-f]{2}/i.test(id) ? id : encodeURIComponent(id);
}
