/** One table for every route: what the server and the admin API mount is in it, and what is not in it is shut. */
import { createRegistry } from "@dragoman/llm";
import { afterAll, describe, it, vi } from "vitest";
import { ACCESS_TABLE, accessOf } from "../../src/http/access/access-table.ts";
import { createIngress } from "../../src/http/ingress.ts";
import { completeConfiguration, createGateway, createMetrics, createServer } from "../../src/index.ts";
import { startAdmin } from "./admin-under-test.ts";

/** Every route of every server that is made here, as Fastify mounts it. */
const mounted = vi.hoisted((): [method: string, url: string][] => []);
vi.mock("fastify", async (importOriginal) => {
  const original = await importOriginal<typeof import("fastify")>();
  const watched = (options?: Parameters<typeof original.default>[0]) => {
    const fastify = original.default(options);
    return fastify.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) mounted.push([one, url]);
    });
  };
  return { ...original, default: watched };
});

const admin = await startAdmin({
  mount: (fastify) => {
    fastify.get("/forgotten", async () => "everybody may read this");
    fastify.get("/health", async () => "ok");
    fastify.post("/v1/messages", async () => "answered");
  },
});
afterAll(() => admin.close());

describe("the table", () => {
  it("says for every route that the server mounts who may call it", async ({ expect }) => {
    const configuration = completeConfiguration({ store: { type: "memory" } });
    const gateway = await createGateway(configuration, { registry: createRegistry([]) });
    const metrics = await createMetrics({ targets: gateway.health, standings: () => [], running: () => 0 });
    mounted.length = 0;
    const { fastify } = createServer({ gateway, metrics });
    await fastify.ready();
    await fastify.close();
    await gateway.close();
    const routes = [...mounted];
    const urls = routes.map(([, url]) => url);
    expect(urls).toEqual(expect.arrayContaining(["/", "/ready", "/metrics", "/v1/messages", "/admin/v1/keys/:id"]));
    expect(routes.filter(([method, url]) => accessOf(method, url) === undefined)).toEqual([]);
  });

  it("keeps every model behind a key, whatever its dialect", ({ expect }) => {
    const open = createIngress().routes.flatMap(({ method, urls }) => urls.filter((url) => accessOf(method, url) !== "caller"));
    expect(open).toEqual([]);
  });

  it("keeps the whole admin API for administration", ({ expect }) => {
    const { routes } = admin;
    expect(routes.filter(({ method, url }) => accessOf(method, url) !== "admin")).toEqual([]);
    const inTable = ACCESS_TABLE.filter(({ url }) => url.startsWith("/admin/")).map(({ method, url }) => `${method} ${url}`);
    expect(new Set(routes.map(({ method, url }) => `${method} ${url}`))).toEqual(new Set(inTable));
  });

  it("opens to anyone no more than that the server is there", ({ expect }) => {
    const open = ACCESS_TABLE.filter(({ access }) => access === "anyone").map(({ method, url }) => `${method} ${url}`);
    expect(open).toEqual(["GET /", "GET /health", "GET /ready"]);
  });

  it("names no route twice", ({ expect }) => {
    expect(new Set(ACCESS_TABLE.map(({ method, url }) => `${method} ${url}`)).size).toBe(ACCESS_TABLE.length);
  });
});

describe("a server behind the gate", () => {
  it("shuts a route that nobody has put into the table, also to an admin", async ({ expect }) => {
    const { status, text } = await admin.ask("GET", "/forgotten");
    expect(status).not.toBe(200);
    expect(text).not.toContain("everybody may read this");
    const head = await admin.fastify.inject({ method: "HEAD", url: "/forgotten" });
    expect(head.statusCode).not.toBe(200);
  });

  it("opens a route of anyone to anyone, and one of callers to them", async ({ expect }) => {
    expect((await admin.ask("GET", "/health", { headers: {}, remoteAddress: "192.0.2.1" })).status).toBe(200);
    expect((await admin.ask("POST", "/v1/messages", { headers: {} })).status).toBe(200);
    expect((await admin.ask("POST", "/v1/messages", { headers: {}, remoteAddress: "192.0.2.1" })).status).not.toBe(200);
  });
});
