/** How the load generator reads an answer. */
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, openConnection, renderRequest } from "../../bench/ask.ts";

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
/** Path -> what the server writes, piece by piece; `undefined` closes. */
const ANSWERS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "/length": ["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r\n\r\nhe", "llo"],
  "/chunks": [CHUNKED, "5\r\nhello\r\n", "5\r\nworld\r\n0\r", "\n\r\n"],
  "/trailers": [CHUNKED, "5\r\nhello\r\n", "0\r\nx-cost: 1\r\n\r\n"],
  "/refused": ["HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nlate"],
  "/closed": [`${CHUNKED}5\r\nhello\r\n`, undefined],
};

let url = "";
const server = createServer((socket) => {
  socket.setNoDelay(true).setEncoding("latin1");
  socket.on("data", (request) => write(socket, ANSWERS[String(request).split(" ")[1] ?? ""] ?? []));
});

function write(socket: Socket, [piece, ...rest]: readonly (string | undefined)[]): void {
  if (piece === undefined) socket.end();
  else socket.write(piece, () => rest.length > 0 && setImmediate(write, socket, rest));
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function read(path: string): Promise<string> {
  const question = { url: url + path, body: "{}", headers: { "x-way": "a" } };
  const socket = await openConnection(question.url);
  let body = "";
  try {
    await ask(socket, renderRequest(question), (piece) => {
      body += piece;
    });
    return body;
  } finally {
    socket.destroy();
  }
}

describe("an answer", () => {
  it.each([
    ["/length", "hello"],
    ["/chunks", "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"],
    ["/trailers", "5\r\nhello\r\n0\r\nx-cost: 1\r\n\r\n"],
  ])("is read to its end: %s", async (path, body) => {
    expect(await read(path)).toBe(body);
  });

  it("that is not 200 is an error with its text", async () => {
    await expect(read("/refused")).rejects.toThrow(/429[\s\S]*late/);
  });

  it("that ends too early is an error", async () => {
    await expect(read("/closed")).rejects.toThrow("closed the connection");
  });

  it("is asked for with the key, the way's own headers and the length", () => {
    const request = renderRequest({ url: "http://127.0.0.1:9/v1/x", body: "{}", headers: { "x-way": "a" } });
    expect(request).toMatch(/^POST \/v1\/x HTTP\/1\.1\r\nhost: 127\.0\.0\.1:9\r\n/);
    expect(request).toMatch(/\r\nauthorization: Bearer .+\r\nx-way: a\r\ncontent-length: 2\r\n\r\n\{\}$/);
  });
});
