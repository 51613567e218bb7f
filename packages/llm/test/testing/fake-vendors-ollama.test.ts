import { type Message, Ollama, type Tool } from "ollama";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const TEXT = "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.";
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS: Tool[] = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, description: name, parameters },
}));

let vendor: FakeVendor;
let client: Ollama;
beforeAll(async () => {
  vendor = await startFakeVendor("ollama");
  client = new Ollama({ host: vendor.url });
});
afterAll(() => vendor.close());

function user(content: string): Message {
  return { role: "user", content };
}

describe("the fake Ollama", () => {
  it("answers, and streams the same text with its timings on the last line", async () => {
    const whole = await client.chat({ model: "llama3.2", messages: [user("Grüße")] });
    expect(whole).toMatchObject({
      message: { content: TEXT },
      done: true,
      done_reason: "stop",
      eval_count: 9,
      prompt_eval_count: 2,
    });
    expect(whole.total_duration).toBe(whole.load_duration + whole.prompt_eval_duration + whole.eval_duration);
    const lines = [];
    for await (const line of await client.chat({ model: "llama3.2", messages: [user("Grüße")], stream: true })) lines.push(line);
    expect(lines.map((line) => line.message.content).join("")).toBe(TEXT);
    expect(lines.map((line) => line.done)).toEqual([...lines.slice(1).map(() => false), true]);
    expect(lines.at(-1)?.eval_count).toBe(9);
  });

  it("streams unless it is told not to", async () => {
    const body = JSON.stringify({ model: "llama3.2", messages: [user("x")] });
    const response = await fetch(`${vendor.baseUrl}/api/chat`, { method: "POST", body });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect((await response.text()).trim().split("\n").length).toBeGreaterThan(5);
  });

  it("thinks, calls in parallel with arguments as objects, ends with stop, and takes the results", async () => {
    const messages = [user("in parallel")];
    let thinking = "";
    const calls = [];
    for await (const line of await client.chat({ model: "qwen3:4b", messages, tools: TOOLS, think: true, stream: true })) {
      thinking += line.message.thinking ?? "";
      calls.push(...(line.message.tool_calls ?? []));
      if (line.done) expect(line.done_reason).toBe("stop");
    }
    expect(thinking).toContain("Let me think");
    expect(calls.map((call) => [call.function.name, call.function.arguments])).toEqual([
      ["get_weather", { city: "city – é 🚀" }],
      ["get_time", { city: "city – é 🚀" }],
    ]);
    const results = calls.map((call) => ({
      role: "tool",
      tool_name: call.function.name,
      content: `result of ${call.function.name}`,
    }));
    const history = [...messages, { role: "assistant", content: "", thinking, tool_calls: calls }, ...results];
    const answer = await client.chat({ model: "qwen3:4b", messages: history, tools: TOOLS });
    expect(answer.message.content).toContain("get_weather → result of get_weather; get_time → result of get_time");
  });

  it("answers JSON of the schema, and sees an image", async () => {
    const json = await client.chat({ model: "llama3.2", messages: [user("a city")], format: parameters });
    expect(JSON.parse(json.message.content)).toEqual({ city: "city – é 🚀" });
    const seen = await client.chat({ model: "llama3.2", messages: [{ ...user("look"), images: ["AAAA"] }] });
    expect(seen.message.content).toContain("I saw image of 3 bytes.");
  });

  it("reads no more of the prompt than the window holds, and refuses where it must not cut", async () => {
    const long = Array.from({ length: 50 }, () => "word").join(" ");
    const cut = await client.chat({ model: "llama3.2", messages: [user(long)], options: { num_ctx: 20 } });
    expect(cut.prompt_eval_count).toBe(20);
    const body = JSON.stringify({ model: "llama3.2", messages: [user(long)], options: { num_ctx: 20 }, truncate: false });
    const response = await fetch(`${vendor.baseUrl}/api/chat`, { method: "POST", body });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "prompt too long; exceeded max context length by 31 tokens" },
    ]);
  });

  it("generates from a bare prompt, and loads a model for an empty one", async () => {
    const whole = await client.generate({ model: "llama3.2", prompt: "Grüße" });
    expect(whole).toMatchObject({ response: TEXT, done_reason: "stop" });
    let text = "";
    for await (const line of await client.generate({ model: "llama3.2", prompt: "Grüße", stream: true })) text += line.response;
    expect(text).toBe(TEXT);
    expect(await client.chat({ model: "llama3.2", messages: [] })).toMatchObject({
      done_reason: "load",
      message: { content: "" },
    });
    const limited = await client.generate({ model: "llama3.2", prompt: "a b c", options: { num_predict: 3 } });
    expect(limited).toMatchObject({ response: "You said: “a", done_reason: "length" });
  });

  it("lists, shows, tells what is loaded and its version", async () => {
    expect((await client.list()).models.map((model) => model.name)).toContain("qwen3:4b");
    const shown = await client.show({ model: "qwen3:4b" });
    expect(shown.capabilities).toEqual(expect.arrayContaining(["completion", "tools", "thinking"]));
    expect(shown.model_info).toMatchObject({ "llama.context_length": 128_000 });
    expect((await client.ps()).models).toMatchObject([{ name: "qwen3:4b", context_length: 4096 }]);
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe("what the fake Ollama refuses", () => {
  const stringCall = { function: { name: "get_weather", arguments: "{}" } };
  const cases: [string, Record<string, unknown>, number, string][] = [
    ["no model", { model: undefined }, 400, "model is required"],
    ["an unknown model", { model: "none" }, 404, "model 'none' not found"],
    ["a foreign role", { messages: [{ role: "developer", content: "x" }] }, 400, "invalid role: developer"],
    [
      "an image by address",
      { messages: [{ ...user("x"), images: ["https://example.com/a.png"] }] },
      400,
      "illegal base64 data at input byte 5",
    ],
    [
      "an image with a data prefix",
      { messages: [{ ...user("x"), images: ["data:image/png;base64,AAAA"] }] },
      400,
      "illegal base64 data",
    ],
    ["tools of a model without them", { model: "gemma3:1b", tools: TOOLS }, 400, "gemma3:1b does not support tools"],
    ["thinking of a model without it", { think: true }, 400, '"llama3.2:latest" does not support thinking'],
    [
      "arguments as a string",
      { messages: [user("x"), { role: "assistant", content: "", tool_calls: [stringCall] }] },
      400,
      "cannot unmarshal string",
    ],
    ["content in parts", { messages: [{ role: "user", content: [{ type: "text", text: "x" }] }] }, 400, "cannot unmarshal array"],
    ["an unknown format", { format: "xml" }, 400, "invalid format"],
  ];
  it.each(cases)("%s", async (_name, change, status, message) => {
    const body = JSON.stringify({ model: "llama3.2", messages: [user("x")], ...change });
    const response = await fetch(`${vendor.baseUrl}/api/chat`, { method: "POST", body });
    expect([response.status, await response.json()]).toEqual([status, { error: expect.stringContaining(message) }]);
  });
});
