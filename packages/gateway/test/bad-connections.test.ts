/** Clients that do not keep to HTTP, or do not stay: the server answers what can be answered, and lives on. */
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type GatewayUnderTest, startGateway } from "./gateway-under-test.ts";
import { INGRESS_CLIENTS, post } from "./ingress-clients.ts";
import { POLL } from "./sdk/conversation.ts";

let gateway: GatewayUnderTest;

afterEach(() => gateway.close());

interface RawClient {
  readonly socket: Socket;
  /** Everything that came, once the server has closed the connection. */
  readonly closed: Promise<string>;
  /** Resolves once this text has come. */
  until(text: string): Promise<string>;
}

function open(): Promise<RawClient> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    received += text;
  });
  // A reset is one of the ways in which a server may end a bad connection.
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  const until = async (text: string): Promise<string> => {
    await expect.poll(() => received, POLL).toContain(text);
    return received;
  };
  return new Promise((resolve) => socket.once("connect", () => resolve({ socket, closed, until })));
}

function chatRequest(body: string, length = Buffer.byteLength(body)): string {
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

const BODY = JSON.stringify({ model: "sim:bare", messages: [{ role: "user", content: "hello" }] });
/** Answered only when the client goes away. */
const STALLED = JSON.stringify({ model: "sim:fault-silence", messages: [{ role: "user", content: "hello" }] });

async function expectAlive(): Promise<void> {
  for (const client of INGRESS_CLIENTS) {
    const response = await post(gateway.url, client, { model: "sim:bare" });
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  }
}

describe("a connection", () => {
  it.each([
    ["of bytes that are not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"],
    ["with a bad header", "GET / HTTP/1.1\r\nbad header\r\n\r\n", "400"],
    ["with two lengths", "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}", "400"],
    [
      "with a length and chunks",
      "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
      "400",
    ],
    ["with headers too large", `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(100_000)}\r\n\r\n`, "431"],
  ])("%s is refused as JSON and closed", async (_case, bytes, status) => {
    gateway = await startGateway();
    const client = await open();
    client.socket.write(bytes, "latin1");
    const answer = await client.closed;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const body: unknown = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
    expect(body).toMatchObject({ type: "error", error: { message: expect.stringMatching(/\w+/) } });
    await expectAlive();
  });

  it("answers requests sent one behind the other in order, then refuses the garbage after them", async () => {
    gateway = await startGateway();
    const client = await open();
    client.socket.write(chatRequest(BODY) + chatRequest(BODY.replace("hello", "again")));
    const answers = await client.until("again");
    expect(answers.indexOf("hello")).toBeLessThan(answers.indexOf("again"));
    client.socket.write("complete garbage\r\n\r\n");
    expect(await client.closed).toMatch(/HTTP\/1\.1 400 [\s\S]*not an HTTP\/1\.1 request/);
    await expectAlive();
  });

  it("with garbage behind a request that is still being answered stops the call", async () => {
    gateway = await startGateway();
    const client = await open();
    client.socket.write(`${chatRequest(STALLED)}complete garbage\r\n\r\n`);
    await client.closed;
    await expect.poll(() => gateway.wasAborted("sim"), POLL).toBe(true);
    await expectAlive();
  });

  it("closed in the middle of its body leaves nothing behind, and is no failure of ours", async () => {
    gateway = await startGateway();
    const client = await open();
    client.socket.write(chatRequest(BODY.slice(0, 20), 1_000));
    client.socket.end();
    await client.closed;
    await expectAlive();
    expect(gateway.reported.filter((line) => line.startsWith("internal"))).toEqual([]);
  });

  it("that never sends the rest of its body is cut off", async () => {
    gateway = await startGateway({ requestTimeoutMs: 50 });
    const client = await open();
    client.socket.write(chatRequest(BODY.slice(0, 20), 1_000));
    expect(await client.closed).toMatch(/^HTTP\/1\.1 408 /);
    await expectAlive();
  });

  it("that sends its body byte by byte is answered", async () => {
    gateway = await startGateway();
    const client = await open();
    client.socket.setNoDelay(true);
    for (const character of chatRequest(BODY)) {
      await new Promise((resolve) => client.socket.write(character, resolve));
    }
    await client.until("You said: “hello”");
    client.socket.destroy();
  });

  it("closed while it waits stops the call, streamed or not, on every wire", async () => {
    gateway = await startGateway();
    for (const client of INGRESS_CLIENTS) {
      for (const stream of [false, true]) {
        const model = gateway.fault("anthropic", "fault-silence");
        const known = gateway.vendors.anthropic.requests.length;
        const controller = new AbortController();
        const asked = fetch(`${gateway.url}${client.path({ model, stream })}`, {
          method: "POST",
          body: JSON.stringify(client.body({ model, stream })),
          signal: controller.signal,
        });
        await expect.poll(() => gateway.vendors.anthropic.requests.length, POLL).toBe(known + 1);
        controller.abort();
        await expect(asked).rejects.toThrow();
        await expect.poll(() => gateway.wasAborted("anthropic"), POLL).toBe(true);
      }
    }
    await gateway.vendors.anthropic.waitForAbort();
    expect(gateway.reported).toEqual([]);
  });
});
