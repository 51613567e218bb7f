/** A client and a vendor of the same wire: what the client wrote reaches the vendor, what the vendor wrote reaches the client. */
import { isJsonObject, type JsonObject } from "@dragoman/llm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, type GatewayUnderTest, startGateway } from "./gateway-under-test.ts";

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

interface Client {
  readonly backend: Exclude<Backend, "sim">;
  readonly path: string;
  readonly body: JsonObject;
  readonly headers?: Record<string, string>;
  /** Of an answer that no canonical form has. */
  readonly own: string;
}

const MESSAGES = [{ role: "user", content: "hello" }];
const CLIENTS: readonly (readonly [string, Client])[] = [
  [
    "openai chat",
    { backend: "openai-chat", path: "/v1/chat/completions", body: { messages: MESSAGES }, own: "system_fingerprint" },
  ],
  ["openai responses", { backend: "openai", path: "/v1/responses", body: { input: "hello" }, own: "parallel_tool_calls" }],
  [
    "anthropic messages",
    {
      backend: "anthropic",
      path: "/v1/messages",
      body: { messages: MESSAGES, max_tokens: 100 },
      headers: { "anthropic-version": "2023-06-01", "anthropic-beta": "context-1m-2025-08-07" },
      own: "stop_sequence",
    },
  ],
];

function ask({ backend, path, body, headers = {} }: Client, more: JsonObject = {}): Promise<Response> {
  return fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "session=1", ...headers },
    body: JSON.stringify({ model: gateway.text(backend), ...body, ...more }),
  });
}

function sentTo({ backend }: Client): { readonly body: JsonObject; readonly headers: Record<string, unknown> } {
  const request = gateway.vendors[backend].requests.at(-1);
  if (request === undefined || !isJsonObject(request.body)) throw new TypeError("nothing was sent");
  return { body: request.body, headers: { ...request.headers } };
}

describe.each(CLIENTS)("%s in front of its own vendor", (_name, client) => {
  it("sends on what no canonical form has, under the vendor's name of the model", async () => {
    const response = await ask(client, { metadata: { user_id: "u-1" }, service_tier: "auto" });
    expect(response.status).toBe(200);
    const { body, headers } = sentTo(client);
    expect(body).toMatchObject({ ...client.body, service_tier: "auto", model: gateway.text(client.backend).split(":")[1] });
    expect(headers.cookie).toBeUndefined();
    if (client.headers !== undefined) expect(headers).toMatchObject(client.headers);
  });

  it("gives back the vendor's own words", async () => {
    const answer: unknown = await (await ask(client)).json();
    expect(answer).toHaveProperty(client.own);
  });

  it("gives back a stream event for event, with its end", async () => {
    const response = await ask(client, { stream: true });
    const text = await response.text();
    expect(text).toMatch(/^(event: \S+\n)?data: \{/);
    expect(text).toMatch(/\[DONE\]\n\n$|"type":\s*"(message_stop|response\.completed)"/);
    expect(response.headers.get("trailer")).toContain("x-dragoman-cost-usd");
  });

  it("is in its own words also when the vendor refuses", async () => {
    const response = await ask(client, { model: gateway.fault(client.backend, "no-such-model") });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.json()).toHaveProperty("error");
  });
});

describe("a stream of OpenAI chat", () => {
  const [, client] = CLIENTS[0] ?? [];
  if (client === undefined) throw new TypeError("no client");

  it("is asked for its usage, which its client sees only when it asked too", async () => {
    const plain = await (await ask(client, { stream: true })).text();
    expect(sentTo(client).body.stream_options).toEqual({ include_usage: true });
    expect(plain).not.toMatch(/"choices":\s*\[\]/);
    const asked = await (await ask(client, { stream: true, stream_options: { include_usage: true } })).text();
    expect(asked).toMatch(/"choices":\s*\[\]/);
  });

  it("is rendered where another wire stands behind", async () => {
    const response = await ask({ ...client, backend: "anthropic" }, { stream: true });
    expect(await response.text()).toMatch(/"object":\s*"chat\.completion\.chunk"[\s\S]*\[DONE\]/);
  });
});
