/** Who is let in: keys in all their places, addresses through proxies, and this machine without a key. */
import { describe, it } from "vitest";
import { LOCAL } from "../../src/caller.ts";
import type { ServerConfiguration } from "../../src/configuration.ts";
import { createAddressFinder } from "../../src/http/access/client-address.ts";
import { createGate, type IncomingCall } from "../../src/http/access/create-gate.ts";
import { requestCredentials } from "../../src/http/access/request-credentials.ts";
import { movableClock, openTenancy, thrownBy } from "../tenancy/tenancy-under-test.ts";

type Header = readonly [string, string];

function call(
  headers: readonly Header[],
  { url = "/v1/messages", from = "127.0.0.1" }: { url?: string; from?: string | undefined } = {},
): IncomingCall {
  return { method: "POST", url, rawHeaders: headers.flat(), socket: { remoteAddress: from } };
}

describe("a key in a request", () => {
  const keyIn = (headers: readonly Header[], url = "/") => requestCredentials(headers.flat(), url).key;

  it.for<[string, readonly Header[], string | undefined]>([
    ["authorization", [["Authorization", "Bearer one"]], "one"],
    ["authorization, however it is spelt", [["AUTHORIZATION", "bEaReR   one "]], "one"],
    ["x-api-key", [["x-api-key", "one"]], "one"],
    ["x-goog-api-key", [["X-Goog-Api-Key", "one"]], "one"],
    ["api-key", [["api-key", "one"]], "one"],
    [
      "several places, the same",
      [
        ["x-api-key", "one"],
        ["authorization", "Bearer one"],
      ],
      "one",
    ],
    [
      "an empty header beside a full one",
      [
        ["x-api-key", ""],
        ["authorization", "Bearer one"],
      ],
      "one",
    ],
    ["an empty bearer", [["authorization", "Bearer "]], undefined],
    ["no place", [["x-other", "one"]], undefined],
    ["a cookie", [["cookie", "key=one; authorization=one"]], undefined],
  ])("is read from %s", ([, headers, expected], { expect }) => {
    expect(keyIn(headers)).toBe(expected);
  });

  it("is read from the query", ({ expect }) => {
    expect(keyIn([], "/v1beta/models/x:generateContent?alt=sse&key=one%2D2")).toBe("one-2");
    expect(keyIn([], "/v1beta/models/x?monkey=one&key=")).toBeUndefined();
    expect(keyIn([["x-goog-api-key", "one"]], "/?key=one")).toBe("one");
  });

  it.for<[string, readonly Header[], string]>([
    [
      "in two headers",
      [
        ["x-api-key", "first"],
        ["authorization", "Bearer second"],
      ],
      "/",
    ],
    [
      "in one header twice",
      [
        ["authorization", "Bearer first"],
        ["authorization", "Bearer second"],
      ],
      "/",
    ],
    ["in a header and the query", [["x-goog-api-key", "first"]], "/?key=second"],
    ["in the query twice", [], "/?key=first&key=second"],
    ["in another scheme", [["authorization", "Basic b25lOnR3bw=="]], "/"],
    ["in no scheme", [["authorization", "first"]], "/"],
    ["in a scheme that begins as bearer", [["authorization", "Bearerfirst"]], "/"],
  ])("is refused when it stands %s otherwise, without being repeated", ([, headers, url], { expect }) => {
    const error = thrownBy(() => keyIn(headers, url));
    expect(error.code).toBe("authentication");
    expect(error.message).not.toMatch(/\b(first|second)\b/);
  });
});

