/** Every route before every kind of key: who gets in is what the access table says, and who does not learns nothing. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { ACCESS_TABLE, type Access } from "../../src/http/access/access-table.ts";
import { type Answer, chat, type KeysOfWorld, startWorld, type World } from "./security-world.ts";

/** That no route is mounted beside the table is held by `access-table.isolated.test.ts`. */
const ROUTES = ACCESS_TABLE.flatMap(({ method, url, access }) =>
  method === "GET"
    ? [
        { method, url, access },
        { method: "HEAD", url, access },
      ]
    : [{ method, url, access }],
);

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const SECRET_SHAPED = /dgm_[a-z0-9]+_|sk-|127\.0\.0\.1:\d|node:internal|\.ts:\d|at [A-Z]\w+\./;

function withoutIds({ text }: Answer): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID");
}

describe("every route", () => {
  const KINDS: readonly (keyof KeysOfWorld | "none" | "malformed")[] = [
    "none",
    "malformed",
    "wrongSecret",
    "unknown",
    "expired",
    "revoked",
    "red",
    "admin",
  ];

  function keyOf(kind: (typeof KINDS)[number]): string | undefined {
    if (kind === "none") return undefined;
    return kind === "malformed" ? "dgm_not-a-key" : world.keys[kind];
  }

  function isLetIn(access: Access, kind: (typeof KINDS)[number]): "in" | 401 | 403 {
    if (access === "anyone") return "in";
    if (kind === "admin") return "in";
    if (kind === "red") return access === "caller" ? "in" : 403;
    return 401;
  }

  it("lets in exactly whom the table names, and tells nobody else anything", async ({ expect }) => {
    const wrong: unknown[] = [];
    await Promise.all(
      ROUTES.flatMap(({ method, url, access }) =>
        KINDS.map(async (kind) => {
          const path = url.replace(":id", "k_none").replace(":name", "none").replace("*", "openai:gpt-4.1-mini");
          // A key that lets in must not end itself here: nothing is asked for that could be done.
          const answer = await world.send({ method, path, key: keyOf(kind), ...(method === "POST" ? { body: {} } : {}) });
          const want = isLetIn(access, kind);
          const isRight = want === "in" ? answer.status !== 401 && answer.status !== 403 : answer.status === want;
          const leaks = SECRET_SHAPED.exec(answer.text.replaceAll(/dgm_…/g, ""))?.[0];
          if (!isRight || (want !== "in" && leaks !== undefined))
            wrong.push({ method, path, kind, status: answer.status, leaks });
        }),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it("says the same of a key that nobody has and of one with a wrong secret, in every dialect", async ({ expect }) => {
    for (const path of [
      "/v1/chat/completions",
      "/v1/responses",
      "/v1/messages",
      "/api/chat",
      "/v1beta/models/x:generateContent",
    ]) {
      const answers = await Promise.all(
        ["dgm_nonsense", world.keys.unknown, world.keys.wrongSecret, "sk-something-else-0123456789", undefined].map((key) =>
          world.send({ method: "POST", path, key, body: {} }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
      expect(new Set(answers.map(withoutIds)).size, path).toBe(1);
      const headers = answers.map(({ headers: { date: _date, "x-request-id": _x, "request-id": _r, ...rest } }) => rest);
      expect(new Set(headers.map((one) => JSON.stringify(one))).size).toBe(1);
    }
  });

  it("tells only the holder that a key has expired or is revoked, and neither shows it", async ({ expect }) => {
    for (const kind of ["expired", "revoked"] as const) {
      const { status, text } = await world.send({ path: "/v1/models", key: world.keys[kind] });
      expect([status, text]).toEqual([401, expect.stringContaining(kind)]);
      expect(text).not.toContain(world.keys[kind].slice(21));
    }
  });
});

describe("a key in several places", () => {
  const path = "/v1/models";

  it("counts in each place where a vendor's client puts it", async ({ expect }) => {
    const { red } = world.keys;
    for (const headers of [
      { "x-api-key": red },
      { "x-goog-api-key": red },
      { "api-key": red },
      { authorization: `bearer ${red}` },
    ]) {
      expect((await world.send({ path, headers })).status).toBe(200);
    }
    expect((await world.send({ path: `${path}?key=${red}` })).status).toBe(200);
  });

  it("is refused where two differ, whichever is right, and however they are sent", async ({ expect }) => {
    const { red, admin, unknown } = world.keys;
    for (const other of [admin, unknown, "anything"]) {
      expect((await world.send({ path, key: red, headers: { "x-api-key": other } })).status).toBe(401);
      expect((await world.send({ path: `${path}?key=${other}`, key: red })).status).toBe(401);
      expect((await world.send({ path: "/admin/v1/keys", key: admin, headers: { "x-api-key": red } })).status).toBe(401);
    }
    const connection = await world.open();
    const lines = [`authorization: Bearer ${unknown}`, `authorization: Bearer ${red}`].join("\r\n");
    connection.socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${lines}\r\n\r\n`);
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("counts in no other place", async ({ expect }) => {
    const { red, admin } = world.keys;
    for (const headers of [
      { cookie: `key=${red}; authorization=${red}` },
      { "proxy-authorization": `Bearer ${red}` },
      { authorization: `Basic ${Buffer.from(`x:${red}`).toString("base64")}` },
      { "x-auth-token": red },
      { authorization: red },
    ]) {
      expect((await world.send({ path, headers })).status, JSON.stringify(Object.keys(headers))).toBe(401);
    }
    expect((await world.send({ path: `/admin/v1/keys?key=${admin}` })).status).toBe(401);
    expect(
      (await world.send({ path: "/v1/chat/completions", method: "POST", body: { ...chat("fast"), api_key: red } })).status,
    ).toBe(401);
  });
});

describe("methods and spellings", () => {
  it("answers HEAD as GET without a body, to whom GET is open", async ({ expect }) => {
    const head = (path: string, key?: string) => world.send({ method: "HEAD", path, key });
    expect(await head("/health")).toMatchObject({ status: 200, text: "" });
    for (const path of ["/v1/models", "/metrics", "/admin/v1/keys"]) expect((await head(path)).status).toBe(401);
    expect((await head("/admin/v1/keys", world.keys.red)).status).toBe(403);
    expect(await head("/v1/models", world.keys.red)).toMatchObject({ status: 200, text: "" });
  });

  it.for(["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "SEARCH"])("takes no %s", async (method, { expect }) => {
    for (const path of ["/v1/chat/completions", "/v1/models", "/admin/v1/keys", "/metrics", "/health", "/nowhere"]) {
      const { status, headers } = await world.send({ method, path, key: world.keys.admin });
      expect([404, 405], `${method} ${path}: ${status}`).toContain(status);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  const TRICKS = [
    "//admin/v1/keys",
    "/admin//v1/keys",
    "/admin/v1/keys/",
    "/admin/v1/keys/.",
    "/./admin/v1/keys",
    "/v1/../admin/v1/keys",
    "/v1/%2e%2e/admin/v1/keys",
    "/v1/models/..%2f..%2fadmin/v1/keys",
    "/%61dmin/v1/keys",
    "/admin%2fv1%2fkeys",
    "/ADMIN/V1/KEYS",
    "/Admin/v1/keys",
    "/admin/v1/keys;x=y",
    "/admin/v1/keys%00",
    "/admin/v1/keys%20",
    "/admin/v1/keys#x",
    "/admin/v1/keys?x#y",
    "/admin\\v1\\keys",
    "/metrics/",
    "//metrics",
    "/%6detrics",
    "/%4detrics",
    "/metrics%2f",
    "/metrics;a",
    "http://elsewhere.example/admin/v1/keys",
    "http://elsewhere.example/metrics",
    "//elsewhere.example/admin/v1/keys",
  ];

  it.for(TRICKS)("%s never reaches a handler without the right key", async (path, { expect }) => {
    for (const key of [undefined, world.keys.red]) {
      for (const headers of [{}, { "x-original-url": "/health", "x-rewrite-url": "/health", "x-http-method-override": "GET" }]) {
        const { status, text } = await world.send({ path, key, headers });
        expect([400, 401, 403, 404, 405], `${path}: ${status} ${text.slice(0, 200)}`).toContain(status);
        expect(text).not.toContain('"keys":[');
        expect(text).not.toContain("dragoman_calls_total");
      }
    }
  });

  it("keeps a key to its paths, however the path is written", async ({ expect }) => {
    const { key } = await world.gateway.tenancy.createKey(
      { name: "narrow", restrictions: { paths: ["/v1/models", "/v1/*/count_tokens"] } },
      "test",
    );
    expect((await world.send({ path: "/v1/models", key })).status).toBe(200);
    const before = world.openai.requests.length;
    for (const path of [
      "/v1/chat/completions",
      "/v1/chat/completions#/v1/models",
      "/v1/chat/completions#/count_tokens",
      "/v1/chat/completions?x=/count_tokens",
      "/v1/chat/completions;/count_tokens",
      "/chat/completions",
      "/v1/%63hat/completions",
      "http://x/v1/chat/completions",
    ]) {
      const { status } = await world.send({ method: "POST", path, key, body: chat("fast") });
      expect([400, 403, 404], `${path}: ${status}`).toContain(status);
    }
    expect(world.openai.requests.length).toBe(before);
  });
});

describe("a web page", () => {
  it("of another origin is refused before its key is looked at, and gets no CORS header", async ({ expect }) => {
    for (const origin of [
      "https://page.example",
      "null",
      "http://localhost.page.example",
      "http://127.0.0.1.page.example",
      "file://",
    ]) {
      const answer = await world.send({
        method: "POST",
        path: "/v1/chat/completions",
        key: world.keys.red,
        headers: { origin },
        body: chat("fast"),
      });
      expect([origin, answer.status]).toEqual([origin, 403]);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  it.for([
    "page.example",
    "page.example:4242",
    "localhost.page.example",
    "127.page.example",
    "127.0.0.1.page.example",
    "127.0.0.1.nip.example:80",
    "0.0.0.0",
    "169.254.169.254",
    "[::ffff:7f00:1].page.example",
    "user@page.example",
    "localhost@page.example",
    "page.example#localhost",
  ])("under its own name %s, made to lead here, is refused", async (host, { expect }) => {
    const { status } = await world.send({ path: "/v1/models", key: world.keys.red, headers: { host } });
    expect([400, 403]).toContain(status);
  });

  it.for(["localhost", "localhost:4242", "127.0.0.1:4242", "127.0.0.2", "[::1]:4242", "app.localhost", "LOCALHOST"])(
    "of this machine, as %s, is let through",
    async (host, { expect }) => {
      expect((await world.send({ path: "/health", headers: { host } })).status).toBe(200);
    },
  );

  it("that submits a form is refused, though it needs no leave to", async ({ expect }) => {
    const open = await startWorld({ configuration: { server: { requireKey: false } } });
    const form = { "content-type": "text/plain", origin: "https://page.example" };
    const answer = await open.send({
      method: "POST",
      path: "/v1/chat/completions",
      headers: form,
      body: JSON.stringify(chat("fast")),
    });
    const same = await open.send({ method: "POST", path: "/v1/chat/completions", body: chat("fast") });
    const asked = open.openai.requests.length;
    await open.close();
    expect([answer.status, same.status, asked]).toEqual([403, 200, 1]);
  });
});

describe("beyond loopback", () => {
  it.for([false, undefined])("a key is always demanded, though requireKey is %s", async (requireKey, { expect }) => {
    const far = await startWorld({ host: "0.0.0.0", configuration: { server: { requireKey } } });
    const statuses = await Promise.all(
      ["/v1/models", "/admin/v1/keys", "/metrics"].map(async (path) => (await far.send({ path })).status),
    );
    const withKey = await far.send({ path: "/v1/models", key: far.keys.red });
    await far.close();
    expect([...statuses, withKey.status]).toEqual([401, 401, 401, 200]);
  });

  it("and a proxy on this machine is not this machine", async ({ expect }) => {
    const open = await startWorld({ configuration: { server: { requireKey: false } } });
    const statuses: number[] = [];
    for (const headers of [
      {},
      { via: "1.1 proxy" },
      { forwarded: "for=192.0.2.1" },
      { "x-forwarded-for": "127.0.0.1" },
      { "x-real-ip": "127.0.0.1" },
    ]) {
      statuses.push((await open.send({ path: "/v1/models", headers })).status);
    }
    await open.close();
    expect(statuses).toEqual([200, 401, 401, 401, 401]);
  });
});

describe("what anyone may ask", () => {
  it("names no provider, model, key or team", async ({ expect }) => {
    await world.send({ method: "POST", path: "/v1/chat/completions", key: world.keys.red, body: chat("fast") });
    for (const path of ["/", "/health", "/ready"]) {
      const { text } = await world.send({ path });
      expect(text).not.toMatch(/gpt|claude|openai:|anthropic:|\bred\b|\bblue\b|k_[a-z2-7]{16}|fast|deep/);
    }
    expect(JSON.parse((await world.send({ path: "/ready" })).text)).toEqual({
      status: "ready",
      running: 0,
      targets: { known: expect.any(Number), leftAlone: 0 },
    });
  });
});
