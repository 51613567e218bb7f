import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const WEATHER: OpenAI.ChatCompletionTool = {
  type: "function",
  function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
};
const CLOCK: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_time",
    parameters: { type: "object", properties: { zone: { enum: ["UTC", "CET"] } }, required: ["zone"] },
  },
};
const CITY_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, size: { type: "integer" } },
  required: ["city", "size"],
  additionalProperties: false,
};

let vendor: FakeVendor;
let client: OpenAI;
beforeAll(async () => {
  vendor = await startFakeVendor("openai");
  client = new OpenAI({ baseURL: vendor.baseUrl, apiKey: "any", maxRetries: 0 });
});
afterAll(() => vendor.close());

function user(content: string): OpenAI.ChatCompletionMessageParam {
  return { role: "user", content };
}

describe("the fake OpenAI, chat completions", () => {
  it("repeats the user's words, in characters of several bytes", async () => {
    const answer = await client.chat.completions.create({ model: "gpt-4.1-mini", messages: [user("Grüße")] });
    expect(answer.choices[0]?.message.content).toBe("You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
  });

  it("streams the same text, and usage only where it is asked for", async () => {
    const request = { model: "gpt-4.1-mini", messages: [user("stream me")], stream: true as const };
    const chunks = await collect(await client.chat.completions.create({ ...request, stream_options: { include_usage: true } }));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(text).toBe("You said: “stream me”. Naïve café – 世界 👩‍🚀 done.");
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(10);
    const plain = await collect(await client.chat.completions.create(request));
    expect(plain.every((chunk) => chunk.usage === undefined)).toBe(true);
    expect(plain.at(-1)?.choices[0]?.finish_reason).toBe("stop");
  });

  it("calls the first tool, or all of them when the user says parallel, and repeats their results", async () => {
    const one = await client.chat.completions.create({
      model: "gpt-4.1-mini",
      messages: [user("weather")],
      tools: [WEATHER, CLOCK],
    });
    expect(one.choices[0]?.message.tool_calls).toHaveLength(1);
    const messages = [user("in parallel please")];
    const stream = client.chat.completions.stream({ model: "gpt-4.1-mini", messages, tools: [WEATHER, CLOCK] });
    const { message, finish_reason: finish } = (await stream.finalChatCompletion()).choices[0] ?? {};
    const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
    expect(finish).toBe("tool_calls");
    expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual([
      ["get_weather", { city: "city – é 🚀" }],
      ["get_time", { zone: "UTC" }],
    ]);
    const results = calls.map((call, index) => ({ role: "tool" as const, tool_call_id: call.id, content: `result ${index}` }));
    const assistant = { role: "assistant" as const, content: null, tool_calls: calls };
    const answer = await client.chat.completions.create({
      model: "gpt-4.1-mini",
      messages: [...messages, assistant, ...results],
      tools: [WEATHER, CLOCK],
    });
    expect(answer.choices[0]?.message.content).toContain("get_weather → result 0; get_time → result 1");
  });

  it("obeys tool_choice", async () => {
    const base = { model: "gpt-4.1-mini", messages: [user("parallel")], tools: [WEATHER, CLOCK] };
    const none = await client.chat.completions.create({ ...base, tool_choice: "none" });
    expect(none.choices[0]?.message.tool_calls).toBeUndefined();
    const named = await client.chat.completions.create({
      ...base,
      tool_choice: { type: "function", function: { name: "get_time" } },
    });
    expect(named.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: "get_time" } }]);
    const single = await client.chat.completions.create({ ...base, parallel_tool_calls: false });
    expect(single.choices[0]?.message.tool_calls).toHaveLength(1);
  });

  it("answers JSON of the schema, and says what image it saw", async () => {
    const json_schema = { name: "city", schema: CITY_SCHEMA, strict: true };
    const json = await client.chat.completions.create({
      model: "gpt-4.1-mini",
      messages: [user("a city")],
      response_format: { type: "json_schema", json_schema },
    });
    expect(JSON.parse(json.choices[0]?.message.content ?? "")).toEqual({ city: "city – é 🚀", size: 1 });
    const image = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PNG}` } };
    const seen = await client.chat.completions.create({
      model: "gpt-4.1-mini",
      messages: [{ role: "user", content: [{ type: "text", text: "look" }, image] }],
    });
    expect(seen.choices[0]?.message.content).toContain(`I saw image/png of ${Buffer.from(PNG, "base64").length} bytes.`);
  });

  it("counts hidden reasoning, and reads a repeated prompt from its cache", async () => {
    const request = { model: "gpt-5-mini", messages: [{ role: "system" as const, content: "be brief now" }, user("think")] };
    const first = await client.chat.completions.create(request);
    expect(first.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const second = await client.chat.completions.create(request);
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBe(4);
    expect(second.usage?.prompt_tokens).toBe(first.usage?.prompt_tokens);
  });

  it("stops at the limit and at a stop sequence", async () => {
    const base = { model: "gpt-4.1-mini", messages: [user("one two three")] };
    const short = await client.chat.completions.create({ ...base, max_tokens: 3 });
    expect(short.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "You said: “one" } });
    const stopped = await client.chat.completions.create({ ...base, stop: ["two"] });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "You said: “one " } });
  });

  it("lists its models", async () => {
    const ids = (await client.models.list()).data.map((model) => model.id);
    expect(ids).toContain("gpt-5-mini");
    expect((await client.models.retrieve("gpt-5-mini")).id).toBe("gpt-5-mini");
    await expect(client.models.retrieve("nothing")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });
});

describe("what the fake OpenAI refuses, chat completions", () => {
  const strictOpen = { ...WEATHER.function, strict: true };
  const call = { id: "call_1", type: "function", function: { name: "get_weather", arguments: "{}" } };
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["an unknown model", { model: "gpt-none" }, { status: 404, code: "model_not_found" }],
    ["no messages", { messages: [] }, { status: 400, code: "empty_array" }],
    ["a foreign role", { messages: [{ role: "model", content: "x" }] }, { status: 400, param: "messages[0].role" }],
    ["an unknown field", { top_k: 3 }, { status: 400, message: /Unrecognized request argument supplied: top_k/ }],
    ["max_tokens of a reasoning model", { model: "gpt-5-mini", max_tokens: 5 }, { status: 400, code: "unsupported_parameter" }],
    ["temperature of a reasoning model", { model: "gpt-5-mini", temperature: 0.2 }, { status: 400, code: "unsupported_value" }],
    ["reasoning of a plain model", { reasoning_effort: "low" }, { status: 400, param: "reasoning_effort" }],
    ["tools of a model without them", { model: "gpt-5-chat-latest", tools: [WEATHER] }, { status: 404 }],
    [
      "a call without its result",
      { messages: [user("x"), { role: "assistant", tool_calls: [call] }] },
      { status: 400, message: /call_1/ },
    ],
    [
      "a result without its call",
      { messages: [user("x"), { role: "tool", tool_call_id: "a", content: "y" }] },
      { status: 400, message: /preceeding/ },
    ],
    [
      "an open strict schema",
      { tools: [{ type: "function", function: strictOpen }] },
      { status: 400, code: "invalid_function_parameters" },
    ],
    ["empty tools", { tools: [] }, { status: 400, code: "empty_array" }],
    [
      "JSON mode without the word",
      { response_format: { type: "json_object" } },
      { status: 400, message: /must contain the word 'json'/ },
    ],
    ["stream_options without a stream", { stream_options: { include_usage: true } }, { status: 400, param: "stream_options" }],
  ];
  it.each(cases)("%s", async (_name, change, expected) => {
    const request = { model: "gpt-4.1-mini", messages: [user("x")], ...change };
    const failure = await client.post("/chat/completions", { body: request }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const { message, ...fields } = expected;
    expect(failure).toMatchObject(fields);
    if (message instanceof RegExp) expect(String(failure)).toMatch(message);
  });

  it("a missing key and a bad key", async () => {
    const bad = new OpenAI({ baseURL: vendor.baseUrl, apiKey: "bad-key", maxRetries: 0 });
    await expect(bad.models.list()).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
    const response = await fetch(`${vendor.baseUrl}/models`);
    expect([response.status, await response.json()]).toMatchObject([401, { error: { type: "invalid_request_error" } }]);
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
