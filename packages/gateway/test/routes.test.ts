/** What is served beside completions, and how the rest is refused. */
import { createRegistry, DragomanError, wrapProvider } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type DragomanServer } from "../src/index.ts";
import { INGRESS_CLIENTS, post } from "./ingress-clients.ts";

let server: DragomanServer;
let url: string;

beforeAll(async () => {
  const simulator = createSimulator();
  const unreachable = wrapProvider(createSimulator({ id: "down" }), {
    stream: simulator.stream,
    supports: () => false,
    models: async () => {
      throw new DragomanError({ code: "connection_failed", provider: "down", detail: "refused" });
    },
  });
  server = createServer({
    registry: createRegistry([simulator, unreachable]),
    version: "1.2.3",
    allowedOrigins: ["https://app.example"],
  });
  url = await server.listen({ port: 0 });
});
afterAll(() => server.close());

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url + path, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

describe("the server", () => {
  it("answers to those who only look whether it is there", async () => {
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    expect(await get("/health")).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await get("/")).toMatchObject({
      body: { name: "dragoman", version: "1.2.3", routes: expect.arrayContaining(["POST /v1/chat/completions"]) },
    });
    expect(await get("/api/version")).toMatchObject({ body: { version: "1.2.3" } });
    expect(await get("/api/ps")).toMatchObject({ body: { models: [] } });
  });

  it("lists models in the shape of who asks", async () => {
    const openai = await get("/v1/models");
    expect(openai.body).toMatchObject({
      object: "list",
      data: expect.arrayContaining([expect.objectContaining({ id: "sim:bare" })]),
    });
    const anthropic = await get("/v1/models", { "anthropic-version": "2023-06-01" });
    expect(anthropic.body).toMatchObject({ has_more: false, first_id: "sim:echo" });
    const gemini = await get("/v1/models", { "x-goog-api-key": "dummy" });
    expect(gemini.body).toMatchObject({ models: expect.arrayContaining([expect.objectContaining({ name: "models/sim:bare" })]) });
  });

  it("says which providers are missing from a list", async () => {
    for (const path of ["/v1/models", "/v1beta/models", "/api/tags"]) {
      expect((await get(path)).headers.get("x-dragoman-warnings")).toContain("the models of down are left out");
    }
  });

  it("shows one model by its name or alias, percent-encoded or not", async () => {
    expect(await get("/v1/models/sim:bare")).toMatchObject({ status: 200, body: { id: "sim:bare", object: "model" } });
    expect(await get("/v1/models/bare")).toMatchObject({ status: 200, body: { id: "sim:bare" } });
    expect(await get("/v1/models/sim%3Abare")).toMatchObject({ status: 200, body: { id: "sim:bare" } });
    expect(await get("/v1beta/models/sim:bare")).toMatchObject({ status: 200, body: { name: "models/sim:bare" } });
  });

  it("does not make up a model", async () => {
    expect(await get("/v1/models/sim:nothing")).toMatchObject({ status: 404, body: { error: { code: "model_not_found" } } });
    expect(await get("/v1beta/models/sim:nothing")).toMatchObject({ status: 404, body: { error: { status: "NOT_FOUND" } } });
    expect(await get("/v1/models/down:nothing")).toMatchObject({ status: 502 });
  });

  it("shows a model to Ollama's clients, by either name of the field", async () => {
    for (const field of ["model", "name"]) {
      const response = await fetch(`${url}/api/show`, { method: "POST", body: JSON.stringify({ [field]: "sim:bare" }) });
      expect(await response.json()).toMatchObject({ capabilities: expect.arrayContaining(["tools"]) });
    }
    const missing = await fetch(`${url}/api/show`, { method: "POST", body: "{}" });
    expect([missing.status, await missing.json()]).toEqual([400, { error: expect.stringContaining("model") }]);
  });

  it("says how a token count came about", async () => {
    const response = await fetch(`${url}/v1/messages/count_tokens`, {
      method: "POST",
      body: JSON.stringify({ model: "sim:bare", messages: [{ role: "user", content: "one two three" }] }),
    });
    expect([response.headers.get("x-dragoman-token-count"), await response.json()]).toEqual(["estimate", { input_tokens: 3 }]);
  });

  it.each([
    ["/v1/nothing", {}, { error: { type: "invalid_request_error", message: expect.stringContaining("GET /") } }],
    ["/v1/responses/nothing", {}, { error: { code: "not_found" } }],
    ["/v1/messages/nothing", {}, { type: "error", error: { type: "not_found_error" } }],
    ["/elsewhere", { "anthropic-version": "2023-06-01" }, { type: "error", error: { type: "not_found_error" } }],
    ["/v1beta/nothing", {}, { error: { code: 404, status: "NOT_FOUND" } }],
    ["/api/push", {}, { error: expect.stringContaining("/api/push is not served") }],
  ])("refuses the unknown path %s in the wire's own words", async (path, headers, body) => {
    expect(await get(path, headers)).toMatchObject({ status: 404, body });
  });

  it("names the nearest path", async () => {
    const response = await fetch(`${url}/v1/v1/chat/completions`, { method: "POST", body: "{}" });
    expect(await response.text()).toContain("use POST /v1/chat/completions");
  });

  it("refuses a wrong method with those that are allowed, in the wire's own words", async () => {
    for (const client of INGRESS_CLIENTS.filter(({ modelInPath }) => modelInPath === undefined)) {
      const response = await fetch(`${url}${client.path({ model: "sim:bare" })}`, { method: "PUT", body: "{}" });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
      expect(client.errorMessage(await response.json())).toContain("does not take PUT");
    }
    expect((await fetch(`${url}/v1beta/models/sim:bare:generateContent`, { method: "DELETE" })).status).toBe(405);
  });

  it("refuses an unknown method of a Gemini model", async () => {
    const response = await fetch(`${url}/v1beta/models/sim:bare:predict`, { method: "POST", body: "{}" });
    expect([response.status, await response.json()]).toEqual([404, { error: expect.objectContaining({ status: "NOT_FOUND" }) }]);
  });

  it("serves every path of a wire without its version too", async () => {
    for (const client of INGRESS_CLIENTS.filter(({ name }) => !name.startsWith("ollama"))) {
      const path = client.path({ model: "sim:bare" }).replace(/^\/v1(beta)?/, "");
      const response = await fetch(url + path, { method: "POST", body: JSON.stringify(client.body({ model: "sim:bare" })) });
      expect([path, response.status, await response.text()]).toEqual([path, 200, expect.stringContaining("hello")]);
    }
    expect(await get("/models")).toMatchObject({ status: 200, body: { object: "list" } });
    expect(await get("/models/sim:bare")).toMatchObject({ status: 200, body: { id: "sim:bare" } });
  });

  it("streams to Gemini's clients as one JSON array unless they ask for events, also when it fails", async () => {
    for (const [model, isWhole] of [
      ["sim:bare", true],
      ["sim:fault-reset-mid", false],
    ] as const) {
      const response = await fetch(`${url}/v1beta/models/${model}:streamGenerateContent`, {
        method: "POST",
        body: JSON.stringify({ contents: [{ parts: [{ text: "one two three four five" }] }] }),
      });
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      const chunks: unknown = await response.json();
      const last: unknown = Array.isArray(chunks) ? chunks.at(-1) : undefined;
      expect(last).toMatchObject(isWhole ? { candidates: [{ finishReason: "STOP" }] } : { error: { code: 503 } });
    }
  });

  it("gives every answer an id", async () => {
    const first = (await get("/health")).headers.get("x-request-id");
    const second = (await get("/nothing")).headers.get("x-request-id");
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
  });
});

describe("a web page", () => {
  const ask = { model: "sim:bare" };

  it("of another origin is refused on every wire", async () => {
    for (const client of INGRESS_CLIENTS) {
      for (const origin of ["https://evil.example", "null", "http://127.0.0.1.evil.example"]) {
        const response = await post(url, client, ask, { origin });
        expect([response.status, client.errorMessage(await response.json())]).toEqual([403, expect.stringContaining("origin")]);
      }
    }
  });

  it("of this machine, or of an origin that is allowed, is served", async () => {
    for (const client of INGRESS_CLIENTS) {
      for (const origin of ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:80", "https://app.example"]) {
        const response = await post(url, client, ask, { origin });
        expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
      }
    }
  });

  it("cannot come under a name of its own that leads here", async () => {
    const response = await server.fastify.inject({ method: "GET", url: "/v1/models", headers: { host: "rebound.example:4242" } });
    expect([response.statusCode, response.body]).toEqual([403, expect.stringContaining("host")]);
    const served = await server.fastify.inject({ method: "GET", url: "/v1/models", headers: { host: "localhost:4242" } });
    expect(served.statusCode).toBe(200);
  });
});
