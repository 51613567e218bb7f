import dns, { lookup } from "node:dns";
import { resolve4 } from "node:dns/promises";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import { request, fetch as undiciFetch } from "undici";
import { describe, expect, test } from "vitest";
import { forbidRealRequests, RealRequestError } from "../../src/transport/offline-guard.ts";
import { startServer } from "./local-server.ts";

// The setup file of vitest has installed the guard already.
forbidRealRequests();

/** TEST-NET-1 (RFC 5737): belongs to nobody, so that a hole in the guard does no harm. */
const FOREIGN = "192.0.2.1";

/** The guard's own error, however deep a client has wrapped it. */
async function guardErrorOf(attempt: Promise<unknown>): Promise<RealRequestError> {
  let error: unknown = await attempt.then(
    () => "the attempt went through",
    (thrown) => thrown,
  );
  while (error instanceof Error && !(error instanceof RealRequestError) && error.cause !== undefined) error = error.cause;
  if (!(error instanceof RealRequestError)) throw new Error("not stopped by the guard", { cause: error });
  return error;
}

const failure = (emitter: NodeJS.EventEmitter) => once(emitter, "error").then(([error]) => Promise.reject(error));

const ATTEMPTS: Record<string, () => Promise<unknown>> = {
  "the global fetch": () => fetch(`http://${FOREIGN}/`),
  "the global fetch over TLS": () => fetch(`https://${FOREIGN}/`),
  "undici's fetch": () => undiciFetch(`http://${FOREIGN}/`),
  "undici's request": () => request(`http://${FOREIGN}/`),
  "undici's request over TLS": () => request(`https://${FOREIGN}/`),
  "node:http": () => failure(http.get(`http://${FOREIGN}/`)),
  "net.connect with a port and a host": () => failure(net.connect(80, FOREIGN)),
  "net.connect with options": () => failure(net.connect({ port: 80, host: FOREIGN })),
  "a socket's own connect": () => failure(new net.Socket().connect(80, FOREIGN)),
  "tls.connect": () => failure(tls.connect({ port: 443, host: FOREIGN })),
  "a lookup of the caller's own": () =>
    failure(
      net.connect({
        port: 80,
        host: "mine.example",
        lookup: (_hostname, options, callback) =>
          options.all ? callback(null, [{ address: FOREIGN, family: 4 }]) : callback(null, FOREIGN, 4),
      }),
    ),
};

describe("the offline guard", () => {
  test.each(Object.entries(ATTEMPTS))("stops %s and names the address", async (_name, attempt) => {
    const error = await guardErrorOf(attempt());
    expect(error.message).toContain(FOREIGN);
    expect(error.code).toBe("ERR_REAL_REQUEST");
  });

  test("stops a connection to a name before the name is looked up", async () => {
    expect((await guardErrorOf(fetch("http://api.example/"))).message).toContain("api.example");
  });

  test("stops an IPv6 and a mapped address", async () => {
    for (const host of ["2001:db8::1", `::ffff:${FOREIGN}`]) {
      expect((await guardErrorOf(failure(net.connect({ port: 80, host })))).message).toContain(host);
    }
  });

  test("stops lookups by callback and by promise, also where they were imported by name", async () => {
    const byCallback = new Promise((resolve, reject) =>
      lookup("api.example", (error, address) => (error ? reject(error) : resolve(address))),
    );
    const attempts = [
      byCallback,
      resolve4("api.example"),
      dns.promises.lookup("api.example"),
      new dns.promises.Resolver().resolve("api.example"),
    ];
    for (const attempt of attempts) expect((await guardErrorOf(attempt)).message).toContain("api.example");
  });

  test("lets loopback through, by address, by name and over a local lookup", async () => {
    await using server = await startServer((_request, response) => response.end("here"));
    for (const host of ["127.0.0.1", "localhost"]) {
      expect(await (await fetch(`http://${host}:${server.port}/`)).text()).toBe("here");
      expect(await (await request(`http://${host}:${server.port}/`)).body.text()).toBe("here");
    }
    const socket = net.connect({
      port: server.port,
      host: "mine.example",
      lookup: (_hostname, options, callback) =>
        options.all ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4),
    });
    await once(socket, "connect");
    socket.destroy();
  });
});
