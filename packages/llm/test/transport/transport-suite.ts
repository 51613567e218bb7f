/** What every transport must do, over real connections on loopback. What one cannot do is skipped with its reason. */
import { getEventListeners, once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import zlib from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { DragomanError } from "../../src/errors.ts";
import type { Transport, TransportRequest, TransportResponse } from "../../src/transport/transport.ts";
import { closed, signalled, startServer, startSocketServer } from "./local-server.ts";

export interface TransportUnderTest {
  create(options?: { decompressedBytesMax?: number }): Transport;
  /** The limit that ends a connection which never stands. */
  readonly connectLimit: "connectMs" | "firstByteMs";
  /** Whether giving up closes a connection that is still being opened; else the runtime closes it in its own time. */
  readonly closesConnecting: boolean;
  /** Cases that it cannot meet, each with the reason. */
  readonly cannot: { readonly "tell a broken packing"?: string };
}

export function post(server: { readonly url: string }, rest: Partial<TransportRequest> = {}): TransportRequest {
  const headers = { "content-type": "application/json" };
  return { url: `${server.url}/v1/chat?key=SECRET-IN-QUERY`, method: "POST", headers, body: '{"model":"m"}', ...rest };
}

export async function errorOf(work: Promise<unknown>): Promise<DragomanError> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (!DragomanError.is(outcome)) throw new Error("not a DragomanError", { cause: outcome });
  return outcome;
}

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of body) text += Buffer.from(chunk).toString("latin1");
  return text;
}

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";

