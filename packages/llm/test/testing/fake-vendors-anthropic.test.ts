import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const WEATHER: Anthropic.Tool = {
  name: "get_weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const CLOCK: Anthropic.Tool = { ...WEATHER, name: "get_time" };
const MODEL = "claude-opus-5";

let vendor: FakeVendor;
let client: Anthropic;
beforeAll(async () => {
  vendor = await startFakeVendor("anthropic");
  client = new Anthropic({ baseURL: vendor.url, apiKey: "any", maxRetries: 0 });
});
afterAll(() => vendor.close());

function user(content: Anthropic.MessageParam["content"]): Anthropic.MessageParam {
  return { role: "user", content };
}

function resultsOf(message: Anthropic.Message): Anthropic.ToolResultBlockParam[] {
  return message.content.flatMap((block) =>
    block.type === "tool_use"
      ? [{ type: "tool_result" as const, tool_use_id: block.id, content: `result of ${block.name}` }]
      : [],
  );
}

describe("the fake Anthropic", () => {
  it("answers and streams the same message", async () => {
    const request = { model: MODEL, max_tokens: 100, messages: [user("Grüße")] };
    const whole = await client.messages.create(request);
    expect(whole.content).toMatchObject([{ type: "text", text: "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done." }]);
    const streamed = await client.messages.stream(request).finalMessage();
    expect(streamed).toMatchObject({ content: whole.content, stop_reason: "end_turn", usage: whole.usage });
  });

  it("thinks with a signature, calls in parallel, and takes both back", async () => {
    const thinking = { type: "adaptive" } as const;
    const base = { model: MODEL, max_tokens: 4000, thinking, tools: [WEATHER, CLOCK] };
    const messages = [user("in parallel")];
    const turn = await client.messages.stream({ ...base, messages }).finalMessage();
    expect(turn.content.map((block) => block.type)).toEqual(["thinking", "tool_use", "tool_use"]);
    expect(turn.content[1]).toMatchObject({ name: "get_weather", input: { city: "city – é 🚀" } });
    expect(turn.stop_reason).toBe("tool_use");
    const history = [...messages, { role: "assistant" as const, content: turn.content }, user(resultsOf(turn))];
    const answer = await client.messages.create({ ...base, messages: history });
    const text = answer.content.find((block) => block.type === "text")?.text;
    expect(text).toContain("get_weather → result of get_weather; get_time → result of get_time");
  });

  it("obeys tool_choice", async () => {
    const base = { model: MODEL, max_tokens: 100, messages: [user("parallel")], tools: [WEATHER, CLOCK] };
    const single = await client.messages.create({ ...base, tool_choice: { type: "auto", disable_parallel_tool_use: true } });
    expect(single.content.filter((block) => block.type === "tool_use")).toHaveLength(1);
    const named = await client.messages.create({ ...base, tool_choice: { type: "tool", name: "get_time" } });
    expect(named.content).toMatchObject([{ type: "tool_use", name: "get_time" }]);
    const none = await client.messages.create({ ...base, tool_choice: { type: "none" } });
    expect(none.content).toMatchObject([{ type: "text" }]);
  });

  it("answers JSON of the schema, and says what image it saw", async () => {
    const schema = { type: "object", properties: { size: { type: "integer" } }, required: ["size"], additionalProperties: false };
    const json = await client.messages.create({
      model: MODEL,
      max_tokens: 100,
      messages: [user("a size")],
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(json.content).toMatchObject([{ type: "text", text: '{"size":1}' }]);
    const image = { type: "image" as const, source: { type: "base64" as const, media_type: "image/png" as const, data: "AAAA" } };
    const seen = await client.messages.create({
      model: MODEL,
      max_tokens: 100,
      messages: [user([{ type: "text", text: "look" }, image])],
    });
    expect(seen.content).toMatchObject([{ text: expect.stringContaining("I saw image/png of 3 bytes.") }]);
  });

  it("writes what is marked into the cache, reads it at the next request, and leaves both out of input_tokens", async () => {
    const system = [
      { type: "text" as const, text: "a long stable preface", cache_control: { type: "ephemeral" as const, ttl: "1h" as const } },
    ];
    const request = { model: MODEL, max_tokens: 100, system, messages: [user("first")] };
    const first = await client.messages.create(request);
    expect(first.usage).toMatchObject({
      input_tokens: 2,
      cache_creation_input_tokens: 4,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 4 },
    });
    const second = await client.messages.create({ ...request, messages: [user("second")] });
    expect(second.usage).toMatchObject({ input_tokens: 2, cache_creation_input_tokens: 0, cache_read_input_tokens: 4 });
  });

  it("counts tokens as it counts them in an answer, and lists its models", async () => {
    const request = { model: MODEL, messages: [user("one two three")], tools: [WEATHER] };
    const counted = await client.messages.countTokens(request);
    const answer = await client.messages.create({ ...request, max_tokens: 100 });
    expect(counted.input_tokens).toBe(answer.usage.input_tokens);
    expect((await client.models.list()).data.map((model) => model.id)).toContain(MODEL);
    expect((await client.models.retrieve(MODEL)).max_input_tokens).toBe(128_000);
  });

  it("names the stop sequence that it met", async () => {
    const answer = await client.messages.create({
      model: MODEL,
      max_tokens: 100,
      messages: [user("a b")],
      stop_sequences: ["b"],
    });
    expect(answer).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "b" });
  });
});

