/** The admin API through HTTP: what it does, how it refuses, and that it is what its description says. */
import { DragomanError } from "@dragoman/llm";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, it } from "vitest";
import { defaultConfiguration } from "../../src/config/index.ts";
import { verifyAudit } from "../../src/tenancy/audit/verify-audit.ts";
import { type Asked, CALL, startAdmin } from "./admin-under-test.ts";

const admin = await startAdmin({
  reload: (before) => {
    if (before.server.port === 9999)
      throw new DragomanError({ code: "configuration", detail: "the file is wrong: sk-0123456789abcdef" });
    return defaultConfiguration({ server: { port: 9999 } });
  },
});
afterAll(() => admin.close());
const { ask, tenancy } = admin;

describe("keys", () => {
  it("are created, used, restricted, rotated and revoked", async ({ expect }) => {
    const created = await ask("POST", "/admin/v1/keys", { body: { name: "ci", restrictions: { models: ["fast"] } } });
    expect(created.status).toBe(201);
    expect(created.headers["cache-control"]).toBe("no-store");
    const { key, entry } = created.body as { key: string; entry: { id: string } };
    expect(tenancy.authenticate(key, {}).key).toBe(entry.id);
    const restricted = await ask("POST", `/admin/v1/keys/${entry.id}/restrict`, { body: { paths: ["/v1/*"] } });
    expect(restricted.body).toMatchObject({ id: entry.id, restrictions: { paths: ["/v1/*"] } });
    const rotated = await ask("POST", "/admin/v1/keys/ci/rotate", { body: { overlapMs: 1_000 } });
    expect(tenancy.authenticate(String(rotated.body.key), {}).key).toBe(entry.id);
    expect((await ask("POST", "/admin/v1/keys/ci/rotate")).status).toBe(200);
    const revoked = await ask("POST", "/admin/v1/keys/ci/revoke");
    expect(revoked.body).toMatchObject({ state: "revoked" });
    expect((await ask("GET", `/admin/v1/keys/${entry.id}`)).body).toEqual(revoked.body);
    const { records } = await admin.audit.list({ countMax: 1 });
    expect(records[0]).toMatchObject({ action: "key.revoked", actor: `key:${tenancy.keys()[0]?.id}`, address: "127.0.0.1" });
  });

  it("are listed in pages, by state and team", async ({ expect }) => {
    await tenancy.createTeam({ name: "paged" }, "test");
    for (const name of ["p1", "p2", "p3"]) await tenancy.createKey({ name, team: "paged" }, "test");
    await tenancy.revokeKey("p2", "test");
    const first = await ask("GET", "/admin/v1/keys?team=paged&count=2");
    expect(namesOf(first)).toEqual(["p1", "p2"]);
    const second = await ask("GET", `/admin/v1/keys?team=paged&count=2&cursor=${first.body.cursor}`);
    expect(namesOf(second)).toEqual(["p3"]);
    expect(second.body).not.toHaveProperty("cursor");
    expect(namesOf(await ask("GET", "/admin/v1/keys?team=paged&state=active"))).toEqual(["p1", "p3"]);
    expect((await ask("GET", "/admin/v1/keys?cursor=k_none")).status).toBe(400);
  });
});

describe("teams", () => {
  it("are created, listed and removed", async ({ expect }) => {
    const created = await ask("POST", "/admin/v1/teams", { body: { name: "ops & co", models: ["fast"] } });
    expect([created.status, created.body]).toEqual([201, { name: "ops & co", models: ["fast"], source: "created", keys: 0 }]);
    expect((await ask("GET", "/admin/v1/teams")).text).toContain("ops & co");
    expect((await ask("DELETE", `/admin/v1/teams/${encodeURIComponent("ops & co")}`)).body).toEqual({ removed: "ops & co" });
    expect((await ask("DELETE", "/admin/v1/teams/nobody")).status).toBe(404);
  });
});

