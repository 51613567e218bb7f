import { type Cohere, CohereClientV2, CohereError } from "cohere-ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const TEXT = "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.";
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS: Cohere.ToolV2[] = ["get_weather", "get_time"].map((name) => ({ type: "function", function: { name, parameters } }));

let vendor: FakeVendor;
let client: CohereClientV2;
beforeAll(async () => {
  vendor = await startFakeVendor("cohere");
  client = new CohereClientV2({ token: "any", environment: vendor.url, maxRetries: 0 });
});
afterAll(() => vendor.close());

function user(content: string): Cohere.ChatMessageV2 {
  return { role: "user", content };
}

async function refusal(request: Partial<Cohere.V2ChatRequest>): Promise<unknown> {
  const whole: Cohere.V2ChatRequest = { model: "command-a-03-2025", messages: [user("Hi")], ...request };
  const error: unknown = await client.chat(whole).catch((thrown: unknown) => thrown);
  if (!(error instanceof CohereError)) throw new Error("it was taken");
  return { status: error.statusCode, ...(typeof error.body === "object" ? error.body : {}) };
}

describe("the fake Cohere", () => {
  it("answers, and streams the same text with its usage at the end", async () => {
    const request: Cohere.V2ChatRequest = { model: "command-a-03-2025", messages: [user("Grüße")] };
    const whole = await client.chat(request);
    expect(whole).toMatchObject({
      finishReason: "COMPLETE",
      message: { content: [{ type: "text", text: TEXT }] },
      usage: { billedUnits: { inputTokens: 2, outputTokens: 9 }, tokens: { inputTokens: 10, outputTokens: 10 } },
    });
    let text = "";
    let ending: Cohere.ChatMessageEndEventDelta | undefined;
    for await (const event of await client.chatStream(request)) {
      if (event.type === "content-delta") text += event.delta?.message?.content?.text ?? "";
      if (event.type === "message-end") ending = event.delta;
    }
    expect(text).toBe(TEXT);
    expect(ending).toMatchObject({ finishReason: "COMPLETE", usage: { tokens: { outputTokens: 10 } } });
  });

  it("plans its calls, takes results as documents, and cites them", async () => {
    const question = user("both, in parallel");
    const first = await client.chat({ model: "command-a-03-2025", messages: [question], tools: TOOLS });
    expect(first).toMatchObject({
      finishReason: "TOOL_CALL",
      message: { toolPlan: "I will use get_weather and get_time to find out." },
    });
    const calls = first.message.toolCalls ?? [];
    expect(calls.map((call) => call.function?.name)).toEqual(["get_weather", "get_time"]);
    const results = calls.map(
      (call): Cohere.ChatMessageV2 => ({
        role: "tool",
        toolCallId: call.id,
        content: [{ type: "document", document: { data: { a: call.id } } }],
      }),
    );
    const messages: Cohere.ChatMessageV2[] = [question, { role: "assistant", toolCalls: calls }, ...results];
    const second = await client.chat({ model: "command-a-03-2025", messages, tools: TOOLS });
    expect(second.message.citations?.map((citation) => citation.sources?.[0]?.id)).toEqual(calls.map((call) => `${call.id}:0`));
  });

  it("thinks unless it is told not to", async () => {
    const request = { model: "command-a-reasoning-08-2025", messages: [user("x")] };
    expect((await client.chat(request)).message.content?.[0]).toMatchObject({ type: "thinking" });
    const off = await client.chat({ ...request, thinking: { type: "disabled" } });
    expect(off.message.content).toMatchObject([{ type: "text" }]);
  });

  it("fills a schema", async () => {
    const responseFormat = { type: "json_object" as const, jsonSchema: parameters };
    const { message } = await client.chat({ model: "command-a-03-2025", messages: [user("JSON")], responseFormat });
    const [block] = message.content ?? [];
    expect(block?.type === "text" && Object.keys(JSON.parse(block.text))).toEqual(["city"]);
  });

  it("refuses as Cohere does", async () => {
    expect(await refusal({ model: "nothing" })).toMatchObject({
      status: 404,
      message: expect.stringMatching(/model 'nothing' not found/),
    });
    expect(await refusal({ messages: [user("a"), { role: "system", content: "b" }] })).toMatchObject({
      status: 400,
      message: "system turn must be the first in the list",
    });
    expect(await refusal({ messages: [{ role: "tool", toolCallId: "x", content: "y" }] })).toMatchObject({
      message: "tool call id not found in previous tool calls",
    });
    expect(await refusal({ temperature: 2 })).toMatchObject({ message: expect.stringMatching(/temperature must be between/) });
    const image = { type: "image_url" as const, imageUrl: { url: "https://example.com/a.png" } };
    expect(await refusal({ messages: [{ role: "user", content: [image] }] })).toMatchObject({
      message: "invalid request: image content is not supported for this model",
    });
    const tool: Cohere.ToolV2 = { type: "function", function: { name: "1st", parameters } };
    expect(await refusal({ tools: [tool] })).toMatchObject({ message: expect.stringMatching(/tool names can only contain/) });
    expect(await refusal({ tools: TOOLS, responseFormat: { type: "json_object" } })).toMatchObject({ status: 400 });
  });

  it("lists its models in pages, and counts the tokens of a text", async () => {
    const headers = { authorization: "Bearer any" };
    const page = async (query: string) => (await fetch(`${vendor.url}/v1/models?${query}`, { headers })).json();
    const first = await page("page_size=4");
    expect(first).toMatchObject({ models: [{ name: "command-a-03-2025" }, {}, {}, {}], next_page_token: "4" });
    expect(await page("page_size=4&page_token=4")).toMatchObject({
      models: [{ endpoints: ["embed"] }, { endpoints: ["rerank"] }],
    });
    const body = JSON.stringify({ text: "one two three", model: "command-a-03-2025" });
    const counted = await fetch(`${vendor.url}/v1/tokenize`, { method: "POST", headers, body });
    expect(await counted.json()).toMatchObject({ token_strings: ["one", " two", " three"] });
  });

  it("embeds alike what is alike, in every type of number, and the same each time", async () => {
    const embed = () =>
      client.embed({
        model: "embed-v4.0",
        inputType: "search_document",
        texts: ["the cat sat", "the cat sat down", "quarterly revenue"],
        outputDimension: 256,
        embeddingTypes: ["float", "int8", "base64"],
      });
    const { embeddings, meta } = await embed();
    expect((await embed()).embeddings).toEqual(embeddings);
    const [one = [], near = [], far = []] = embeddings.float ?? [];
    const dot = (other: readonly number[]) => one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
    expect(dot(one)).toBeCloseTo(1);
    expect(dot(near)).toBeGreaterThan(dot(far));
    expect(embeddings.int8?.[0]).toEqual(one.map((value) => Math.round(value * 127)));
    const bytes = Buffer.from(embeddings.base64?.[0] ?? "", "base64");
    expect(one.map((_value, index) => bytes.readFloatLE(index * 4))).toEqual(one.map(Math.fround));
    expect(meta?.billedUnits?.inputTokens).toBe(9);
  });

  it("ranks documents by the words of the query", async () => {
    const { results } = await client.rerank({
      model: "rerank-v3.5",
      query: "Red cat",
      documents: ["a dog", "the red cat", "cat food"],
      topN: 2,
    });
    expect(results).toEqual([
      { index: 1, relevanceScore: 1 },
      { index: 2, relevanceScore: 0.5 },
    ]);
  });
});