describe("what the fake Anthropic refuses", () => {
  const call = { type: "tool_use", id: "toolu_1", name: "get_weather", input: {} };
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: "x" };
  const marked = { type: "text", text: "x", cache_control: { type: "ephemeral" } };
  const budget = { model: "claude-sonnet-4-5", max_tokens: 3000, thinking: { type: "enabled", budget_tokens: 1024 } };
  const cases: [string, Record<string, unknown>, number, RegExp][] = [
    ["an unknown model", { model: "claude-none" }, 404, /model: claude-none/],
    ["no max_tokens", { max_tokens: undefined }, 400, /max_tokens: Field required/],
    ["an unknown field", { seed: 1 }, 400, /seed: Extra inputs are not permitted/],
    ["a system message", { messages: [{ role: "system", content: "x" }] }, 400, /'user' or 'assistant'/],
    ["an assistant's first word", { messages: [{ role: "assistant", content: "x" }] }, 400, /first message/],
    ["an empty text", { messages: [user([{ type: "text", text: "" }])] }, 400, /non-whitespace/],
    [
      "a call without its result",
      { messages: [user("x"), { role: "assistant", content: [call] }, user("y")] },
      400,
      /without `tool_result` blocks/,
    ],
    [
      "words before the result",
      {
        messages: [
          user("x"),
          { role: "assistant", content: [call] },
          { role: "user", content: [{ type: "text", text: "y" }, result] },
        ],
      },
      400,
      /without `tool_result` blocks/,
    ],
    ["a result without its call", { messages: [{ role: "user", content: [result] }] }, 400, /unexpected `tool_use_id`/],
    [
      "a foreign tool id",
      { messages: [user("x"), { role: "assistant", content: [{ ...call, id: "a:1" }] }] },
      400,
      /should match pattern/,
    ],
    [
      "five cache marks",
      { messages: [{ role: "user", content: Array.from({ length: 5 }, () => marked) }] },
      400,
      /maximum of 4 blocks/,
    ],
    [
      "a budget of a newer model",
      { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 3000 },
      400,
      /thinking.type.adaptive/,
    ],
    ["too small a budget", { ...budget, thinking: { type: "enabled", budget_tokens: 10 } }, 400, /greater than or equal to 1024/],
    ["a budget over max_tokens", { ...budget, max_tokens: 1000 }, 400, /must be greater than `thinking.budget_tokens`/],
    ["temperature with thinking", { ...budget, temperature: 0.5 }, 400, /may only be set to 1/],
    ["forced tools with a budget", { ...budget, tools: [WEATHER], tool_choice: { type: "any" } }, 400, /forces tool use/],
    [
      "a turn without its thoughts",
      { ...budget, messages: [user("x"), { role: "assistant", content: [call] }, { role: "user", content: [result] }] },
      400,
      /Expected `thinking`/,
    ],
    ["a prefill of a newer model", { messages: [user("x"), { role: "assistant", content: "y" }] }, 400, /prefill/],
    [
      "a bound in an output schema",
      { output_config: { format: { type: "json_schema", schema: { type: "integer", minimum: 1 } } } },
      400,
      /'minimum' is not supported/,
    ],
  ];
  it.each(cases)("%s", async (_name, change, status, message) => {
    const body = { model: MODEL, max_tokens: 100, messages: [user("x")], ...change };
    const failure = await client.post("/v1/messages", { body }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(failure).toMatchObject({ status, error: { type: "error" } });
    expect(String(failure)).toMatch(message);
  });

  it("thoughts that were changed, and thoughts of another server", async () => {
    const messages = [user("hm")];
    const base = { model: MODEL, max_tokens: 4000, thinking: { type: "adaptive" as const } };
    const turn = await client.messages.create({ ...base, messages });
    const [thought] = turn.content;
    if (thought?.type !== "thinking") throw new Error("no thoughts came");
    const history = (block: Anthropic.ThinkingBlockParam) => [
      ...messages,
      { role: "assistant" as const, content: [block] },
      user("go on"),
    ];
    await expect(client.messages.create({ ...base, messages: history(thought) })).resolves.toMatchObject({ role: "assistant" });
    for (const altered of [
      { ...thought, thinking: `${thought.thinking}!` },
      { ...thought, signature: "AAAA" },
    ]) {
      await expect(client.messages.create({ ...base, messages: history(altered) })).rejects.toThrow(/Invalid `signature`/);
    }
    const other = await startFakeVendor("anthropic", { seed: "other" });
    const foreign = new Anthropic({ baseURL: other.url, apiKey: "any", maxRetries: 0 });
    await expect(foreign.messages.create({ ...base, messages: history(thought) })).rejects.toMatchObject({ status: 400 });
    await other.close();
  });

  it("a bad key, no key, no version", async () => {
    const bad = new Anthropic({ baseURL: vendor.url, apiKey: "bad-key", maxRetries: 0 });
    await expect(bad.models.list()).rejects.toMatchObject({ status: 401, type: "authentication_error" });
    expect((await fetch(`${vendor.baseUrl}/models`)).status).toBe(401);
    const headers = { "x-api-key": "any", "content-type": "application/json" };
    const unversioned = await fetch(`${vendor.baseUrl}/messages`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model: MODEL }),
    });
    expect([unversioned.status, await unversioned.text()]).toEqual([
      400,
      expect.stringContaining("anthropic-version: header is required"),
    ]);
  });
});