export function describeTransport(name: string, { create, connectLimit, closesConnecting, cannot }: TransportUnderTest): void {
  describe(name, () => {
    const transport = create();
    afterAll(() => transport.close());

    describe("sends and answers", () => {
      test("sends method, path, query, headers and body as they are", async () => {
        await using server = await startServer(async (request, response) => {
          const pieces = await request.toArray();
          const { authorization, "accept-encoding": encoding } = request.headers;
          response.end(JSON.stringify([request.method, request.url, authorization, encoding, Buffer.concat(pieces).toString()]));
        });
        const headers = { Authorization: "Bearer k" };
        const answer = await transport.send({ url: `${server.url}/a%20b?x=1#f`, method: "POST", headers, body: '{"ä":1}' });
        expect(JSON.parse(await answer.text())).toEqual(["POST", "/a%20b?x=1", "Bearer k", "identity", '{"ä":1}']);
      });

      test.each(["GET", "DELETE", "POST"] as const)("sends a %s without a body", async (method) => {
        await using server = await startServer((request, response) => response.end(request.method));
        const answer = await transport.send({ url: server.url, method, headers: {} });
        expect(await answer.text()).toBe(method);
      });

      test("gives the status and the headers, names in lower case, several values joined", async () => {
        await using server = await startServer((_request, response) => {
          response.writeHead(
            429,
            [
              ["X-Request-Id", "r1"],
              ["Via", "a"],
              ["via", "b"],
            ].flat(),
          );
          response.end("slow down");
        });
        const answer = await transport.send(post(server));
        expect(answer.status).toBe(429);
        expect(answer.headers).toMatchObject({ "x-request-id": "r1", via: "a, b" });
        expect(await answer.text()).toBe("slow down");
      });

      test("takes informational answers for what they are", async () => {
        await using server = await startSocketServer((socket) => {
          socket.once("data", () =>
            socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${HEAD}content-length: 2\r\n\r\nok`),
          );
        });
        const answer = await transport.send(post(server));
        expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
      });

      test("returns a redirect as it is and never follows it", async () => {
        const paths: unknown[] = [];
        await using server = await startServer((request, response) => {
          paths.push(request.url);
          response.writeHead(307, { location: `${server.url}/elsewhere` }).end();
        });
        const answer = await transport.send(post(server));
        expect([answer.status, answer.headers.location]).toEqual([307, `${server.url}/elsewhere`]);
        expect(await answer.text()).toBe("");
        expect(paths).toHaveLength(1);
      });

      test("hands out pieces as they come", async () => {
        const firstRead = signalled();
        await using server = await startServer(async (_request, response) => {
          response.write("one");
          await firstRead.value; // Deadlocks unless the first piece is handed out before the second is there.
          response.end("two");
        });
        const pieces: string[] = [];
        for await (const piece of (await transport.send(post(server))).body) {
          pieces.push(Buffer.from(piece).toString());
          firstRead.set();
        }
        expect(pieces.join("|")).toBe("one|two");
      });

      test("answers before the body begins", async () => {
        const answered = signalled();
        await using server = await startServer(async (_request, response) => {
          response.flushHeaders();
          await answered.value;
          response.end("late");
        });
        const answer = await transport.send(post(server));
        answered.set();
        expect(await answer.text()).toBe("late");
      });

      test("reads text across pieces: a cut character, a byte order mark, bytes that are not UTF-8", async () => {
        const bytes = Buffer.concat([Buffer.from("\ufeffgrün €"), Buffer.from([0xff])]);
        await using server = await startServer(async (_request, response) => {
          for (const byte of bytes) {
            response.write(Buffer.of(byte));
            await delay(0);
          }
          response.end();
        });
        expect(await (await transport.send(post(server))).text()).toBe("grün €\ufffd");
      });

      test("reads an empty body", async () => {
        await using server = await startServer((_request, response) => response.writeHead(204).end());
        expect(await (await transport.send(post(server))).text()).toBe("");
        expect(await readText((await transport.send(post(server))).body)).toBe("");
      });

      test("gives the body once", async () => {
        await using server = await startServer((_request, response) => response.end("once"));
        const answer = await transport.send(post(server));
        expect(await answer.text()).toBe("once");
        expect((await errorOf(answer.text())).code).toBe("internal");
        expect((await errorOf(readText(answer.body))).code).toBe("internal");
      });

      test("uses a connection again", async () => {
        await using server = await startServer((_request, response) => response.end("{}"));
        for (let call = 0; call < 5; call++) await (await transport.send(post(server))).text();
        for (let call = 0; call < 5; call++) await readText((await transport.send(post(server))).body);
        // undici keeps a connection back for one turn of the event loop, so that calls in a row take two by turns.
        expect(server.sockets.length).toBeLessThanOrEqual(2);
      });

      test("keeps many calls at the same time apart", async () => {
        await using server = await startServer(async (request, response) => {
          for (const piece of ["a", "b", "c"]) {
            response.write(`${request.headers["x-call"]}${piece} `);
            await delay(0);
          }
          response.end();
        });
        const calls = Array.from({ length: 100 }, async (_, call) => {
          const answer = await transport.send(post(server, { headers: { "x-call": String(call) } }));
          return call % 2 === 0 ? answer.text() : readText(answer.body);
        });
        expect(await Promise.all(calls)).toEqual(calls.map((_, call) => `${call}a ${call}b ${call}c `));
      });

      test("lets a slow reader take its time, and keeps little for it", async () => {
        const total = 32 * 1024 * 1024;
        const isFull = signalled();
        await using server = await startServer(async (_request, response) => {
          for (let sent = 0; sent < total; sent += 65_536) {
            if (response.write(Buffer.alloc(65_536))) continue;
            isFull.set();
            await once(response, "drain");
          }
          response.end();
        });
        const { body } = await transport.send(post(server, { timeouts: { idleMs: 500 } }));
        let bytes = 0;
        for await (const chunk of body) {
          if (bytes === 0) {
            await isFull.value;
            await delay(1200);
          }
          bytes += chunk.length;
        }
        expect(bytes).toBe(total);
      });
    });

    describe("aborts", () => {
      test("sends nothing when the signal is aborted already", async () => {
        await using server = await startServer((_request, response) => response.end());
        const error = await errorOf(transport.send(post(server, { signal: AbortSignal.abort() })));
        expect(error).toMatchObject({ code: "aborted", request: "POST /v1/chat", retryable: false });
        expect(server.sockets).toHaveLength(0);
      });

      test("closes the connection while the answer is awaited", async () => {
        const arrived = signalled();
        await using server = await startServer(() => arrived.set());
        const controller = new AbortController();
        const answer = transport.send(post(server, { signal: controller.signal }));
        await arrived.value;
        controller.abort();
        expect((await errorOf(answer)).code).toBe("aborted");
        await closed(await server.firstSocket);
      });

      test("closes the connection while the body is read", async () => {
        await using server = await startServer((_request, response) => response.write("first"));
        const controller = new AbortController();
        const { body } = await transport.send(post(server, { signal: controller.signal }));
        const pieces: string[] = [];
        const reading = (async () => {
          for await (const piece of body) {
            pieces.push(Buffer.from(piece).toString());
            setImmediate(() => controller.abort()); // The loop is waiting by then.
          }
        })();
        expect((await errorOf(reading)).code).toBe("aborted");
        expect(pieces).toEqual(["first"]);
        await closed(await server.firstSocket);
      });

      test("closes the connection while the whole text is awaited, or nobody reads", async () => {
        await using server = await startServer((_request, response) => response.write("first"));
        for (const read of [true, false]) {
          const controller = new AbortController();
          const answer = await transport.send(post(server, { signal: controller.signal }));
          const text = read ? errorOf(answer.text()) : undefined;
          controller.abort();
          expect((await (text ?? errorOf(readText(answer.body).then(() => answer.text())))).code).toBe("aborted");
        }
        await Promise.all(server.sockets.map(closed));
      });

      test("does not touch the other calls", async () => {
        const bothHere = signalled();
        const release = signalled();
        await using server = await startServer(async (_request, response) => {
          if (server.sockets.length === 2) bothHere.set();
          await release.value;
          response.end("fine");
        });
        const controller = new AbortController();
        const aborted = errorOf(transport.send(post(server, { signal: controller.signal })));
        const other = transport.send(post(server));
        await bothHere.value;
        controller.abort();
        expect((await aborted).code).toBe("aborted");
        release.set();
        expect(await (await other).text()).toBe("fine");
      });

      test("leaves no listener on the signal when a call is over, however it ended", async () => {
        await using server = await startServer((request, response) => {
          if (request.headers["x-end"] === "reset") request.socket.destroy();
          else response.end("fine");
        });
        const { signal } = new AbortController();
        await (await transport.send(post(server, { signal }))).text();
        await readText((await transport.send(post(server, { signal }))).body);
        await errorOf(transport.send(post(server, { signal, headers: { "x-end": "reset" } })));
        expect(getEventListeners(signal, "abort")).toHaveLength(0);
      });

      const LEAVE: Record<string, (answer: TransportResponse) => Promise<void>> = {
        "the loop is left": async ({ body }) => {
          for await (const _piece of body) break;
        },
        "the loop throws": async ({ body }) => {
          const reading = async () => {
            for await (const _piece of body) throw new Error("enough");
          };
          await expect(reading()).rejects.toThrow("enough");
        },
        "the answer is cancelled": async (answer) => {
          answer.cancel();
          expect((await errorOf(answer.text())).code).toBe("aborted");
        },
        "the answer is cancelled within the loop": async (answer) => {
          const reading = async () => {
            for await (const _piece of answer.body) answer.cancel();
          };
          expect((await errorOf(reading())).code).toBe("aborted");
        },
      };
      test.each(Object.entries(LEAVE))("closes the connection when %s", async (_name, leave) => {
        await using server = await startServer((_request, response) => response.write("first"));
        await leave(await transport.send(post(server)));
        await closed(await server.firstSocket);
      });
    });

    describe("times out", () => {
      test("when no connection comes about", async () => {
        // Accepts, and never answers the TLS handshake.
        await using server = await startSocketServer((socket) => socket.resume());
        const url = `https://127.0.0.1:${server.port}/v1/chat`;
        const error = await errorOf(transport.send(post(server, { url, timeouts: { [connectLimit]: 100 } })));
        expect(error).toMatchObject({ code: "timeout", request: "POST /v1/chat", retryable: true });
        expect(error.message).toContain("100 ms");
        expect(error.message).toContain(connectLimit);
        if (closesConnecting) await closed(await server.firstSocket);
      });

      test.each(["", "HTTP/1.1 200 OK\r\ncontent-ty"])("when the answer does not begin (%j)", async (beginning) => {
        await using server = await startSocketServer((socket) => socket.once("data", () => socket.write(beginning)));
        const error = await errorOf(transport.send(post(server, { timeouts: { firstByteMs: 100 } })));
        expect(error.code).toBe("timeout");
        expect(error.message).toContain("100 ms of the request (firstByteMs)");
        await closed(await server.firstSocket);
      });

      test("when the body pauses, and keeps what had come", async () => {
        await using server = await startServer((_request, response) => response.write("first"));
        const { body } = await transport.send(post(server, { timeouts: { idleMs: 100 } }));
        const pieces: string[] = [];
        const reading = (async () => {
          for await (const piece of body) pieces.push(Buffer.from(piece).toString());
        })();
        const error = await errorOf(reading);
        expect(error.code).toBe("timeout");
        expect(error.message).toContain("100 ms (idleMs)");
        expect(pieces).toEqual(["first"]);
        await closed(await server.firstSocket);
      });

      test("inside the body of an error, and says which status it was", async () => {
        await using server = await startServer((_request, response) => response.writeHead(500).write("{"));
        const error = await errorOf(transport.send(post(server, { timeouts: { idleMs: 50 } })).then((answer) => answer.text()));
        expect(error).toMatchObject({ code: "timeout", status: 500 });
      });

      test("when the whole call takes too long, however lively it is", async () => {
        await using server = await startServer(async (_request, response) => {
          while (!response.destroyed) {
            response.write("more");
            await delay(5);
          }
        });
        const error = await errorOf(transport.send(post(server, { timeouts: { totalMs: 300 } })).then((answer) => answer.text()));
        expect(error.code).toBe("timeout");
        expect(error.message).toContain("300 ms (totalMs)");
        await closed(await server.firstSocket);
      });

      test("never where the limits are endless or larger than a timer takes", async () => {
        await using server = await startServer(async (_request, response) => {
          await delay(20);
          response.end("fine");
        });
        for (const limitMs of [Infinity, 1e12]) {
          const timeouts = { connectMs: limitMs, firstByteMs: limitMs, idleMs: limitMs, totalMs: limitMs };
          expect(await (await transport.send(post(server, { timeouts }))).text()).toBe("fine");
        }
      });

      test("refuses a limit that is none", async () => {
        const error = await errorOf(transport.send(post({ url: "http://127.0.0.1:9" }, { timeouts: { idleMs: -1 } })));
        expect(error).toMatchObject({ code: "invalid_request", field: "timeouts.idleMs" });
      });
    });

    describe("tells how a connection broke", () => {
      test("when nobody listens", async () => {
        const server = await startServer(() => {});
        await server[Symbol.asyncDispose]();
        const error = await errorOf(transport.send(post(server)));
        expect(error).toMatchObject({ code: "connection_failed", request: "POST /v1/chat", retryable: true });
        expect(error.message).toContain("ECONNREFUSED");
      });

      const BEFORE: Record<string, (socket: Socket) => void> = {
        "a reset before the answer": (socket) => socket.resetAndDestroy(),
        "an end before the answer": (socket) => socket.end(),
        "half of the headers": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-ty"),
        "something that is not HTTP": (socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"),
      };
      test.each(Object.entries(BEFORE))("by %s", async (_name, answer) => {
        await using server = await startSocketServer((socket) => socket.once("data", () => answer(socket)));
        expect(await errorOf(transport.send(post(server)))).toMatchObject({ code: "connection_failed", status: undefined });
        expect(server.sockets).toHaveLength(1); // Nothing was sent again.
      });

      const INSIDE: Record<string, [head: string, cut: (socket: Socket) => void]> = {
        "a reset inside a chunked body": [
          "transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n",
          (socket) => socket.resetAndDestroy(),
        ],
        "the end of a chunked body without its last chunk": [
          "transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n",
          (socket) => socket.end(),
        ],
        "a body shorter than its length": ["content-length: 100\r\n\r\nfirst", (socket) => socket.end()],
        "a chunked body that is none": ["transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n", (socket) => socket.end("zz\r\n")],
      };
      test.each(Object.entries(INSIDE))("by %s", async (_name, [head, cut]) => {
        const firstRead = signalled();
        await using server = await startSocketServer((socket) => {
          socket.once("data", () => socket.write(`${HEAD}${head}`));
          firstRead.value.then(() => cut(socket));
        });
        const { body } = await transport.send(post(server));
        const pieces: string[] = [];
        const reading = (async () => {
          for await (const piece of body) {
            pieces.push(Buffer.from(piece).toString());
            firstRead.set();
          }
        })();
        const error = await errorOf(reading);
        expect(error).toMatchObject({ code: "connection_failed", request: "POST /v1/chat", status: 200 });
        expect(error.message).toContain("inside the answer");
        expect(pieces).toEqual(["first"]);
      });

      test("to whoever waits for the text, too", async () => {
        await using server = await startSocketServer((socket) => {
          socket.once("data", () => socket.end(`${HEAD}content-length: 100\r\n\r\nfirst`));
        });
        expect((await errorOf(transport.send(post(server)).then((answer) => answer.text()))).code).toBe("connection_failed");
      });

      test("and works again afterwards", async () => {
        let calls = 0;
        await using server = await startServer((request, response) => {
          if (calls++ % 2 === 0) request.socket.resetAndDestroy();
          else response.end("fine");
        });
        for (let round = 0; round < 3; round++) {
          expect((await errorOf(transport.send(post(server)))).code).toBe("connection_failed");
          expect(await (await transport.send(post(server))).text()).toBe("fine");
        }
      });
    });

    describe("bounds what it takes", () => {
      test("gives up a text that is too long, and closes the connection", async () => {
        await using server = await startServer(async (_request, response) => {
          while (!response.destroyed) {
            response.write("x".repeat(1000));
            await delay(1);
          }
        });
        const error = await errorOf((await transport.send(post(server))).text(10_000));
        expect(error).toMatchObject({ code: "invalid_response", request: "POST /v1/chat" });
        expect(error.message).toContain("10000 bytes");
        await closed(await server.firstSocket);
      });

      test("takes a text of exactly the limit and refuses one byte more", async () => {
        await using server = await startServer((_request, response) => response.end("x".repeat(1000)));
        expect(await (await transport.send(post(server))).text(1000)).toHaveLength(1000);
        expect((await errorOf((await transport.send(post(server))).text(999))).code).toBe("invalid_response");
      });

      const PACKERS = {
        gzip: zlib.gzipSync,
        deflate: zlib.deflateSync,
        br: zlib.brotliCompressSync,
        zstd: zlib.zstdCompressSync,
      };
      const TEXT = JSON.stringify({ text: "grün ".repeat(20_000) });

      test.each(Object.entries(PACKERS))("unpacks %s, which it does not ask for", async (encoding, pack) => {
        const packed = pack(TEXT);
        await using server = await startServer((_request, response) => {
          response.writeHead(200, { "content-encoding": encoding, "content-length": packed.length }).end(packed);
        });
        const answer = await transport.send(post(server));
        expect(answer.headers).not.toHaveProperty("content-encoding");
        expect(answer.headers).not.toHaveProperty("content-length");
        expect(await answer.text()).toBe(TEXT);
        const read = await readText((await transport.send(post(server))).body);
        expect(Buffer.from(read, "latin1").toString()).toBe(TEXT);
      });

      test("hands out packed pieces as they come, and closes the connection when left early", async () => {
        await using server = await startServer((_request, response) => {
          const packer = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
          response.writeHead(200, { "content-encoding": "gzip" });
          packer.pipe(response);
          packer.write("first");
        });
        for await (const piece of (await transport.send(post(server))).body) {
          expect(Buffer.from(piece).toString()).toBe("first");
          break;
        }
        await closed(await server.firstSocket);
      });

      test("bounds what a packed body unpacks to", async () => {
        const packed = zlib.gzipSync(Buffer.alloc(8 * 1024 * 1024));
        await using server = await startServer((_request, response) => {
          response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
        });
        const careful = create({ decompressedBytesMax: 100_000 });
        for (const read of [(answer: TransportResponse) => answer.text(), (answer: TransportResponse) => readText(answer.body)]) {
          const error = await errorOf(careful.send(post(server)).then(read));
          expect(error.code).toBe("invalid_response");
          expect(error.message).toContain("100000 bytes");
        }
        expect((await errorOf((await transport.send(post(server))).text(1000))).code).toBe("invalid_response");
        await careful.close();
      });

      test("tells a broken packing", async ({ skip }) => {
        skip(cannot["tell a broken packing"] !== undefined, cannot["tell a broken packing"]);
        const packed = zlib.gzipSync(TEXT);
        for (const broken of [Buffer.from("not gzip at all"), packed.subarray(0, packed.length / 2)]) {
          await using server = await startServer((_request, response) => {
            response.writeHead(200, { "content-encoding": "gzip" }).end(broken);
          });
          expect((await errorOf((await transport.send(post(server))).text())).code).toBe("invalid_response");
        }
      });
    });

    describe("refuses", () => {
      test.each(["no url", "ftp://127.0.0.1/", "http://user:pass@127.0.0.1/"])(
        "the endpoint %s, and keeps its secrets",
        async (url) => {
          const error = await errorOf(transport.send({ url, method: "GET", headers: {} }));
          expect(error.code).toBe("configuration");
          expect(error.message).not.toContain("pass@");
        },
      );

      test("a header that cannot be sent, without repeating it", async () => {
        const headers = { authorization: "Bearer hunter2\r\nx: y" };
        const error = await errorOf(transport.send(post({ url: "http://127.0.0.1:9" }, { headers })));
        expect(error.code).toBe("invalid_request");
        expect(JSON.stringify(error) + error.message).not.toContain("hunter2");
      });

      test("to put the query or a header into any error", async () => {
        await using server = await startServer((request) => request.socket.destroy());
        const headers = { authorization: "Bearer SECRET-IN-HEADER" };
        const broken = await errorOf(transport.send(post(server, { headers })));
        const late = await errorOf(transport.send(post(server, { headers, timeouts: { totalMs: 0 } })));
        for (const error of [broken, late]) {
          expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain("SECRET");
        }
      });

      test("new calls after it was closed", async () => {
        const own = create();
        await using server = await startServer((_request, response) => response.end("fine"));
        const answer = await own.send(post(server));
        await Promise.all([own.close(), own.close()]);
        expect(await answer.text()).toBe("fine");
        expect((await errorOf(own.send(post(server)))).code).toBe("provider_unavailable");
        await own.close();
      });
    });
  });
}
