/** Clients that smuggle, trickle, flood and stay: each is refused or ended, and the server serves the next one. */
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createUnreadWatch } from "../../src/http/unread-connections.ts";
import { startHostileVendor } from "./hostile-vendor.ts";
import { chat, startWorld, type World } from "./security-world.ts";

const BODY_BYTES_MAX = 262_144;
let world: World;
beforeAll(async () => {
  world = await startWorld({ server: { bodyBytesMax: BODY_BYTES_MAX, requestTimeoutMs: 1_000, connectionsMax: 300 } });
});
afterAll(() => world.close());

const body = JSON.stringify(chat("fast"));
const MARK = "GET /admin/v1/keys HTTP/1.1\r\nhost: localhost\r\n\r\n";

function head(lines: readonly string[], path = "/v1/chat/completions"): string {
  const all = [`POST ${path} HTTP/1.1`, "host: localhost", `authorization: Bearer ${world.keys.red}`, ...lines];
  return `${all.join("\r\n")}\r\n\r\n`;
}

async function isAlive(): Promise<boolean> {
  return (await world.send({ path: "/health" })).status === 200;
}

const statuses = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

describe("a request that two readers would read differently", () => {
  it.for<[what: string, bytes: () => string]>([
    ["a length and chunks", () => `${head(["content-length: 4", "transfer-encoding: chunked"])}0\r\n\r\n${MARK}`],
    ["chunks and a length", () => `${head(["transfer-encoding: chunked", "content-length: 4"])}0\r\n\r\n${MARK}`],
    ["two lengths", () => `${head(["content-length: 2", `content-length: ${body.length}`])}${body}${MARK}`],
    ["two lengths in one", () => `${head(["content-length: 2, 2"])}{}${MARK}`],
    ["a length with a sign", () => `${head(["content-length: +2"])}{}${MARK}`],
    ["a negative length", () => `${head(["content-length: -2"])}{}${MARK}`],
    ["a hexadecimal length", () => `${head(["content-length: 0x2"])}{}${MARK}`],
    ["chunks that are something else", () => `${head(["transfer-encoding: chunked, identity"])}0\r\n\r\n${MARK}`],
    ["chunks in odd letters", () => `${head(["transfer-encoding: xchunked"])}0\r\n\r\n${MARK}`],
    ["chunks twice", () => `${head(["transfer-encoding: chunked", "transfer-encoding: identity"])}0\r\n\r\n${MARK}`],
    ["a space before the colon", () => `${head(["content-length : 2"])}{}${MARK}`],
    ["a folded header", () => `${head(["x-one: a\r\n  content-length: 2"])}{}${MARK}`],
    ["a bare line feed", () => `POST /v1/chat/completions HTTP/1.1\nhost: localhost\ncontent-length: 2\n\n{}${MARK}`],
    ["a carriage return within", () => `${head(["x-one: a\rcontent-length: 2"])}{}${MARK}`],
    ["a NUL within", () => `${head(["x-one: a\u0000b", "content-length: 2"])}{}${MARK}`],
    ["a bad chunk", () => `${head(["transfer-encoding: chunked"])}zz\r\n{}\r\n0\r\n\r\n${MARK}`],
    ["a chunk longer than it says", () => `${head(["transfer-encoding: chunked"])}1\r\n{}\r\n0\r\n\r\n${MARK}`],
    ["endless chunk extensions", () => `${head(["transfer-encoding: chunked"])}2;${"x".repeat(40_000)}\r\n{}\r\n0\r\n\r\n`],
    ["ten thousand headers", () => head(Array.from({ length: 10_000 }, (_, index) => `x-${index}: 1`))],
    ["a very long path", () => `GET /${"a".repeat(70_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
  ])("%s is refused, and what hides behind it is never read", async ([, bytes], { expect }) => {
    const { socket, closed } = await world.open();
    socket.write(bytes(), "latin1");
    const answer = await closed;
    const [first, ...rest] = statuses(answer);
    expect([400, 408, 413, 431], answer.slice(0, 300)).toContain(first);
    expect(rest).toEqual([]);
    expect(await isAlive()).toBe(true);
  });

  it("pipelined requests are each let in by their own key", async ({ expect }) => {
    const { socket, closed } = await world.open();
    const get = (key?: string, last = "keep-alive") =>
      `GET /admin/v1/keys HTTP/1.1\r\nhost: localhost\r\nconnection: ${last}\r\n${key === undefined ? "" : `authorization: Bearer ${key}\r\n`}\r\n`;
    socket.write(get(world.keys.admin) + get() + get(world.keys.red, "close"));
    expect(statuses(await closed)).toEqual([200, 401, 403]);
  });

  it("an upgrade is not taken", async ({ expect }) => {
    for (const protocol of ["websocket", "h2c"]) {
      const { socket, closed } = await world.open();
      socket.write(`GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`);
      socket.end();
      expect(await closed).not.toMatch(/HTTP\/1\.1 (101|200)/);
    }
    const { socket, closed } = await world.open();
    socket.write("CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: elsewhere.example\r\n\r\n");
    expect(statuses(await closed).filter((status) => status < 400)).toEqual([]);
  });
});

describe("a client that takes its time", () => {
  it("is cut off, whatever of its request it keeps back", async ({ expect }) => {
    const beginnings = [
      "",
      "GET /v1/models HTTP/1.1\r\nhost: loc",
      head([`content-length: ${body.length}`]).concat(body.slice(0, 5)),
      head(["transfer-encoding: chunked"]).concat("1\r\n{\r\n"),
    ];
    const answers = await Promise.all(
      beginnings.map(async (beginning) => {
        const { socket, closed } = await world.open();
        socket.write(beginning);
        return closed;
      }),
    );
    expect(answers.flatMap(statuses).filter((status) => status !== 408)).toEqual([]);
    expect(await isAlive()).toBe(true);
  });

  it("is cut off where it reads nothing of what waits for it; one that reads slowly is not", async ({ expect }) => {
    let now = 0;
    const ended: string[] = [];
    const connection = (name: string) => ({
      writableLength: 0,
      bytesWritten: 0,
      destroy: () => {
        ended.push(name);
        return undefined as never;
      },
    });
    const [idle, stuck, slow] = [connection("idle"), connection("stuck"), connection("slow")];
    const watch = createUnreadWatch(100, () => now);
    for (const one of [idle, stuck, slow]) watch.add(one);
    for (; now < 300; now += 25) {
      for (const one of [stuck, slow]) {
        one.writableLength += 10;
        one.bytesWritten += 10;
      }
      if (now % 50 === 0) slow.writableLength -= 5;
      watch.look();
      if (ended.length > 0) break;
    }
    expect([ended, now]).toEqual([["stuck"], 100]);
    watch.remove(stuck);
    watch.look();
    expect(ended).toEqual(["stuck"]);
  });

  it("is cut off on a real connection, and its call with it", async ({ expect }) => {
    const vendor = await startHostileVendor();
    const own = await startWorld({
      server: { unreadMsMax: 100 },
      providers: { echo: { type: "openai-compatible", baseUrl: vendor.baseUrl, key: "env:OPENAI_TEST_KEY" } },
    });
    const { socket, closed, until } = await own.open();
    const asked = JSON.stringify(chat("echo:endless", "x", { stream: true }));
    const lines = [`authorization: Bearer ${own.keys.red}`, "host: localhost", `content-length: ${asked.length}`];
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${asked}`);
    await until(/HTTP\/1\.1 200 /);
    socket.pause();
    await expect.poll(() => own.gateway.running, { interval: 10, timeout: 15_000 }).toBe(0);
    socket.resume();
    await closed;
    await own.close();
    await vendor.close();
  });
});

