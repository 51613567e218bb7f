import type { IncomingMessage, ServerResponse } from "node:http";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "../../src/transport/public-address.ts";
import { createUrlGuard, type ResolvedAddress, type UrlGuardOptions } from "../../src/transport/url-guard.ts";
import { closed, type LocalServer, startServer } from "./local-server.ts";
import { errorOf } from "./transport-suite.ts";

const PUBLIC: ResolvedAddress = { address: "93.184.215.14", family: 4 };
const PUBLIC_V6: ResolvedAddress = { address: "2606:2800:21f:cb07::1", family: 6 };
const LOOPBACK: ResolvedAddress = { address: "127.0.0.1", family: 4 };

/** A guard whose names lead where the test says. */
function guardTo(addresses: readonly ResolvedAddress[], options: UrlGuardOptions = {}) {
  return createUrlGuard({ resolve: async () => addresses, ...options });
}

describe("what is a public address", () => {
  test.each([
    "1.1.1.1",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "2606:2800:21f:cb07::1",
    "2a00:1450:4001:80e::200e",
  ])("%s is", (address) => {
    expect(isPublicAddress(ipaddr, address)).toBe(true);
  });

  test.each([
    ...["127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::"],
    ...["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00:ec2::254"],
    ...["169.254.169.254", "fe80::1", "febf::1", "fec0::1", "100.64.0.1", "100.100.100.200", "168.63.129.16"],
    ...["224.0.0.1", "239.1.1.1", "ff02::1", "255.255.255.255", "240.0.0.1"],
    ...["192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "2001:db8::1", "3fff::1"],
    ...["::ffff:127.0.0.1", "::ffff:93.184.215.14", "::ffff:0:10.0.0.1", "::127.0.0.1", "::7f00:1"],
    ...[
      "64:ff9b::7f00:1",
      "64:ff9b::5db8:d70e",
      "64:ff9b:1::a00:1",
      "2002:7f00:1::",
      "2002:5db8:d70e::1",
      "2001::1",
      "2001:0:7f00::1",
    ],
    ...["100::1", "2001:2::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1", "1fff::1", "not an address", ""],
  ])("%s is not", (address) => {
    expect(isPublicAddress(ipaddr, address)).toBe(false);
  });

  test("is never within a network of ours, in any spelling that carries IPv4 in IPv6", () => {
    const octet = fc.nat({ max: 255 });
    const inside = fc.tuple(fc.constantFrom([10], [127], [192, 168], [169, 254], [0]), octet, octet, octet);
    const prefixes = ["", "::ffff:", "::", "64:ff9b::", "::ffff:0:"];
    fc.assert(
      fc.property(inside, fc.constantFrom(...prefixes), ([network, ...rest], prefix) => {
        const address = prefix + [...network, ...rest].slice(0, 4).join(".");
        expect(isPublicAddress(ipaddr, address)).toBe(false);
      }),
    );
  });
});

describe("the URL guard", () => {
  test("resolves a name once and pins its address, IPv4 first", async () => {
    let asked = 0;
    const guard = createUrlGuard({
      resolve: async () => {
        asked++;
        return [PUBLIC_V6, PUBLIC];
      },
    });
    const pinned = await guard.check("https://media.example/a.png?x=1");
    expect([pinned.address, pinned.family, pinned.url.href]).toEqual([PUBLIC.address, 4, "https://media.example/a.png?x=1"]);
    expect(asked).toBe(1);
  });

  test("takes an address in the place of a name, without asking anybody", async () => {
    const guard = createUrlGuard({ resolve: async () => Promise.reject(new Error("asked")) });
    expect(await guard.check("http://1.1.1.1/")).toMatchObject({ address: "1.1.1.1", family: 4 });
    expect(await guard.check(`https://[${PUBLIC_V6.address}]/`)).toMatchObject({ address: PUBLIC_V6.address, family: 6 });
  });

  test.each([
    ...[
      "file:///etc/passwd",
      "ftp://media.example/",
      "gopher://media.example/",
      "data:image/png;base64,AA",
      "javascript:1",
      "no url",
      "",
    ],
    ...["http://user@media.example/", "http://user:pass@media.example/", "http://:pass@media.example/"],
    ...["http://media.example:22/", "http://media.example:6379/", "https://media.example:8443/"],
  ])("refuses %j by its form", async (url) => {
    const error = await errorOf(guardTo([PUBLIC]).check(url));
    expect(error.code).toBe("invalid_request");
    expect(error.message).not.toContain("pass@");
  });

  test.each([
    ...[
      "http://127.0.0.1/",
      "http://2130706433/",
      "http://0x7f000001/",
      "http://0177.0.0.1/",
      "http://0x7f.1/",
      "http://127.1/",
      "http://127.0.1/",
    ],
    ...["http://0/", "http://017700000001/", "http://１２７.0.0.1/", "http://127。0。0。1/", "http://%31%32%37.0.0.1/"],
    ...[
      "http://[::1]/",
      "http://[::]/",
      "http://[::ffff:127.0.0.1]/",
      "http://[0:0:0:0:0:ffff:7f00:1]/",
      "http://[64:ff9b::127.0.0.1]/",
    ],
    ...["http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1:80/", "https://192.168.0.1:443/"],
  ])("refuses %s by the address that it means", async (url) => {
    expect((await errorOf(guardTo([PUBLIC]).check(url))).code).toBe("invalid_request");
  });

  test("refuses a name when any of its addresses is not public, and does not say which", async () => {
    const inner: ResolvedAddress = { address: "10.1.2.3", family: 4 };
    for (const addresses of [[inner], [PUBLIC, inner], [inner, PUBLIC_V6]]) {
      const error = await errorOf(guardTo(addresses).check("https://media.example/"));
      expect(error.code).toBe("invalid_request");
      expect(JSON.stringify(error)).not.toContain("10.1.2.3");
    }
  });

  test("tells a name that cannot be resolved, or has no address", async () => {
    const guard = createUrlGuard({ resolve: async () => Promise.reject(new Error("ENOTFOUND")) });
    expect((await errorOf(guard.check("https://media.example/"))).code).toBe("connection_failed");
    expect((await errorOf(guardTo([]).check("https://media.example/"))).code).toBe("connection_failed");
  });

  test("asks the system's resolver by default", async () => {
    // The system knows this name without a name server.
    expect((await errorOf(createUrlGuard().check("http://localhost/"))).detail).toContain("not at a public address");
  });

  test("lets the owner's hosts through, by name or by name and port, and no others", async () => {
    const guard = guardTo([LOOPBACK], { allowHosts: ["Inner.example", "127.0.0.1:8080"] });
    expect((await guard.check("http://inner.example:9000/")).address).toBe("127.0.0.1");
    expect((await guard.check("http://127.0.0.1:8080/")).address).toBe("127.0.0.1");
    for (const url of [
      "http://127.0.0.1/",
      "http://127.0.0.1:8081/",
      "http://x.inner.example/",
      "http://inner.example.evil.example/",
    ]) {
      expect((await errorOf(guard.check(url))).code).toBe("invalid_request");
    }
    expect((await errorOf(guard.check("http://user:pass@inner.example/"))).code).toBe("invalid_request");
  });

  test("takes other ports where the owner says so", async () => {
    expect((await guardTo([PUBLIC], { ports: [8443] }).check("https://media.example:8443/")).url.port).toBe("8443");
    expect((await guardTo([PUBLIC], { ports: "any" }).check("https://media.example:1/")).url.port).toBe("1");
    expect((await errorOf(guardTo([PUBLIC], { ports: [8443] }).check("https://media.example/"))).code).toBe("invalid_request");
  });

  test("throws nothing but errors of ours, whatever the URL", async () => {
    const guard = guardTo([LOOPBACK]);
    const url = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.ipV4Extended().map((ip) => `http://${ip}/`),
      fc.ipV6().map((ip) => `http://[${ip}]/`),
    );
    await fc.assert(
      fc.asyncProperty(url, async (text) => {
        const outcome = await guard.check(text).then(
          ({ address }) => address,
          (error: unknown) => errorOf(Promise.reject(error)),
        );
        if (typeof outcome === "string") expect(isPublicAddress(ipaddr, outcome)).toBe(true);
      }),
    );
  });
});

