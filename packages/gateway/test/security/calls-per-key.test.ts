/** How many requests of one key may be under way at once, and that each place is given back however a request ends. */
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { chat, startWorld, type World } from "./security-world.ts";

const SILENT = "chat:fault-silence";
let world: World;
beforeAll(async () => {
  world = await startWorld({ configuration: { server: { callsPerKeyMax: 2 } } });
});
afterAll(() => world.close());

function silentRequest(key: string, connection = "keep-alive", path = "/v1/chat/completions"): string {
  const body = JSON.stringify(chat(SILENT, "x", { stream: true }));
  const lines = [`authorization: Bearer ${key}`, `connection: ${connection}`, `content-length: ${Buffer.byteLength(body)}`];
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

const models = (key: string) => world.send({ path: "/v1/models", key });

/** Asks until the key has its places back. */
async function untilFree(key: string): Promise<number> {
  for (;;) {
    const { status } = await models(key);
    if (status !== 429) return status;
    await setImmediate();
  }
}

describe("calls of one key at once", () => {
  it("beyond the limit are refused in the client's dialect, saying when to come again; other keys are not concerned", async ({
    expect,
  }) => {
    const known = world.openai.requests.length;
    const held = await Promise.all([world.open(), world.open()]);
    for (const { socket } of held) socket.write(silentRequest(world.keys.red));
    await expect.poll(() => world.openai.requests.length, { interval: 5, timeout: 5_000 }).toBe(known + 2);
    for (const [path, shape] of [
      ["/v1/chat/completions", { error: { message: expect.stringContaining("2 calls under way") } }],
      ["/v1/messages", { type: "error", error: { type: "rate_limit_error" } }],
      ["/v1beta/models/fast:generateContent", { error: { status: "RESOURCE_EXHAUSTED" } }],
      ["/api/chat", { error: expect.any(String) }],
    ] as const) {
      const { status, headers, text } = await world.send({ method: "POST", path, key: world.keys.red, body: chat("fast") });
      expect([status, headers["retry-after"]]).toEqual([429, "1"]);
      expect(JSON.parse(text)).toMatchObject(shape);
    }
    expect((await models(world.keys.blue)).status).toBe(200);
    expect((await world.send({ path: "/admin/v1/keys", key: world.keys.admin })).status).toBe(200);
    for (const { socket } of held) socket.destroy();
    expect(await untilFree(world.keys.red)).toBe(200);
  });

  it("are free again after answers, errors, refusals and bodies that never came", async ({ expect }) => {
    const { red } = world.keys;
    for (let round = 0; round < 3; round++) {
      expect(
        (await world.send({ method: "POST", path: "/v1/chat/completions", key: red, body: chat("fast", "x", { stream: true }) }))
          .status,
      ).toBe(200);
      expect((await world.send({ method: "POST", path: "/v1/chat/completions", key: red, body: "{" })).status).toBe(400);
      expect(
        (await world.send({ method: "POST", path: "/v1/chat/completions", key: red, body: chat("chat:fault-500") })).status,
      ).toBeGreaterThan(499);
      const half = await world.open();
      half.socket.write(silentRequest(red).slice(0, -10));
      half.socket.end();
      await half.closed;
    }
    expect(await untilFree(red)).toBe(200);
    expect((await Promise.all([models(red), models(red)])).map(({ status }) => status)).toEqual([200, 200]);
  });

  it("that wait behind each other on one connection count, and are given back when it breaks", async ({ expect }) => {
    const { blue } = world.keys;
    const known = world.openai.requests.length;
    const one = await world.open();
    one.socket.write(silentRequest(blue) + silentRequest(blue));
    await expect.poll(() => world.openai.requests.length, { interval: 5, timeout: 5_000 }).toBe(known + 2);
    expect((await models(blue)).status).toBe(429);
    one.socket.destroy();
    expect(await untilFree(blue)).toBe(200);
    expect((await Promise.all([models(blue), models(blue)])).map(({ status }) => status)).toEqual([200, 200]);
  });
});