describe("a body", () => {
  const post = (bytes: string | Buffer, headers = {}, key: string | undefined = world.keys.red) =>
    world.send({ method: "POST", path: "/v1/chat/completions", key, body: bytes, headers });
  const message = (text: string) => `{"model":"fast","messages":[{"role":"user","content":${text}}]}`;

  it.for<[what: string, status: number, bytes: () => string | Buffer]>([
    ["over the limit", 413, () => message(`"${"x".repeat(BODY_BYTES_MAX)}"`)],
    ["nested a hundred thousand deep", 400, () => message("[".repeat(100_000))],
    ["with a deep schema", 400, () => `{"model":"fast","tools":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)},"messages":[]}`],
    ["of invalid UTF-8", 400, () => Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
    ["with a byte order mark", 400, () => `\ufeff${message('"x"')}`],
    ["with NUL between", 400, () => `{"model":\u0000"fast"}`],
    ["cut off", 400, () => message('"x"').slice(0, -3)],
    ["with something behind", 400, () => `${message('"x"')}{}`],
    ["of a number", 400, () => "1e999"],
    ["of null", 400, () => "null"],
    ["with a number too large", 400, () => `{"model":"fast","max_tokens":1e999,"messages":[{"role":"user","content":"x"}]}`],
    ["with a negative count", 400, () => `{"model":"fast","max_tokens":-5,"messages":[{"role":"user","content":"x"}]}`],
    ["with a model that is a list", 400, () => `{"model":["fast"],"messages":[{"role":"user","content":"x"}]}`],
    ["with a model that is an object", 400, () => `{"model":{"toString":"fast"},"messages":[{"role":"user","content":"x"}]}`],
    ["that is compressed, which is not taken", 400, () => gzipSync(Buffer.alloc(200_000, "x"))],
  ])("%s is refused", async ([, status, bytes], { expect }) => {
    const answer = await post(bytes());
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([status, expect.stringContaining("error")]);
    expect(await isAlive()).toBe(true);
  });

  it("that is a bomb when unpacked is never unpacked", async ({ expect }) => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    for (const encoding of ["gzip", "deflate", "br", "zstd", "identity, gzip"]) {
      expect((await post(bomb, { "content-encoding": encoding })).status).toBe(400);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
  });

  it("with a key twice means the last one to the gate and to the vendor alike", async ({ expect }) => {
    const { key } = await world.gateway.tenancy.createKey({ name: "twice", restrictions: { models: ["fast"] } }, "test");
    const twice = '{"model":"fast","model":"deep","messages":[{"role":"user","content":"x"}]}';
    expect((await post(twice, {}, key)).status).toBe(403);
  });

  it("without a right key is not read", async ({ expect }) => {
    for (const path of ["/v1/chat/completions", "/admin/v1/keys", "/nowhere"]) {
      const { socket, until } = await world.open();
      // The body never comes: whoever waits for it answers with 408, or not at all.
      socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n`);
      expect(await until(/HTTP\/1\.1 \d{3} /)).toMatch(/^HTTP\/1\.1 (401|404) /);
      socket.destroy();
    }
  });
});

describe("floods", () => {
  it("of connections that say nothing are bounded, and those who come later are served again", async ({ expect }) => {
    const opened = await Promise.all(Array.from({ length: 600 }, () => world.open()));
    let ended = 0;
    for (const { closed } of opened) void closed.then(() => (ended += 1));
    // Those over the limit are closed at once, the others when they have said nothing for too long.
    await expect.poll(() => ended, { interval: 10, timeout: 10_000 }).toBeGreaterThanOrEqual(300);
    for (const { socket } of opened) socket.destroy();
    await Promise.all(opened.map(({ closed }) => closed));
    await expect.poll(isAliveOrRefused, { interval: 10, timeout: 10_000 }).toBe(true);
  });

  async function isAliveOrRefused(): Promise<boolean> {
    return isAlive().catch(() => false);
  }

  it("of bad requests leave no memory behind", async ({ expect }) => {
    const bad = `${JSON.stringify({ model: "x".repeat(50_000), messages: [] })}`;
    const round = async (): Promise<number> => {
      for (let index = 0; index < 4; index++) {
        await Promise.all(
          Array.from({ length: 8 }, (_, number) =>
            world.send({
              method: "POST",
              path: `/v1/models/${index}-${number}-${"m".repeat(400)}:generateContent`,
              key: world.keys.red,
              body: bad,
            }),
          ),
        );
      }
      globalThis.gc?.();
      await sleep(0);
      return process.memoryUsage().heapUsed;
    };
    await round();
    const first = await round();
    const second = await round();
    // Without a collector at hand the heap may hold what is dead already.
    expect(second - first).toBeLessThan(30_000_000);
  });
});
