import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import type { FakeVendor, FakeVendorName } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const MODELS = {
  lmstudio: "qwen3-4b",
  llamacpp: "qwen3-1.7b-q4_k_m",
  huggingface: "Qwen/Qwen3-4B:fake-partner",
  moonshot: "kimi-k2-thinking",
  "openai-compatible": "plain-model",
} as const satisfies { [Name in FakeVendorName]?: string };
const NAMES = ["lmstudio", "llamacpp", "huggingface", "moonshot", "openai-compatible"] as const;
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS: OpenAI.ChatCompletionTool[] = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, parameters },
}));

const started: FakeVendor[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((vendor) => vendor.close()));
});

async function start(name: FakeVendorName): Promise<{ vendor: FakeVendor; client: OpenAI }> {
  const vendor = await startFakeVendor(name);
  started.push(vendor);
  return { vendor, client: new OpenAI({ baseURL: vendor.baseUrl, apiKey: "any", maxRetries: 0 }) };
}

function user(content: string): OpenAI.ChatCompletionMessageParam {
  return { role: "user", content };
}

/** A field that the SDK's types do not know. */
function field(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined;
}

async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

describe.each(NAMES)("the fake %s", (name) => {
  const model = MODELS[name];

  it("answers and streams the same text", async () => {
    const { client } = await start(name);
    const whole = await client.chat.completions.create({ model, messages: [user("Grüße")] });
    const expected = "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.";
    expect(whole.choices[0]?.message.content).toBe(expected);
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of await client.chat.completions.create({
      model,
      messages: [user("Grüße")],
      stream: true,
      stream_options: { include_usage: true },
    })) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(expected);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  it("thinks aloud, calls in parallel, and takes thoughts and results back", async () => {
    const { client } = await start(name);
    const messages = [user("in parallel")];
    const body = { model, messages, tools: TOOLS, reasoning_effort: "low" as const };
    const { message } = (await client.chat.completions.create(body)).choices[0] ?? {};
    const calls = message?.tool_calls ?? [];
    expect(calls).toHaveLength(2);
    const shown = name === "openai-compatible" ? "reasoning" : "reasoning_content";
    const thoughts = field(message, shown);
    expect(thoughts).toContain("Let me think");
    const streamed = await client.chat.completions.stream(body).finalChatCompletion();
    expect(streamed.choices[0]?.message.tool_calls).toHaveLength(2);
    const results = calls.map((call, index) => ({ role: "tool" as const, tool_call_id: call.id, content: `result ${index}` }));
    const assistant = { role: "assistant" as const, content: null, tool_calls: calls, [shown]: thoughts };
    const answer = await client.chat.completions.create({ ...body, messages: [...messages, assistant, ...results] });
    expect(answer.choices[0]?.message.content).toContain("get_weather → result 0; get_time → result 1");
  });

  it("answers JSON of the schema, lists its models, refuses an unknown one and a bad key", async () => {
    const { vendor, client } = await start(name);
    const response_format = { type: "json_schema" as const, json_schema: { name: "city", schema: parameters } };
    const json = await client.chat.completions.create({ model, messages: [user("a city")], response_format });
    expect(JSON.parse(json.choices[0]?.message.content ?? "")).toEqual({ city: "city – é 🚀" });
    expect((await client.models.list()).data.map((row) => row.id)).toContain(model.replace(/:fake-partner$/, ""));
    expect(await failureOf(client.chat.completions.create({ model: "none", messages: [user("x")] }))).toMatchObject({
      status: 404,
    });
    const bad = new OpenAI({ baseURL: vendor.baseUrl, apiKey: "bad-key", maxRetries: 0 });
    expect(await failureOf(bad.models.list())).toMatchObject({ status: 401 });
  });
});

describe("what each compatible fake does in its own way", () => {
  it("llama.cpp reports timings and cached tokens, its health and its properties", async () => {
    const { vendor, client } = await start("llamacpp");
    const request = { model: MODELS.llamacpp, messages: [{ role: "system" as const, content: "a stable preface" }, user("x")] };
    await client.chat.completions.create(request);
    const again = await client.chat.completions.create(request);
    expect(field(again, "timings")).toMatchObject({ cache_n: 4, prompt_n: 2, predicted_n: 9 });
    expect(await (await fetch(`${vendor.url}/health`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${vendor.url}/props`)).json()).toMatchObject({ default_generation_settings: { n_ctx: 40_960 } });
  });

  it("llama.cpp and Moonshot count as they count in an answer", async () => {
    const messages = [user("one two three")];
    const post = async (url: string, body: object): Promise<unknown> => {
      const headers = { authorization: "Bearer any", "content-type": "application/json" };
      return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).json();
    };
    const llama = (await start("llamacpp")).vendor;
    const templated = await post(`${llama.url}/apply-template`, { messages });
    expect(await post(`${llama.url}/tokenize`, { content: field(templated, "prompt") })).toEqual({ tokens: [1, 2, 3, 4] });
    const { vendor, client } = await start("moonshot");
    const estimate = await post(`${vendor.baseUrl}/tokenizers/estimate-token-count`, { model: MODELS.moonshot, messages });
    const answer = await client.chat.completions.create({ model: MODELS.moonshot, messages });
    expect(estimate).toEqual({ data: { total_tokens: answer.usage?.prompt_tokens } });
  });

  it("llama.cpp is loading at first, then well", async () => {
    const { client } = await start("llamacpp");
    const ask = () => client.chat.completions.create({ model: "fault-loading", messages: [user("x")] });
    expect(await failureOf(ask())).toMatchObject({ status: 503, error: { message: "Loading model", type: "unavailable_error" } });
    expect((await ask()).choices[0]?.finish_reason).toBe("stop");
  });

  it("LM Studio has its own listing, and takes neither a named tool nor JSON mode", async () => {
    const { vendor, client } = await start("lmstudio");
    const listed = await (await fetch(`${vendor.url}/api/v0/models`)).json();
    expect(listed).toMatchObject({
      data: [
        { id: "qwen3-4b", state: "loaded", max_context_length: 128_000, loaded_context_length: 4096 },
        {},
        { type: "embeddings" },
      ],
    });
    const base = { model: MODELS.lmstudio, messages: [user("x")], tools: TOOLS };
    const named = { ...base, tool_choice: { type: "function" as const, function: { name: "get_time" } } };
    expect(String(await failureOf(client.chat.completions.create(named)))).toMatch(/Invalid tool_choice type/);
    expect(
      String(await failureOf(client.chat.completions.create({ ...base, response_format: { type: "json_object" } }))),
    ).toMatch(/json_schema/);
  });

  it("the router lists the partners of a model", async () => {
    const { client } = await start("huggingface");
    const { data } = await client.models.list();
    expect(field(data[0], "providers")).toMatchObject([
      { provider: "fake-partner", context_length: 128_000, supports_tools: true },
    ]);
  });

  it("Moonshot puts cached tokens at the top of the usage, and usage into the last choice", async () => {
    const { client } = await start("moonshot");
    const request = { model: MODELS.moonshot, messages: [{ role: "system" as const, content: "a stable preface" }, user("x")] };
    await client.chat.completions.create(request);
    const usages: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
      expect(chunk.usage).toBeUndefined();
      usages.push(field(chunk.choices[0], "usage"));
    }
    expect(usages.at(-1)).toMatchObject({ prompt_tokens: 6, cached_tokens: 4 });
  });

  it("Moonshot wants its thoughts back, and takes neither forced tools nor images by address", async () => {
    const { client } = await start("moonshot");
    const call = { id: "get_time:0", type: "function" as const, function: { name: "get_time", arguments: "{}" } };
    const history = [
      user("x"),
      { role: "assistant" as const, content: null, tool_calls: [call] },
      { role: "tool" as const, tool_call_id: call.id, content: "y" },
    ];
    const base = { model: MODELS.moonshot, tools: TOOLS };
    expect(String(await failureOf(client.chat.completions.create({ ...base, messages: history })))).toMatch(
      /reasoning_content is missing/,
    );
    expect(
      String(await failureOf(client.chat.completions.create({ ...base, messages: [user("x")], tool_choice: "required" }))),
    ).toMatch(/'required'/);
    const image = { type: "image_url" as const, image_url: { url: "https://example.com/a.png" } };
    expect(
      String(await failureOf(client.chat.completions.create({ ...base, messages: [{ role: "user", content: [image] }] }))),
    ).toMatch(/unsupported image url/);
  });
});
