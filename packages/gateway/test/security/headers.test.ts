/** Which headers pass the gateway, in either direction: those that are named, and no other. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { type HostileVendor, startHostileVendor, VENDOR_HEADERS } from "./hostile-vendor.ts";
import { chat, startWorld, VENDOR_KEYS, type World } from "./security-world.ts";

let world: World;
let vendor: HostileVendor;
beforeAll(async () => {
  vendor = await startHostileVendor();
  world = await startWorld({
    providers: { echo: { type: "openai-compatible", baseUrl: vendor.baseUrl, key: "env:OPENAI_TEST_KEY" } },
  });
});
afterAll(async () => {
  await world.close();
  await vendor.close();
});

/** What clients, proxies and attackers send. */
const CLIENT_HEADERS = {
  cookie: "session=client",
  "x-forwarded-for": "192.0.2.7",
  "x-forwarded-host": "elsewhere.example",
  "x-forwarded-proto": "https",
  forwarded: "for=192.0.2.7",
  via: "1.1 proxy",
  te: "trailers",
  "proxy-authorization": "Basic x",
  "openai-organization": "theirs",
  "openai-project": "theirs",
  "openai-beta": "theirs",
  "x-stainless-lang": "js",
  "x-goog-user-project": "theirs",
  "x-amz-security-token": "theirs",
  "x-portkey-custom-host": "http://169.254.169.254",
  "x-base-url": "http://169.254.169.254",
  "api-base": "http://169.254.169.254",
  "helicone-target-url": "http://169.254.169.254",
  referer: "https://page.example",
  "user-agent": "client/1",
  "x-request-id": "theirs",
  "idempotency-key": "theirs",
  "accept-language": "en",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  baggage: "user=theirs",
  "x-dragoman-session": "s",
  "x-dragoman-tags": "a=b",
  "x-custom": "theirs",
} as const;

/** What a call needs, and names the library that makes it. */
const OURS: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-type",
  "content-length",
  "transfer-encoding",
  "accept",
  "accept-encoding",
  "user-agent",
  "authorization",
  "x-api-key",
  "anthropic-version",
  "anthropic-beta",
]);

