/** Google's Interactions API behind `gemini({ wire: "interactions" })`, against a small server that knows its routes. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GoogleGenAI } from "@google/genai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createGeminiInteractionsDialect } from "../../src/dialects/gemini-interactions/index.ts";
import { createFold, gemini, Secret, textOf, userMessage } from "../../src/index.ts";
import { isJsonObject, type JsonObject } from "../../src/json.ts";
import { streamFromCompletion } from "../../src/stream-from-completion.ts";

const KEY = "AIza-test-key-0123456789";
const dialect = createGeminiInteractionsDialect();
const USAGE = { total_input_tokens: 5, total_output_tokens: 3, total_thought_tokens: 2, total_tokens: 10 };

let server: Server;
let baseUrl = "";
let requests: { line: string; key: string | undefined; body: JsonObject }[] = [];
let polls = 0;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const line = `${request.method} ${request.url}`;
    requests.push({ line, key: request.headers["x-goog-api-key"]?.toString(), body });
    const answer = answerTo(line, body);
    response.writeHead(answer.status, { "content-type": answer.type });
    response.end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1beta`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  requests = [];
  polls = 0;
});

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const body: unknown = text === "" ? {} : JSON.parse(text);
  return isJsonObject(body) ? body : {};
}

function answerTo(line: string, body: JsonObject): { status: number; type: string; text: string } {
  const json = (value: JsonObject, status = 200) => ({ status, type: "application/json", text: JSON.stringify(value) });
  const whole = { id: "v1_1", object: "interaction", model: "gemini-3-flash-preview", status: "completed", usage: USAGE };
  const steps = [
    { type: "thought", signature: "c2ln" },
    { type: "model_output", content: [{ type: "text", text: "Grüße." }] },
  ];
  const working = { id: "v1_1", object: "interaction", status: "in_progress", agent: body.agent };
  if (line.endsWith("/cancel")) return json({ ...working, status: "cancelled" });
  if (line.startsWith("GET /v1beta/models")) return json({ models: [{ name: "models/gemini-3-flash-preview" }] });
  if (line.startsWith("GET ")) return json(++polls < 2 ? working : { ...whole, steps });
  if (body.background === true) return json(working);
  if (body.model === "gemini-nothing")
    return json({ error: { message: "model gemini-nothing not found", code: "not_found" } }, 404);
  if (body.stream !== true) return json({ ...whole, steps });
  const { client } = dialect.parseRequest({ path: "/v1beta/interactions", query: {}, headers: {}, body });
  const renderer = dialect.renderStream(client);
  const completion = dialect.parseResponse({ ...whole, steps }, { provider: "google", model: "m" });
  const text = streamFromCompletion(completion).map((event) => renderer.push(event));
  return { status: 200, type: "text/event-stream", text: text.join("") };
}

function provider() {
  return gemini({ wire: "interactions", baseUrl, key: new Secret(KEY), polling: { firstMs: 1, mostMs: 1 } });
}

const call = { model: "gemini-3-flash-preview", messages: [userMessage("Hello.")] };

test("speaks the wire, with the key in a header, and knows the price", async () => {
  const completion = await provider().complete(call);
  expect(textOf(completion.message)).toBe("Grüße.");
  expect(completion.origin).toMatchObject({
    provider: "gemini-interactions",
    dialect: "gemini-interactions",
    backend: "ai-studio",
  });
  expect(completion.usage).toMatchObject({ inputTokens: 5, outputTokens: 5, reasoningTokens: 2 });
  expect(completion.cost).toBeDefined();
  expect(requests).toMatchObject([{ line: "POST /v1beta/interactions", key: KEY }]);
});

test("streams the same", async () => {
  const folded = createFold();
  for await (const event of provider().stream(call)) folded.push(event);
  const whole = await provider().complete(call);
  expect(folded.completion().message).toEqual(whole.message);
  expect(requests[0]?.body).toMatchObject({ stream: true });
});

test("waits for an agent, which works in the background", async () => {
  const completion = await provider().complete({ ...call, model: "deep-research-pro-preview-12-2025" });
  expect(textOf(completion.message)).toBe("Grüße.");
  expect(requests.map(({ line }) => line)).toEqual([
    "POST /v1beta/interactions",
    "GET /v1beta/interactions/v1_1",
    "GET /v1beta/interactions/v1_1",
  ]);
  expect(requests[0]?.body).toMatchObject({ agent: "deep-research-pro-preview-12-2025", background: true });
});

test("gives up at the vendor what takes too long", async () => {
  const late = gemini({ wire: "interactions", baseUrl, key: new Secret(KEY), polling: { firstMs: 5, totalMs: 1 } });
  const asked = late.complete({ ...call, vendorOptions: { "gemini-interactions": { background: true } } });
  await expect(asked).rejects.toMatchObject({ code: "timeout" });
  expect(requests.at(-1)?.line).toBe("POST /v1beta/interactions/v1_1/cancel");
});

test("tells a refusal by its code", async () => {
  await expect(provider().complete({ ...call, model: "gemini-nothing" })).rejects.toMatchObject({ code: "model_not_found" });
});

test("lists the models of the other wire", async () => {
  const models = await provider().models();
  expect(models.map(({ id }) => id)).toContain("gemini-3-flash-preview");
  expect(requests[0]?.line).toMatch(/^GET \/v1beta\/models/);
});

test("is another provider than the one of the default wire", () => {
  expect([gemini({ key: new Secret(KEY) }).id, provider().id]).toEqual(["gemini", "gemini-interactions"]);
  expect(provider().supports("deep-research-pro-preview-12-2025")).toBe(true);
});

test("Google's own client understands what our side of the wire writes", async () => {
  const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: new URL(baseUrl).origin } });
  const whole = await client.interactions.create({ model: "gemini-3-flash-preview", input: "Hello." });
  expect(whole.output_text).toBe("Grüße.");
  const events: string[] = [];
  for await (const event of await client.interactions.create({
    model: "gemini-3-flash-preview",
    input: "Hello.",
    stream: true,
  })) {
    events.push(event.event_type);
  }
  expect(events.at(-1)).toBe("interaction.completed");
  expect(events.filter((type) => type === "step.start")).toHaveLength(2);
});