describe("the audit log", () => {
  it("is listed, told by its head, and verified against one", async ({ expect }) => {
    const head = (await ask("GET", "/admin/v1/audit/head")).body as { number: number; hash: string };
    await tenancy.createTeam({ name: "later" }, "test");
    const verified = await ask("GET", `/admin/v1/audit/verify?number=${head.number}&hash=${head.hash}`);
    expect(verified.body).toMatchObject({ intact: true, records: head.number + 1 });
    const other = await ask("GET", `/admin/v1/audit/verify?number=${head.number}&hash=${"0".repeat(64)}`);
    expect(other.body).toMatchObject({ intact: false, broken: "rewritten" });
    expect((await ask("GET", "/admin/v1/audit/verify?number=1")).status).toBe(400);
    const page = await ask("GET", "/admin/v1/audit?count=1");
    expect(page.body).toMatchObject({ records: [{ action: "team.created" }], cursor: String(head.number + 1) });
    expect((await ask("GET", `/admin/v1/audit?count=1&cursor=${page.body.cursor}`)).body).toMatchObject({
      records: [{ number: head.number }],
    });
  });

  it("has who was refused", async ({ expect }) => {
    const { key, entry } = await tenancy.createKey({ name: "no admin" }, "test");
    const refused = await ask("GET", "/admin/v1/keys?key=x", {
      headers: { authorization: `Bearer ${key}` },
      remoteAddress: "192.0.2.7",
    });
    expect(refused.status).toBe(403);
    await admin.audit.settled();
    const { records } = await admin.audit.list({ countMax: 1 });
    expect(records[0]).toMatchObject({
      action: "admin.denied",
      outcome: "denied",
      actor: `key:${entry.id}`,
      address: "192.0.2.7",
      subject: "GET /admin/v1/keys",
    });
  });
});

describe("calls", () => {
  it("are added up by what is asked for", async ({ expect }) => {
    const query =
      "by=team,model&by=tag:env&from=2026-01-01&to=1767312000000&key=k_1,k_2&tag=env=prod&timeZone=Europe/Berlin&count=7";
    expect((await ask("GET", `/admin/v1/usage?${query}`)).body).toEqual({ rows: [] });
    expect(admin.asked.usage.at(-1)).toEqual({
      by: ["team", "model", "tag:env"],
      from: Date.UTC(2026, 0, 1),
      to: 1_767_312_000_000,
      of: { key: ["k_1", "k_2"] },
      tags: { env: "prod" },
      timeZone: "Europe/Berlin",
      countMax: 7,
    });
  });

  it("are listed, and explained one by one", async ({ expect }) => {
    const listed = await ask("GET", "/admin/v1/calls?outcome=failed,refused&session=s&cursor=abc");
    expect(listed.body).toMatchObject({ calls: [{ id: CALL.id }], cursor: "next" });
    expect(admin.asked.calls.at(-1)).toEqual({ of: { session: ["s"] }, outcome: ["failed", "refused"], cursor: "abc" });
    expect((await ask("GET", `/admin/v1/calls/${CALL.id}`)).body).toMatchObject({
      decision: { candidates: [{ target: "sim:echo" }] },
    });
    expect((await ask("GET", "/admin/v1/calls/none")).body).toMatchObject({ error: { code: "not_found" } });
  });
});

describe("how things stand", () => {
  it("is told of limits and targets", async ({ expect }) => {
    expect((await ask("GET", "/admin/v1/limits")).body).toMatchObject({ standings: [{ rule: "daily" }] });
    expect((await ask("GET", "/admin/v1/targets")).body).toMatchObject({ targets: [{ target: "sim:echo", state: "closed" }] });
  });
});

describe("the configuration", () => {
  it("is reloaded, and who did it is recorded with what changed", async ({ expect }) => {
    const reloaded = await ask("POST", "/admin/v1/configuration/reload");
    expect(reloaded.body).toMatchObject({ changes: [{ kind: "changed", path: "server.port", before: 4242, after: 9999 }] });
    expect((await ask("GET", "/admin/v1/configuration")).body).toMatchObject({ configuration: { server: { port: 9999 } } });
    const failed = await ask("POST", "/admin/v1/configuration/reload");
    expect([failed.status, failed.body]).toMatchObject([500, { error: { code: "configuration" } }]);
    expect(failed.text).not.toContain("sk-0123");
    const { records } = await admin.audit.list({ countMax: 2 });
    expect(records.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["configuration.reloaded", "failed"],
      ["configuration.reloaded", "done"],
    ]);
    expect(records[1]).toMatchObject({ before: { "server.port": 4242 }, after: { "server.port": 9999 } });
  });
});

