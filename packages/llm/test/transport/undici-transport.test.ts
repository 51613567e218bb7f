import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { createUndiciTransport } from "../../src/transport/undici-transport.ts";
import { closed, signalled, startServer, startSocketServer, startTlsServer } from "./local-server.ts";
import { createLoopbackCertificate } from "./loopback-certificate.ts";
import { describeTransport, errorOf, post } from "./transport-suite.ts";

describeTransport("the undici transport", {
  create: createUndiciTransport,
  connectLimit: "connectMs",
  closesConnecting: true,
  cannot: {},
});

describe("the connections of the undici transport", () => {
  test("are limited per origin; more calls wait", async () => {
    const transport = createUndiciTransport({ connectionsMax: 2 });
    await using server = await startServer((_request, response) => setImmediate(() => response.end("fine")));
    const texts = Array.from({ length: 12 }, async () => (await transport.send(post(server))).text());
    expect(await Promise.all(texts)).toEqual(Array(12).fill("fine"));
    expect(server.sockets).toHaveLength(2);
    await transport.close();
  });

  test("are waited for no longer than connectMs, and a call that gave up is never sent", async () => {
    const transport = createUndiciTransport({ connectionsMax: 1 });
    const arrived = signalled();
    const release = signalled();
    const seen: unknown[] = [];
    await using server = await startServer(async (request, response) => {
      seen.push(request.headers["x-call"]);
      arrived.set();
      await release.value;
      response.end("fine");
    });
    const call = (name: string, rest = {}) => transport.send(post(server, { headers: { "x-call": name }, ...rest }));
    const first = call("first");
    await arrived.value;
    const controller = new AbortController();
    const aborted = errorOf(call("aborted", { signal: controller.signal }));
    const late = errorOf(call("late", { timeouts: { connectMs: 50 } }));
    const last = call("last");
    expect((await late).message).toContain("50 ms (connectMs)");
    controller.abort();
    expect((await aborted).code).toBe("aborted");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    release.set();
    expect(await (await first).text()).toBe("fine");
    expect(await (await last).text()).toBe("fine");
    expect(seen).toEqual(["first", "last"]);
    await transport.close();
  });

  test("are closed by an abort while they are being opened", async () => {
    const transport = createUndiciTransport();
    const opened = signalled();
    await using server = await startSocketServer((socket) => {
      socket.resume(); // Never answers the TLS handshake.
      opened.set();
    });
    const controller = new AbortController();
    const url = `https://127.0.0.1:${server.port}/`;
    const call = errorOf(transport.send(post(server, { url, signal: controller.signal })));
    await opened.value;
    controller.abort();
    expect((await call).code).toBe("aborted");
    await Promise.all(server.sockets.map(closed));
    await transport.close();
  });

  test("are opened anew for a waiting call, when the one that it waited for was given up", async () => {
    const transport = createUndiciTransport({ connectionsMax: 1 });
    const arrived = signalled();
    let calls = 0;
    await using server = await startServer((_request, response) => {
      if (calls++ > 0) response.end("fine");
      else arrived.set();
    });
    const controller = new AbortController();
    const first = errorOf(transport.send(post(server, { signal: controller.signal })));
    const second = transport.send(post(server));
    await arrived.value;
    controller.abort();
    expect((await first).code).toBe("aborted");
    expect(await (await second).text()).toBe("fine");
    await transport.close();
  });

  test("that a waiting call had opened are closed when they do not come about", async () => {
    const transport = createUndiciTransport({ connectionsMax: 1 });
    const opened = signalled();
    await using server = await startSocketServer((socket) => {
      socket.resume(); // Never answers the TLS handshake.
      opened.set();
    });
    const controller = new AbortController();
    const request = post(server, { url: `https://127.0.0.1:${server.port}/`, timeouts: { connectMs: 1500 } });
    const first = errorOf(transport.send({ ...request, signal: controller.signal }));
    const second = errorOf(transport.send(request));
    await opened.value;
    controller.abort();
    expect((await first).code).toBe("aborted");
    expect((await second).code).toBe("timeout");
    await Promise.all(server.sockets.map(closed));
    await transport.close();
  });

  test("that idle are closed with the transport", async () => {
    const transport = createUndiciTransport();
    await using server = await startServer((_request, response) => response.end("fine"));
    await (await transport.send(post(server))).text();
    await transport.close();
    await Promise.all(server.sockets.map(closed));
  });

  test("that are busy end their calls after the transport is closed, which does not wait for them", async () => {
    const transport = createUndiciTransport();
    const release = signalled();
    await using server = await startServer(async (_request, response) => {
      response.write("fi");
      await release.value;
      response.end("ne");
    });
    const answer = await transport.send(post(server));
    await transport.close();
    release.set();
    expect(await answer.text()).toBe("fine");
    await Promise.all(server.sockets.map(closed));
  });

  test("fail where the endpoint does not speak TLS", async () => {
    const transport = createUndiciTransport();
    await using server = await startSocketServer((socket) => socket.once("data", () => socket.end("not TLS at all, by far")));
    const url = `https://127.0.0.1:${server.port}/`;
    expect((await errorOf(transport.send(post(server, { url })))).code).toBe("connection_failed");
    await transport.close();
  });

  test("say an encoding that is not known, and keep status and headers", async () => {
    const transport = createUndiciTransport();
    await using server = await startServer((_request, response) => {
      response.writeHead(503, { "content-encoding": "x-own", "retry-after": "7" }).write("?");
    });
    const answer = await transport.send(post(server));
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "7"]);
    const error = await errorOf(answer.text());
    expect([error.code, error.detail]).toEqual(["invalid_response", expect.stringContaining("x-own")]);
    await Promise.all(server.sockets.map(closed));
    await transport.close();
  });
});

describe("the undici transport over TLS", () => {
  const certificate = createLoopbackCertificate();

  test("speaks to an endpoint that a given authority vouches for", async () => {
    const transport = createUndiciTransport({ tls: { ca: certificate.cert } });
    await using server = await startTlsServer(certificate, (request, response) => response.end(`HTTP/${request.httpVersion}`));
    for (let call = 0; call < 5; call++) expect(await (await transport.send(post(server))).text()).toBe("HTTP/1.1");
    expect(server.sockets.length).toBeLessThanOrEqual(2);
    await transport.close();
  });

  test("refuses a certificate that nobody vouches for, and sends nothing", async () => {
    const transport = createUndiciTransport();
    let calls = 0;
    await using server = await startTlsServer(certificate, () => calls++);
    const error = await errorOf(transport.send(post(server)));
    expect(error.code).toBe("connection_failed");
    expect(error.message).toContain("self-signed");
    expect(calls).toBe(0);
    await transport.close();
  });

  test("closes the connection when a call is aborted", async () => {
    const transport = createUndiciTransport({ tls: { ca: certificate.cert } });
    const arrived = signalled();
    await using server = await startTlsServer(certificate, () => arrived.set());
    const controller = new AbortController();
    const call = errorOf(transport.send(post(server, { signal: controller.signal })));
    await arrived.value;
    controller.abort();
    expect((await call).code).toBe("aborted");
    await Promise.all(server.sockets.map(closed));
    await transport.close();
  });
});
