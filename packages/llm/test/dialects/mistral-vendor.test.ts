/** The provider and the vendor's SDK against the fake vendor: both must get along with it, and it must refuse what Mistral refuses. */
import { Mistral } from "@mistralai/mistralai";
import { afterEach, describe, expect, it } from "vitest";
import { assistantMessage, reasoningOf, textOf, toolCallsOf, toolResult, userMessage } from "../../src/message.ts";
import { mistral } from "../../src/providers/mistral.ts";
import { Secret } from "../../src/secret.ts";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const started: FakeVendor[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((vendor) => vendor.close()));
});

async function start() {
  const vendor = await startFakeVendor("mistral");
  started.push(vendor);
  const provider = mistral({ baseUrl: vendor.baseUrl, key: new Secret("a-key") });
  const sdk = new Mistral({ apiKey: "a-key", serverURL: vendor.url });
  return { vendor, provider, sdk };
}

const TOOLS = ["get_weather", "get_time"].map((name) => ({ name, inputSchema: { type: "object", properties: {} } }));
const model = "mistral-small-latest";
const user = { role: "user", content: "Hi." };

describe("the provider", () => {
  it("thinks, calls in parallel, and takes thoughts and results back", async () => {
    const { vendor, provider } = await start();
    const messages = [userMessage("in parallel")];
    const first = await provider.complete({ model, messages, tools: TOOLS, reasoning: { effort: "high" } });
    expect(first.message.origin).toMatchObject({ dialect: "mistral", provider: "mistral" });
    expect(reasoningOf(first.message)).toContain("Let me think");
    const calls = toolCallsOf(first.message);
    expect(calls.map((call) => call.id)).toEqual([expect.stringMatching(/^\w{9}$/), expect.stringMatching(/^\w{9}$/)]);
    const results = calls.map((call) => toolResult(call, "sunny"));
    const history = [...messages, first.message, ...results, userMessage("Thanks.")];
    const second = await provider.complete({ model, messages: history, tools: TOOLS, toolChoice: "none" });
    expect(textOf(second.message)).toContain("Thanks.");
    const sent = vendor.requests[1]?.body;
    expect(sent).toMatchObject({
      messages: [
        {},
        { content: [{ type: "thinking", thinking: [{ type: "text" }] }], tool_calls: [{}, {}] },
        { role: "tool" },
        { role: "tool" },
        { role: "assistant", content: "OK." },
        { role: "user" },
      ],
    });
    expect(sent).not.toHaveProperty("tools");
  });

  it("goes on with a prefix, and maps the ids of another maker", async () => {
    const { vendor, provider } = await start();
    const poem = await provider.complete({ model, messages: [userMessage("A poem."), assistantMessage("Roses")] });
    expect(textOf(poem.message)).toMatch(/^You said: “A poem.”/);
    expect(vendor.requests[0]?.body).toMatchObject({ messages: [{}, { prefix: true }] });
    const call = { type: "tool-call", id: "toolu_0123456789", name: "get_weather", arguments: {} } as const;
    await provider.complete({ model, messages: [userMessage("?"), assistantMessage([call]), toolResult(call, "1")] });
    expect(vendor.requests[1]?.body).toMatchObject({
      messages: [{}, {}, { tool_call_id: expect.stringMatching(/^[a-z0-9]{9}$/) }],
    });
  });

  it("takes what the listing says for facts", async () => {
    const { provider } = await start();
    expect(provider.capabilities("mistral-tiny").images.answer).toBe("unknown");
    const models = await provider.models();
    const codestral = models.find((row) => row.id === "codestral-latest");
    expect(codestral?.capabilities).toMatchObject({
      images: { answer: "no", source: "vendor" },
      reasoning: { answer: "no", source: "vendor" },
      tools: { answer: "yes", source: "vendor" },
      contextWindowTokens: 256_000,
    });
    expect(models.find((row) => row.id === "mistral-embed")?.capabilities.streaming.answer).toBe("no");
  });

  it("claims the names of Mistral's families", async () => {
    const { provider } = await start();
    const names = ["mistral-x", "magistral-x", "ministral-x", "codestral-x", "devstral-x", "pixtral-x", "open-mixtral-8x7b"];
    expect(names.map((name) => provider.supports(name))).toEqual(names.map(() => true));
    expect(provider.supports("gpt-5")).toBe(false);
    expect(provider.aliases?.magistral ?? "").toBe("magistral-medium-latest");
    expect(provider.capabilities("magistral").reasoningOff.answer).toBe("no");
  });
});

