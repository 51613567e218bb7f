/** Every served wire in front of every vendor's wire: all that was said arrives, and all that is answered comes back. */
import { isJsonObject } from "@dragoman/llm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKENDS, type GatewayUnderTest, startGateway } from "./gateway-under-test.ts";
import { INGRESS_CLIENTS, post } from "./ingress-clients.ts";
import { PIXEL, PIXEL_BYTES } from "./sdk/conversation.ts";

let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const VENDORS = BACKENDS.filter((backend) => backend !== "sim");
const TABLE = INGRESS_CLIENTS.flatMap((client) => VENDORS.map((vendor) => ({ client, vendor, ingress: client.name })));

const TOOLS = ["alpha", "beta"].map((name) => ({
  name: `tool_${name}`,
  description: `description-${name}-sentinel`,
  schema: {
    type: "object",
    properties: { [`argument_${name}`]: { type: "string", description: `argument-${name}-sentinel` } },
    required: [`argument_${name}`],
  },
}));

/** What the vendor was sent last, as text. */
function sent(vendor: (typeof VENDORS)[number]): string {
  return JSON.stringify(gateway.vendors[vendor].requests.at(-1)?.body);
}

async function answerOf(response: Response) {
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return isJsonObject(body) ? body : {};
}

describe.each(TABLE)("$ingress in front of $vendor", ({ client, vendor }) => {
  it("carries system and user text there, and the answer back", async () => {
    const ask = { model: gateway.text(vendor), text: "text-sentinel-é-世界", system: "system-sentinel" };
    const response = await post(gateway.url, client, ask);
    const answer = client.readAnswer(await answerOf(response));
    expect(sent(vendor)).toContain("text-sentinel-é-世界");
    expect(sent(vendor)).toContain("system-sentinel");
    expect(answer.text).toContain("You said: “text-sentinel-é-世界”. Naïve café – 世界 👩‍🚀 done.");
    expect(response.headers.get("x-dragoman-model")).toBe(gateway.text(vendor));
  });

  it("streams the same answer in pieces", async () => {
    const ask = { model: gateway.text(vendor), text: "stream-sentinel", stream: true };
    const response = await post(gateway.url, client, ask);
    expect(response.status).toBe(200);
    const answer = client.readStream(await response.text());
    expect(answer.text).toContain("You said: “stream-sentinel”. Naïve café – 世界 👩‍🚀 done.");
    expect(answer.isComplete).toBe(true);
    expect(answer.events.length).toBeGreaterThan(3);
  });

  it("carries an image by value", async () => {
    const image = { data: PIXEL, mediaType: "image/png" };
    const response = await post(gateway.url, client, { model: gateway.text(vendor), image });
    expect(client.readAnswer(await answerOf(response)).text).toContain(PIXEL_BYTES);
    expect(sent(vendor)).toContain(PIXEL);
  });

  it("carries the schema of a structured answer", async () => {
    const schema = {
      type: "object",
      properties: { sentinel: { type: "string", enum: ["schema-sentinel"] } },
      required: ["sentinel"],
      additionalProperties: false,
    };
    const response = await post(gateway.url, client, { model: gateway.text(vendor), schema });
    expect(JSON.parse(client.readAnswer(await answerOf(response)).text)).toEqual({ sentinel: "schema-sentinel" });
  });

  it.skipIf(client.lacks.includes("tools")).each([false, true])(
    "carries tools there and parallel calls back, streamed: %s",
    async (stream) => {
      const response = await post(gateway.url, client, {
        model: gateway.text(vendor),
        text: "in parallel, please",
        tools: TOOLS,
        stream,
      });
      const { calls } = stream ? client.readStream(await response.text()) : client.readAnswer(await answerOf(response));
      for (const { name, description, schema } of TOOLS) {
        expect(sent(vendor)).toContain(name);
        expect(sent(vendor)).toContain(description);
        for (const argument of Object.values(schema.properties)) expect(sent(vendor)).toContain(argument.description);
      }
      expect(calls.map((call) => [call.name, Object.keys(Object(call.input))])).toEqual([
        ["tool_alpha", ["argument_alpha"]],
        ["tool_beta", ["argument_beta"]],
      ]);
      // Google's own wire may leave ids out.
      const ids = calls.map((call) => call.id).filter(Boolean);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  it.skipIf(client.lacks.includes("tools")).each([false, true])(
    "carries calls and results of the past, streamed: %s",
    async (stream) => {
      const history = [
        { id: "call_a1", name: "tool_alpha", input: { argument_alpha: "input-alpha-sentinel" }, result: "result-alpha-sentinel" },
        { id: "call_b2", name: "tool_beta", input: { argument_beta: "input-beta-sentinel" }, result: "result-beta-sentinel" },
      ];
      const response = await post(gateway.url, client, { model: gateway.text(vendor), tools: TOOLS, history, stream });
      const { text } = stream ? client.readStream(await response.text()) : client.readAnswer(await answerOf(response));
      expect(sent(vendor)).toContain("input-alpha-sentinel");
      expect(sent(vendor)).toContain("input-beta-sentinel");
      expect(text).toContain("result-alpha-sentinel");
      expect(text).toContain("result-beta-sentinel");
    },
  );

  it("ends a stream that breaks as broken", async () => {
    const ask = { model: gateway.fault(vendor, "fault-reset-mid"), text: "one two three four five", stream: true };
    const answer = client.readStream(await (await post(gateway.url, client, ask)).text());
    expect(answer.text).not.toBe("");
    expect(answer.isComplete).toBe(false);
    expect(JSON.stringify(answer.events.at(-1))).toContain("error");
  });

  it.each(["fault-429-retry-after", "fault-context-overflow", "fault-500", "fault-html", "fault-quota"])(
    "tells of %s in the client's own words, streamed or not",
    async (fault) => {
      const model = gateway.fault(vendor, fault);
      for (const stream of [false, true]) {
        const response = await post(gateway.url, client, { model, stream });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(client.errorMessage(await response.json())).toEqual(expect.any(String));
        if (fault === "fault-429-retry-after") expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
      }
    },
  );
});