describe("the address of a client", () => {
  const find = createAddressFinder(["10.0.0.0/8", "127.0.0.1"]);

  it.for<[string, string | undefined, readonly string[], string | undefined]>([
    ["the socket's, where no proxy is", "192.0.2.1", [], "192.0.2.1"],
    ["the socket's, where the sender is no trusted proxy", "192.0.2.1", ["198.51.100.7"], "192.0.2.1"],
    ["what a trusted proxy saw", "10.0.0.1", ["198.51.100.7"], "198.51.100.7"],
    ["what the first of several trusted proxies saw", "::ffff:10.0.0.1", ["198.51.100.7", "10.0.0.9"], "198.51.100.7"],
    ["not what the client itself wrote", "10.0.0.1", ["127.0.0.1", "10.0.0.5", "198.51.100.7"], "198.51.100.7"],
    ["the leftmost, where all are trusted", "10.0.0.1", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"],
    ["without its port", "10.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"],
    ["without its port and brackets", "10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"],
    ["unknown, where a trusted proxy wrote no address", "10.0.0.1", ["unknown"], undefined],
    ["unknown, where nothing stands", "10.0.0.1", [""], undefined],
    ["unknown, of a local socket", undefined, ["198.51.100.7"], undefined],
  ])("is %s", ([, socket, forwarded, expected], { expect }) => {
    expect(find(socket, forwarded)).toBe(expected);
  });

  it("is the socket's where nobody is trusted", ({ expect }) => {
    expect(createAddressFinder([])("127.0.0.1", ["198.51.100.7"])).toBe("127.0.0.1");
  });
});

async function openGate(server: Partial<ServerConfiguration> = {}, boundTo = "127.0.0.1") {
  const tenancy = await openTenancy({ clock: movableClock() });
  const settings = { requireKey: undefined, trustedProxies: [], ...server };
  const denied: string[] = [];
  const audit = { denied: (entry: object) => void denied.push(JSON.stringify(entry)) };
  return { tenancy, denied, gate: createGate({ tenancy, audit, server: () => settings, boundTo: () => boundTo }) };
}

describe("this machine without a key", () => {
  it("is let in where no key is demanded", async ({ expect }) => {
    const { gate } = await openGate();
    for (const from of ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
      expect(gate.admit(call([], { from }), "caller").principal).toBe(LOCAL);
    expect(gate.admit(call([["authorization", "Bearer sk-anything"]]), "caller").principal).toBe(LOCAL);
  });

  it.for<[string, Partial<ServerConfiguration>, string, IncomingCall]>([
    ["a key is demanded", { requireKey: true }, "127.0.0.1", call([])],
    ["the server listens to others", {}, "0.0.0.0", call([])],
    ["the server listens to others on IPv6", {}, "::", call([])],
    ["no key is demanded and the server listens to others", { requireKey: false }, "192.0.2.1", call([])],
    ["it comes from elsewhere", { requireKey: false }, "127.0.0.1", call([], { from: "192.0.2.1" })],
    ["it comes from nowhere that is known", {}, "127.0.0.1", { method: "POST", url: "/", rawHeaders: [], socket: {} }],
    ["a proxy forwards it", {}, "127.0.0.1", call([["x-forwarded-for", "127.0.0.1"]])],
    ["a trusted proxy forwards it", { trustedProxies: ["127.0.0.1"] }, "127.0.0.1", call([["X-Forwarded-For", "127.0.0.1"]])],
    ["a proxy names the host", {}, "127.0.0.1", call([["x-forwarded-host", "localhost"]])],
    ["a proxy signs it", {}, "127.0.0.1", call([["Via", "1.1 proxy"]])],
    ["a proxy forwards it by the standard", {}, "127.0.0.1", call([["Forwarded", "for=127.0.0.1"]])],
    ["a proxy names the client", {}, "127.0.0.1", call([["CF-Connecting-IP", "127.0.0.1"]])],
  ])("is refused when %s", async ([, server, boundTo, incoming], { expect }) => {
    const { gate } = await openGate(server, boundTo);
    expect(thrownBy(() => gate.admit(incoming, "caller")).code).toBe("authentication");
  });

  it("is refused once there are keys to tell callers apart, unless the configuration says otherwise", async ({ expect }) => {
    const { gate, tenancy } = await openGate();
    await tenancy.createKey({ name: "root", restrictions: { admin: true } }, "test");
    expect(gate.admit(call([]), "caller").principal).toBe(LOCAL);
    await tenancy.createKey({ name: "ci" }, "test");
    expect(thrownBy(() => gate.admit(call([]), "caller")).code).toBe("authentication");
    const open = await openGate({ requireKey: false });
    await open.tenancy.createKey({ name: "ci" }, "test");
    expect(open.gate.admit(call([]), "caller").principal).toBe(LOCAL);
  });

  it("is not let in by a key of ours that does not hold", async ({ expect }) => {
    const { gate, tenancy } = await openGate({ requireKey: false });
    const { key, entry } = await tenancy.createKey({ name: "ci", restrictions: { paths: ["/v1/*"] } }, "test");
    expect(gate.admit(call([["x-api-key", key]]), "caller").principal.key).toBe(entry.id);
    expect(thrownBy(() => gate.admit(call([["x-api-key", key]], { url: "/api/chat" }), "caller")).code).toBe("permission_denied");
    await tenancy.revokeKey("ci", "test");
    expect(thrownBy(() => gate.admit(call([["x-api-key", key]]), "caller")).detail).toContain("revoked");
    expect(thrownBy(() => gate.admit(call([["x-api-key", "dgm_wrong"]]), "caller")).code).toBe("authentication");
  });
});

describe("a route", () => {
  it("of nobody lets nobody in", async ({ expect }) => {
    const { gate, tenancy } = await openGate();
    const { key } = await tenancy.createKey({ name: "root", restrictions: { admin: true } }, "test");
    expect(thrownBy(() => gate.admit(call([["x-api-key", key]]), undefined)).code).toBe("permission_denied");
  });

  it("of anyone asks for nothing, and gives no right to call a model", async ({ expect }) => {
    const { gate, tenancy } = await openGate({ requireKey: true });
    const { principal } = gate.admit(call([["authorization", "Basic whatever"]], { from: "192.0.2.1" }), "anyone");
    expect(thrownBy(() => tenancy.authoriseModel(principal, "fast")).code).toBe("permission_denied");
  });

  it("of administration takes an admin's key in a header, and nothing else", async ({ expect }) => {
    const { gate, tenancy, denied } = await openGate({ requireKey: false });
    const admin = await tenancy.createKey({ name: "root", restrictions: { admin: true, paths: ["/admin/v1/keys*"] } }, "test");
    const caller = await tenancy.createKey({ name: "ci" }, "test");
    const url = "/admin/v1/keys?key=k_one";
    const bearer = (key: string): readonly Header[] => [["authorization", `Bearer ${key}`]];
    expect(gate.admit(call(bearer(admin.key), { url }), "admin").principal.key).toBe(admin.entry.id);
    const refused: [IncomingCall, string][] = [
      [call([], { url }), "authentication"],
      [call([["cookie", `key=${admin.key}`]], { url }), "authentication"],
      [call([], { url: `/admin/v1/keys?key=${admin.key}` }), "authentication"],
      [call(bearer(caller.key), { url }), "permission_denied"],
      [call(bearer(admin.key), { url: "/admin/v1/audit" }), "permission_denied"],
      [call([["authorization", "Basic YTpi"]], { url, from: "192.0.2.9" }), "authentication"],
    ];
    for (const [incoming, code] of refused) expect(thrownBy(() => gate.admit(incoming, "admin")).code).toBe(code);
    expect(denied).toHaveLength(refused.length);
    expect(denied[3]).toContain(`key:${caller.entry.id}`);
    expect(denied[5]).toContain("192.0.2.9");
    expect(denied.join()).not.toContain(admin.key.slice(21));
    expect(denied.join()).not.toContain("?");
  });

  it("tells a key by its address behind a trusted proxy, whatever the client writes in front of it", async ({ expect }) => {
    const { gate, tenancy } = await openGate({ trustedProxies: ["10.0.0.0/8"] }, "0.0.0.0");
    const { key } = await tenancy.createKey({ name: "office", restrictions: { addresses: ["192.0.2.0/24"] } }, "test");
    const through = (forwarded: string, from: string) =>
      gate.admit(
        call(
          [
            ["x-api-key", key],
            ["x-forwarded-for", forwarded],
          ],
          { from },
        ),
        "caller",
      ).address;
    expect(through("192.0.2.7", "10.0.0.1")).toBe("192.0.2.7");
    expect(thrownBy(() => through("192.0.2.7, 198.51.100.1", "10.0.0.1")).code).toBe("permission_denied");
    expect(thrownBy(() => through("192.0.2.7", "198.51.100.1")).code).toBe("permission_denied");
    expect(thrownBy(() => through("garbage", "10.0.0.1")).code).toBe("permission_denied");
  });
});
