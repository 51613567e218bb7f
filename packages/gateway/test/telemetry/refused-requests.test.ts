/** What is refused over HTTP is seen: a call in ledger, figures and log, and what became no call in figures and log. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { createLog } from "../../src/telemetry/log.ts";
import { type Answer, chat, type RawConnection, startWorld, type World } from "../security/security-world.ts";
import { readPrometheusText, sumOf } from "./prometheus-text.ts";

const lines: Record<string, unknown>[] = [];
let now = 0;
let world: World;
beforeAll(async () => {
  const write = (line: string) => void lines.push(JSON.parse(line));
  const log = await createLog({ format: "json", logLevel: "info", write, clock: () => now });
  world = await startWorld({
    configuration: {
      server: { callsPerKeyMax: 1 },
      limits: [{ name: "one", metric: "requests", amount: 1, window: { type: "rolling", ms: 60_000 }, of: { route: ["deep"] } }],
    },
    gateway: { observers: [log] },
    server: { bodyBytesMax: 5_000 },
  });
});
afterAll(() => world.close());

async function figure(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const { text } = await world.send({ path: "/metrics", key: world.keys.admin });
  return sumOf(readPrometheusText(text), name, labels);
}

function logged({ headers }: Answer): readonly Record<string, unknown>[] {
  return lines.filter(({ id }) => id === headers["x-request-id"]);
}

const ask = (path: string, key: string | undefined, body: unknown, headers = {}) =>
  world.send({ method: "POST", path, key, body, headers });

/** A call that is under way until its connection is closed. */
async function held(key: string): Promise<RawConnection> {
  const known = world.openai.requests.length;
  const connection = await world.open();
  const body = JSON.stringify(chat("chat:fault-silence", "x", { stream: true }));
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\ncontent-length: ${Buffer.byteLength(body)}`;
  connection.socket.write(`${head}\r\n\r\n${body}`);
  while (world.openai.requests.length === known) await new Promise((resolve) => setImmediate(resolve));
  return connection;
}

describe("a call that is refused before its body is read", () => {
  it("because its key has too many under way, is in the ledger, the figures and the log", async ({ expect }) => {
    const { socket } = await held(world.keys.red);
    const refused = await ask("/v1/messages", world.keys.red, chat("fast"));
    const gemini = await ask("/v1beta/models/fast:streamGenerateContent", world.keys.red, {});
    expect([refused.status, gemini.status]).toEqual([429, 429]);
    const known = {
      key: world.ids.red,
      team: "red",
      outcome: "refused",
      code: "rate_limited",
      status: 429,
      costUsd: 0,
      attempts: [],
    };
    const id = String(refused.headers["x-request-id"]);
    expect(await world.gateway.ledger.call(id)).toMatchObject({
      ...known,
      dialect: "anthropic-messages",
      operation: "complete",
      asked: "",
    });
    expect(await world.gateway.ledger.call(String(gemini.headers["x-request-id"]))).toMatchObject({
      ...known,
      dialect: "gemini",
      operation: "stream",
      asked: "fast",
    });
    expect(logged(refused)).toMatchObject([
      { event: "call.closed", key: world.ids.red, outcome: "refused", code: "rate_limited" },
    ]);
    expect(await figure("dragoman_calls_total", { outcome: "refused", code: "rate_limited", team: "red" })).toBe(2);
    expect(await figure("dragoman_requests_failed_total", { code: "rate_limited" })).toBe(0);
    socket.destroy();
  });

  it("is no call where it only asks for a list, and is seen all the same", async ({ expect }) => {
    const { socket } = await held(world.keys.blue);
    const refused = await world.send({ path: "/v1/models", key: world.keys.blue });
    expect(refused.status).toBe(429);
    expect(await world.gateway.ledger.call(String(refused.headers["x-request-id"]))).toBeUndefined();
    expect(logged(refused)).toMatchObject([
      { event: "request.failed", key: world.ids.blue, path: "/v1/models", code: "rate_limited" },
    ]);
    expect(await figure("dragoman_requests_failed_total", { code: "rate_limited", team: "blue" })).toBe(1);
    socket.destroy();
  });
});

describe("a request that becomes no call", () => {
  it.for([
    ["without a key", "authentication", () => ask("/v1/chat/completions", undefined, chat("fast"))],
    ["with a key that does not hold", "authentication", () => ask("/v1/chat/completions", world.keys.expired, chat("fast"))],
    [
      "for administration, with a caller's key",
      "permission_denied",
      () => world.send({ path: "/admin/v1/keys", key: world.keys.blue }),
    ],
    ["to a path that is not served", "not_found", () => ask("/v1/nowhere", world.keys.blue, {})],
    ["by a method that is not taken", "method_not_allowed", () => world.send({ path: "/v1/messages", key: world.keys.blue })],
    ["whose body is no JSON", "invalid_request", () => ask("/v1/chat/completions", world.keys.blue, "{")],
    ["whose body is no call", "invalid_request", () => ask("/v1/chat/completions", world.keys.blue, { model: 3 })],
    ["whose body is too large", "request_too_large", () => ask("/v1/messages", world.keys.blue, chat("fast", "x".repeat(6_000)))],
    [
      "whose headers cannot be used",
      "invalid_request",
      () => ask("/v1/messages", world.keys.blue, chat("fast"), { "x-dragoman-cache": "x" }),
    ],
    [
      "of a foreign page",
      "permission_denied",
      () => ask("/v1/messages", world.keys.blue, {}, { origin: "https://evil.example" }),
    ],
    ["for an unknown key of the admin API", "not_found", () => world.send({ path: "/admin/v1/keys/k_x", key: world.keys.admin })],
  ] as const)("%s is counted by its code, and logged with its id: %s", async ([, code, send], { expect }) => {
    const before = await figure("dragoman_requests_failed_total", { code });
    const calls = await figure("dragoman_calls_total", {});
    const answer = await send();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await figure("dragoman_requests_failed_total", { code })).toBe(before + 1);
    expect(await figure("dragoman_calls_total", {})).toBe(calls);
    expect(logged(answer)).toMatchObject([{ event: "request.failed", code, level: 30 }]);
  });

  it("that is not even HTTP is counted", async ({ expect }) => {
    const before = await figure("dragoman_requests_failed_total", { code: "invalid_request" });
    const { socket, closed } = await world.open();
    socket.write("hello\r\n\r\n");
    expect(await closed).toContain("400 Bad Request");
    expect(await figure("dragoman_requests_failed_total", { code: "invalid_request" })).toBe(before + 1);
    expect(lines.at(-1)).toMatchObject({ event: "request.failed", msg: expect.stringContaining("refused a connection") });
  });

  it("does not fill the log where no key is sent, and what was left out is told", async ({ expect }) => {
    now += 60_000;
    lines.length = 0;
    for (let sent = 0; sent < 65; sent++) await ask("/v1/messages?key=sk-ant-api03-u5Wc1eRt7Yh3Nq9Kz2Lp", undefined, {});
    expect(lines.length).toBe(60);
    now += 60_000;
    await ask("/v1/messages", undefined, {});
    expect(lines.at(-1)).toMatchObject({ leftOut: 5, msg: expect.stringContaining("(5 more were left out before)") });
    expect(JSON.stringify(lines)).not.toContain("u5Wc1eRt7Yh3Nq9Kz2Lp");
  });
});

describe("a call that the pipeline refuses", () => {
  it.for([
    ["unknown_model", "no-such-model", 1],
    ["rate_limited", "deep", 2],
  ] as const)("%s is counted once, as a call", async ([code, model, times], { expect }) => {
    const [calls, requests] = [
      await figure("dragoman_calls_total", { code }),
      await figure("dragoman_requests_failed_total", { code }),
    ];
    for (let sent = 0; sent < times; sent++) await ask("/v1/chat/completions", world.keys.blue, chat(model));
    const streamed = await ask("/v1/chat/completions", world.keys.blue, chat(model, "x", { stream: true }));
    expect(logged(streamed)).toMatchObject([{ event: "call.closed", code }]);
    expect(await figure("dragoman_calls_total", { code, outcome: "refused" })).toBe(calls + 2);
    expect(await figure("dragoman_requests_failed_total", { code })).toBe(requests);
  });
});

describe("a gateway that is stopping", () => {
  it("keeps the calls that it refuses, and goes on to answer what is no call", async ({ expect }) => {
    await world.gateway.drain(0);
    const [refused, listed] = [
      await ask("/v1/chat/completions", world.keys.red, chat("fast")),
      await world.send({ path: "/v1/models", key: world.keys.red }),
    ];
    expect([refused.status, refused.headers["retry-after"], listed.status]).toEqual([503, "1", 200]);
    const found = await world.gateway.ledger.call(String(refused.headers["x-request-id"]));
    expect(found).toMatchObject({ outcome: "refused", code: "provider_unavailable", status: 503, key: world.ids.red });
    expect(logged(refused)).toMatchObject([{ event: "call.closed", code: "provider_unavailable" }]);
    expect(await figure("dragoman_calls_total", { code: "provider_unavailable", outcome: "refused" })).toBe(1);
  });
});