describe("fetching media", () => {
  const PNG = Buffer.from("89504e470d0a1a0a", "hex");
  const served = (answer: (request: IncomingMessage, response: ServerResponse) => unknown) => startServer(answer);
  const sendPng = (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(200, { "content-type": "Image/PNG; a=b" }).end(PNG);

  /** A guard that knows `media.example` as the test's server, and the URL under which it is asked. */
  function setUp(server: LocalServer, resolve: UrlGuardOptions["resolve"] = async () => [LOOPBACK]) {
    const host = `media.example:${server.port}`;
    return { guard: createUrlGuard({ allowHosts: [host], resolve }), url: `http://${host}/a.png?token=SECRET` };
  }

  test("gives the bytes and the media type, and asks plainly", async () => {
    const seen: unknown[] = [];
    await using server = await served((request, response) => {
      seen.push(request.method, request.url, request.headers.host, request.headers["accept-encoding"], request.headers.accept);
      sendPng(request, response);
    });
    const { guard, url } = setUp(server);
    const media = await guard.fetchMedia(url, { mediaTypes: ["image/*", "audio/wav"] });
    expect(media).toEqual({ data: new Uint8Array(PNG), mediaType: "image/png" });
    expect(seen).toEqual(["GET", "/a.png?token=SECRET", `media.example:${server.port}`, "identity", "image/*, audio/wav"]);
    await Promise.all(server.sockets.map(closed));
  });

  test("connects to the address that was checked, though the name leads elsewhere a moment later", async () => {
    await using server = await served(sendPng);
    const answers = [[LOOPBACK], [{ address: "192.0.2.1", family: 4 }]];
    const { guard, url } = setUp(server, async () => answers.shift() ?? []);
    expect((await guard.fetchMedia(url)).data).toHaveLength(PNG.length);
    expect(answers).toHaveLength(1); // Asked once.
  });

  test("does not follow a redirect", async () => {
    let calls = 0;
    await using server = await served((_request, response) => {
      calls++;
      response.writeHead(302, { location: "http://169.254.169.254/", "content-type": "image/png" }).end();
    });
    const { guard, url } = setUp(server);
    const error = await errorOf(guard.fetchMedia(url));
    expect(error).toMatchObject({ code: "invalid_request", status: 302, request: "GET /a.png" });
    expect(calls).toBe(1);
  });

  test.each([
    [404, "invalid_request"],
    [204, "invalid_request"],
    [503, "connection_failed"],
  ])("tells an answer of %i as %s", async (status, code) => {
    await using server = await served((_request, response) => response.writeHead(status, { "content-type": "image/png" }).end());
    const { guard, url } = setUp(server);
    expect(await errorOf(guard.fetchMedia(url))).toMatchObject({ code, status });
  });

  test("bounds the body, announced or not, and closes the connection", async () => {
    await using server = await served((request, response) => {
      response.setHeader("content-type", "image/png");
      if (request.url?.includes("announced")) response.setHeader("content-length", "1000000");
      response.write(Buffer.alloc(2000));
    });
    const { guard, url } = setUp(server);
    for (const address of [url, `${url}&announced`]) {
      const error = await errorOf(guard.fetchMedia(address, { bytesMax: 1000 }));
      expect(error.code).toBe("request_too_large");
      expect(error.message).toContain("1000 bytes");
      expect(error.message).not.toContain("SECRET");
    }
    await Promise.all(server.sockets.map(closed));
  });

  test("takes a body of exactly the limit", async () => {
    await using server = await served(sendPng);
    const { guard, url } = setUp(server);
    expect((await guard.fetchMedia(url, { bytesMax: PNG.length })).data).toHaveLength(PNG.length);
    expect((await errorOf(guard.fetchMedia(url, { bytesMax: PNG.length - 1 }))).code).toBe("request_too_large");
  });

  test.each([
    ["text/html", ["image/*"]],
    ["image/svg+xml", ["image/png"]],
    ["imagery/png", ["image/*"]],
    ["", ["image/*"]],
  ])("refuses %j where %j is wanted", async (contentType, mediaTypes) => {
    await using server = await served((_request, response) => {
      response.writeHead(200, contentType === "" ? {} : { "content-type": contentType }).end(PNG);
    });
    const { guard, url } = setUp(server);
    expect((await errorOf(guard.fetchMedia(url, { mediaTypes }))).code).toBe("invalid_request");
  });

  test("gives no media type where the server names none and none is wanted", async () => {
    await using server = await served((_request, response) => response.end(PNG));
    const { guard, url } = setUp(server);
    expect((await guard.fetchMedia(url)).mediaType).toBe("");
  });

  test("refuses a compressed body", async () => {
    await using server = await served((_request, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-encoding": "gzip" }).end(PNG);
    });
    const { guard, url } = setUp(server);
    expect((await errorOf(guard.fetchMedia(url))).detail).toContain("compressed");
  });

  test.each(["before the headers", "inside the body"])("times out %s, and closes the connection", async (where) => {
    await using server = await served((_request, response) => {
      if (where === "inside the body") response.writeHead(200, { "content-type": "image/png" }).write("x");
    });
    const { guard, url } = setUp(server);
    const error = await errorOf(guard.fetchMedia(url, { timeoutMs: 150 }));
    expect([error.code, error.detail]).toEqual(["timeout", expect.stringContaining("150 ms")]);
    await Promise.all(server.sockets.map(closed));
  });

  test("times out while the name is resolved", async () => {
    const guard = createUrlGuard({ resolve: () => new Promise(() => {}) });
    expect((await errorOf(guard.fetchMedia("https://media.example/", { timeoutMs: 20 }))).code).toBe("timeout");
  });

  test("is aborted by its signal, and closes the connection", async () => {
    const controller = new AbortController();
    await using server = await served((_request, response) => {
      response.writeHead(200, { "content-type": "image/png" }).write("x");
      setImmediate(() => controller.abort());
    });
    const { guard, url } = setUp(server);
    expect((await errorOf(guard.fetchMedia(url, { signal: controller.signal }))).code).toBe("aborted");
    await Promise.all(server.sockets.map(closed));
    expect((await errorOf(guard.fetchMedia(url, { signal: AbortSignal.abort() }))).code).toBe("aborted");
  });

  test("tells a connection that broke, without the query", async () => {
    await using server = await served((request) => request.socket.destroy());
    const { guard, url } = setUp(server);
    const error = await errorOf(guard.fetchMedia(url));
    expect(error).toMatchObject({ code: "connection_failed", request: "GET /a.png" });
    expect(error.message + JSON.stringify(error)).not.toContain("SECRET");
  });

  test("tells a body that ends early", async () => {
    await using server = await served((request, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": "100" });
      response.write("x", () => request.socket.destroy());
    });
    const { guard, url } = setUp(server);
    expect((await errorOf(guard.fetchMedia(url))).code).toBe("connection_failed");
  });
});