describe("a client's headers", () => {
  it.for([
    ["/v1/chat/completions", "echo:good", false],
    ["/v1/chat/completions", "echo:good", true],
    ["/v1/messages", "echo:good", false],
  ] as const)("do not reach the vendor, on %s for %s, streamed %s", async ([path, model, stream], { expect }) => {
    const answer = await world.send({
      method: "POST",
      path,
      key: world.keys.red,
      headers: CLIENT_HEADERS,
      body: chat(model, "x", { stream, max_tokens: 9 }),
    });
    expect(answer.status, answer.text).toBe(200);
    const { headers = {} } = vendor.requests.at(-1) ?? {};
    expect(Object.keys(headers).filter((name) => !OURS.has(name))).toEqual([]);
    expect(headers.authorization).toBe(`Bearer ${VENDOR_KEYS.openai}`);
    expect(headers.host).toBe(new URL(vendor.baseUrl).host);
    for (const value of Object.values(CLIENT_HEADERS)) expect(Object.values(headers)).not.toContain(value);
    expect(JSON.stringify(headers)).not.toContain(world.keys.red.slice(21));
  });

  it("reach Anthropic where they are part of its wire, and no others", async ({ expect }) => {
    const headers = {
      ...CLIENT_HEADERS,
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "context-1m-2025-08-07",
      "anthropic-dangerous-direct-browser-access": "true",
    };
    await world.send({
      method: "POST",
      path: "/v1/messages",
      headers: { ...headers, "x-api-key": world.keys.red },
      body: chat("deep", "x", { max_tokens: 9 }),
    });
    const { headers: sent = {} } = world.anthropic.requests.findLast(({ method }) => method === "POST") ?? {};
    expect(Object.keys(sent).filter((name) => !OURS.has(name))).toEqual([]);
    expect([sent["x-api-key"], sent["anthropic-beta"]]).toEqual([VENDOR_KEYS.anthropic, "context-1m-2025-08-07"]);
  });

  it("cannot be put into others by line ends in what a body or a path holds", async ({ expect }) => {
    const evil = "x\r\nx-injected: 1\r\n\r\nGET /injected HTTP/1.1";
    const asked: readonly [string, object][] = [
      ["/v1/chat/completions", chat(`echo:good${evil}`, evil, { user: evil, metadata: { [evil]: evil } })],
      ["/v1/messages", chat("deep", evil, { max_tokens: 9, betas: [evil], metadata: { user_id: evil } })],
      ["/v1/messages", chat("deep", evil, { max_tokens: 9, anthropic_beta: [evil] })],
      [
        `/v1beta/models/${encodeURIComponent(`echo:good${evil}`)}:generateContent`,
        { contents: [{ role: "user", parts: [{ text: evil }] }] },
      ],
      ["/v1/responses", { model: `echo:good${evil}`, input: evil, metadata: { a: evil } }],
    ];
    for (const [path, body] of asked) {
      const { status, headers, text } = await world.send({ method: "POST", path, key: world.keys.red, body });
      expect(headers["x-injected"]).toBeUndefined();
      expect([200, 400, 403, 404], `${path} ${status} ${text.slice(0, 300)}`).toContain(status);
    }
    const seen = [...vendor.requests, ...world.anthropic.requests, ...world.openai.requests];
    expect(
      seen.filter(({ headers, path }) => "x-injected" in headers || (path.includes("injected") === true && !path.includes("%"))),
    ).toEqual([]);
  });

  it("that hold tags or sessions are read strictly", async ({ expect }) => {
    for (const headers of [
      { "x-dragoman-tags": "no equals" },
      { "x-dragoman-tags": `a=${"x".repeat(300)}` },
      { "x-dragoman-session": "s".repeat(300) },
      { "x-dragoman-cache": "maybe" },
    ]) {
      const { status } = await world.send({
        method: "POST",
        path: "/v1/chat/completions",
        key: world.keys.red,
        headers,
        body: chat("fast"),
      });
      expect([JSON.stringify(headers).slice(0, 40), status]).toEqual([JSON.stringify(headers).slice(0, 40), 400]);
    }
  });
});

describe("a vendor's headers", () => {
  const NAMED =
    /^(?:connection|content-length|content-type|date|keep-alive|transfer-encoding|cache-control|trailer|x-accel-buffering|request-id|x-request-id|retry-after|retry-after-ms|x-should-retry|x-dragoman-(?:model|cost-usd|prices|warnings))$/;

  it.for([false, true])("do not reach the client, streamed %s, and cannot pass for ours", async (stream, { expect }) => {
    for (const path of ["/v1/chat/completions", "/v1/messages", "/api/chat"]) {
      const answer = await world.send({
        method: "POST",
        path,
        key: world.keys.red,
        body: chat("echo:good", "x", { stream, max_tokens: 9 }),
      });
      const all = { ...answer.headers, ...answer.trailers };
      expect(answer.status, answer.text).toBe(200);
      expect(Object.keys(all).filter((name) => !NAMED.test(name))).toEqual([]);
      for (const value of Object.values(VENDOR_HEADERS)) expect(Object.values(all)).not.toContain(value);
      expect(String(all["x-dragoman-model"])).toMatch(/^echo:/);
    }
  });

  it("of an error tell how long to wait, and nothing else", async ({ expect }) => {
    const answer = await world.send({
      method: "POST",
      path: "/v1/chat/completions",
      key: world.keys.red,
      body: chat("echo:echo-429-headers"),
    });
    expect(Object.keys(answer.headers).filter((name) => !NAMED.test(name))).toEqual([]);
    expect(JSON.stringify(answer)).not.toContain(VENDOR_KEYS.openai);
  });

  it("that lead elsewhere are not followed, and the key stays here", async ({ expect }) => {
    const before = vendor.requests.length;
    const answer = await world.send({
      method: "POST",
      path: "/v1/chat/completions",
      key: world.keys.red,
      body: chat("echo:echo-redirect"),
    });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.headers.location).toBeUndefined();
    expect(vendor.requests.slice(before).filter(({ path }) => !path.endsWith("/chat/completions"))).toEqual([]);
  });
});