describe("a request that is wrong", () => {
  it.for<[string, "GET" | "POST", string, unknown, string]>([
    ["an unknown field", "POST", "/admin/v1/keys", { name: "a", modles: [] }, "invalid_request"],
    ["no name", "POST", "/admin/v1/keys", {}, "invalid_request"],
    ["no object", "POST", "/admin/v1/keys", [], "invalid_request"],
    ["a body where none is taken", "POST", "/admin/v1/keys/root/revoke", { really: true }, "invalid_request"],
    ["a wrong address", "POST", "/admin/v1/keys", { name: "a", restrictions: { addresses: ["x"] } }, "invalid_request"],
    ["an unknown query", "GET", "/admin/v1/keys?stat=active", undefined, "invalid_request"],
    ["a wrong number", "GET", "/admin/v1/keys?count=1e3", undefined, "invalid_request"],
    ["a wrong time", "GET", "/admin/v1/usage?from=yesterday", undefined, "invalid_request"],
    ["a wrong column", "GET", "/admin/v1/usage?by=colour", undefined, "invalid_request"],
    ["a wrong time zone", "GET", "/admin/v1/usage?timeZone=Mars/Olympus", undefined, "invalid_request"],
    ["a key that is not there", "POST", "/admin/v1/keys/nobody/revoke", undefined, "not_found"],
  ])("is refused for %s, in the one shape of errors", async ([, method, path, body, code], { expect }) => {
    const before = tenancy.keys().length;
    const answer = await ask(method, path, { body });
    expect(answer.status).toBe(code === "not_found" ? 404 : 400);
    expect(answer.body).toMatchObject({
      error: { code, retryable: false, requestId: expect.any(String), advice: expect.any(String) },
    });
    expect(tenancy.keys()).toHaveLength(before);
  });

  it("is refused without a key, before its body is looked at", async ({ expect }) => {
    const answer = await ask("POST", "/admin/v1/keys", { headers: {}, body: { nonsense: true } });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    expect(answer.body).toMatchObject({ error: { code: "authentication" } });
  });

  it("is refused for a body that is no JSON", async ({ expect }) => {
    const headers = { authorization: `Bearer ${admin.adminKey}`, "content-type": "application/json" };
    const answer = await admin.fastify.inject({ method: "POST", url: "/admin/v1/keys", headers, payload: "{" });
    expect([answer.statusCode, JSON.parse(answer.body)]).toMatchObject([400, { error: { code: "invalid_request" } }]);
  });
});

describe("the description", () => {
  it("is OpenAPI 3.1 with each route, its parameters and its answer", async ({ expect }) => {
    const { body: document, status } = await ask("GET", "/admin/v1/openapi.json");
    expect([status, document.openapi]).toEqual([200, "3.1.0"]);
    const operations = operationsOf(document);
    const expected = admin.routes.map(({ method, url }) => `${method.toLowerCase()} ${url.replace(/:(\w+)/g, "{$1}")}`);
    expect([...operations.keys()].sort()).toEqual(expected.sort());
    const ids = [...operations.values()].map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [name, { parameters = [], responses }] of operations) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
      expect(parameters.filter((one) => one.in === "path").map((one) => one.name)).toEqual(inPath);
      expect(Object.keys(responses)).toContain("default");
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, one]) => one);
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    expect(references.filter((one) => one === undefined || !Object.hasOwn(schemas, one))).toEqual([]);
  });

  it("is true of what is answered", async ({ expect }) => {
    const { body: document } = await ask("GET", "/admin/v1/openapi.json");
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const operations = operationsOf(document);
    const asked: [string, Asked][] = [
      ["get /admin/v1/keys", await ask("GET", "/admin/v1/keys")],
      ["post /admin/v1/keys", await ask("POST", "/admin/v1/keys", { body: { name: "described" } })],
      ["get /admin/v1/teams", await ask("GET", "/admin/v1/teams")],
      ["get /admin/v1/audit", await ask("GET", "/admin/v1/audit")],
      ["get /admin/v1/audit/head", await ask("GET", "/admin/v1/audit/head")],
      ["get /admin/v1/audit/verify", await ask("GET", "/admin/v1/audit/verify")],
      ["get /admin/v1/calls", await ask("GET", "/admin/v1/calls")],
      ["get /admin/v1/limits", await ask("GET", "/admin/v1/limits")],
      ["get /admin/v1/targets", await ask("GET", "/admin/v1/targets")],
      ["get /admin/v1/configuration", await ask("GET", "/admin/v1/configuration")],
    ];
    for (const [name, answer] of asked) {
      const content = operations.get(name)?.responses[answer.status]?.content;
      const schema = { components: document.components, ...content?.["application/json"]?.schema };
      expect([name, ajv.validate(schema, answer.body), ajv.errors]).toEqual([name, true, null]);
    }
    const error = { components: document.components, $ref: "#/components/schemas/Error" };
    expect(ajv.validate(error, (await ask("GET", "/admin/v1/keys?x=1")).body)).toBe(true);
  });

  it("leaves the chain whole after all this", async ({ expect }) => {
    expect(await verifyAudit(admin.log)).toMatchObject({ intact: true });
  });
});

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content: { readonly "application/json": { readonly schema: object } } }>
  >;
}

function operationsOf(document: Asked["body"]): ReadonlyMap<string, Operation> {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
    ),
  );
}

function namesOf({ body }: Asked): readonly string[] {
  return (body.keys as { readonly name: string }[]).map(({ name }) => name);
}