describe("the fake vendor", () => {
  it("answers and streams to the vendor's SDK", async () => {
    const { sdk } = await start();
    const messages = [{ role: "user" as const, content: "Grüße" }];
    const whole = await sdk.chat.complete({ model: "magistral-medium-latest", messages });
    expect(whole.choices[0]?.message?.content).toMatchObject([{ type: "thinking" }, { type: "text" }]);
    let text = "";
    let usage: unknown;
    for await (const { data } of await sdk.chat.stream({ model: "ministral-8b-latest", messages })) {
      const delta = data.choices[0]?.delta.content;
      if (typeof delta === "string") text += delta;
      usage = data.usage ?? usage;
    }
    expect(text).toBe("You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.");
    expect(usage).toMatchObject({ promptTokens: 2 });
  });

  it("embeds the same text alike and lists its models", async () => {
    const { sdk } = await start();
    const { data } = await sdk.embeddings.create({
      model: "mistral-embed",
      inputs: ["red apple", "green apple", "red apple", "car"],
    });
    const vectors = data.map((row) => (Array.isArray(row.embedding) ? row.embedding.map(Number) : []));
    const [red = [], green = [], again = [], car = []] = vectors;
    expect(red).toHaveLength(1024);
    expect(again).toEqual(red);
    expect(Math.hypot(...red)).toBeCloseTo(1);
    const nearness = (one: readonly number[], other: readonly number[]) =>
      one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
    expect(nearness(red, green)).toBeGreaterThan(nearness(red, car));
    const { data: models = [] } = await sdk.models.list();
    expect(models).toContainEqual(expect.objectContaining({ id: "mistral-embed", maxContextLength: 8192 }));
  });

  const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
  const called = { role: "assistant", content: "", tool_calls: [call("abcdefgh1")] };
  const result = { role: "tool", tool_call_id: "abcdefgh1", content: "1" };

  it.each<[string, object, number, string]>([
    ["an unknown field", { messages: [user], logit_bias: {} }, 422, "Extra inputs are not permitted"],
    ["a field of another vendor's messages", { messages: [{ ...user, name: "Ada" }] }, 422, "Extra inputs are not permitted"],
    ["another effort", { messages: [user], reasoning_effort: "low" }, 422, "Input should be 'high' or 'none'"],
    ["a tool that is no function", { messages: [user], tools: [{ type: "web_search" }] }, 422, "Input should be 'function'"],
    ["a long id", { messages: [user, { ...called, tool_calls: [call("call_1")] }, result] }, 400, "Tool call id was call_1"],
    ["a user after a tool", { messages: [user, called, result, user] }, 400, "Unexpected role 'user' after role 'tool'"],
    ["a missing result", { messages: [user, called, user] }, 400, "Not the same number of function calls and responses"],
    [
      "an assistant at the end",
      { messages: [user, { role: "assistant", content: "x" }] },
      400,
      "Expected last role User or Tool",
    ],
    ["a silent assistant", { messages: [user, { role: "assistant", content: "" }, user] }, 400, "either content or tool_calls"],
    [
      "an image for a model without eyes",
      { model: "codestral-latest", messages: [{ role: "user", content: [{ type: "image_url", image_url: "x" }] }] },
      400,
      "Image input is not enabled for this model",
    ],
    ["an unknown model", { model: "nothing", messages: [user] }, 400, "Invalid model: nothing"],
  ])("refuses %s", async (_what, body, status, words) => {
    const { vendor } = await start();
    const response = await fetch(`${vendor.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer a-key", "content-type": "application/json" },
      body: JSON.stringify({ model, ...body }),
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(words);
  });
});
