import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

type Input = OpenAI.Responses.ResponseInputItem;

const WEATHER: OpenAI.Responses.FunctionTool = {
  type: "function",
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  strict: true,
};
const CLOCK: OpenAI.Responses.FunctionTool = { ...WEATHER, name: "get_time" };
const THINKING = {
  model: "gpt-5-mini",
  reasoning: { effort: "low", summary: "auto" },
  include: ["reasoning.encrypted_content"],
} as const;

let vendor: FakeVendor;
let client: OpenAI;
beforeAll(async () => {
  vendor = await startFakeVendor("openai");
  client = new OpenAI({ baseURL: vendor.baseUrl, apiKey: "any", maxRetries: 0 });
});
afterAll(() => vendor.close());

/** A call with its thoughts, as the caller has to send it back. */
async function firstTurn(input: Input[]): Promise<Input[]> {
  const include = [...THINKING.include];
  const { output } = await client.responses.create({ ...THINKING, include, input, tools: [WEATHER, CLOCK], store: false });
  return output.filter((item) => item.type === "reasoning" || item.type === "function_call");
}

function outputsOf(items: readonly Input[]): Input[] {
  return items.flatMap((item) =>
    item.type === "function_call"
      ? [{ type: "function_call_output" as const, call_id: item.call_id, output: `result of ${item.name}` }]
      : [],
  );
}

describe("the fake OpenAI, responses", () => {
  it("answers and streams the same text", async () => {
    const whole = await client.responses.create({ model: "gpt-4.1-mini", input: "Grüße" });
    expect(whole).toMatchObject({ status: "completed", output_text: "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done." });
    const stream = client.responses.stream({ model: "gpt-4.1-mini", input: "Grüße" });
    let deltas = "";
    stream.on("response.output_text.delta", (event) => {
      deltas += event.delta;
    });
    const streamed = await stream.finalResponse();
    expect(deltas).toBe(whole.output_text);
    expect(streamed.output).toEqual(
      whole.output.map((item) => ({ ...item, id: streamed.output[0]?.id, content: expect.anything() })),
    );
    expect(streamed.usage?.output_tokens).toBe(whole.usage?.output_tokens);
  });

  it("thinks in a summary and a sealed item, calls in parallel, and takes both back", async () => {
    const input: Input[] = [{ role: "user", content: "in parallel" }];
    const turn = await firstTurn(input);
    expect(turn.map((item) => item.type)).toEqual(["reasoning", "function_call", "function_call"]);
    expect(turn[0]).toMatchObject({ summary: [{ type: "summary_text" }], encrypted_content: expect.any(String) });
    const include = [...THINKING.include];
    const stream = client.responses.stream({
      ...THINKING,
      include,
      input: [...input, ...turn, ...outputsOf(turn)],
      tools: [WEATHER, CLOCK],
      store: false,
    });
    const answer = await stream.finalResponse();
    expect(answer.output_text).toContain("get_weather → result of get_weather; get_time → result of get_time");
    expect(answer.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  });

  it("goes on from a stored response and from references to its items", async () => {
    const first = await client.responses.create({ model: "gpt-5-mini", input: "weather", tools: [WEATHER] });
    const call = first.output.find((item) => item.type === "function_call");
    const output = { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "21 °C" };
    const second = await client.responses.create({
      model: "gpt-5-mini",
      previous_response_id: first.id,
      input: [output],
      tools: [WEATHER],
    });
    expect(second.output_text).toContain("get_weather → 21 °C");
    const references = first.output.map((item) => ({ type: "item_reference" as const, id: item.id ?? "" }));
    const third = await client.responses.create({
      model: "gpt-5-mini",
      input: [{ role: "user", content: "weather" }, ...references, output],
    });
    expect(third.output_text).toContain("get_weather → 21 °C");
  });

  it("answers JSON of the schema, sees an image, counts tokens", async () => {
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
    const json = await client.responses.create({
      model: "gpt-4.1-mini",
      input: "a city",
      text: { format: { type: "json_schema", name: "city", schema, strict: true } },
    });
    expect(JSON.parse(json.output_text)).toEqual({ city: "city – é 🚀" });
    const image = { type: "input_image" as const, image_url: "data:image/png;base64,AAAA", detail: "auto" as const };
    const seen = await client.responses.create({
      model: "gpt-4.1-mini",
      input: [{ role: "user", content: [{ type: "input_text", text: "look" }, image] }],
    });
    expect(seen.output_text).toContain("I saw image/png of 3 bytes.");
    const counted = await client.responses.inputTokens.count({ model: "gpt-4.1-mini", input: "one two three" });
    expect(counted).toEqual({ object: "response.input_tokens", input_tokens: 4 });
  });

  it("stops at the output limit", async () => {
    const input = Array.from({ length: 30 }, () => "word").join(" ");
    const answer = await client.responses.create({ model: "gpt-4.1-mini", input, max_output_tokens: 16 });
    expect(answer).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  });
});

describe("what the fake OpenAI refuses, responses", () => {
  const question: Input = { role: "user", content: "parallel" };

  async function refusal(input: Input[], change: Record<string, unknown> = {}): Promise<unknown> {
    return client.post("/responses", { body: { model: "gpt-5-mini", input, ...change } }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  }

  it("encrypted reasoning of another server", async () => {
    const other = await startFakeVendor("openai", { seed: "other" });
    const foreign = new OpenAI({ baseURL: other.baseUrl, apiKey: "any" });
    const include = [...THINKING.include];
    const { output } = await foreign.responses.create({ ...THINKING, include, input: "weather", tools: [WEATHER] });
    await other.close();
    const turn = output.filter((item) => item.type === "reasoning" || item.type === "function_call");
    expect(await refusal([question, ...turn, ...outputsOf(turn)])).toMatchObject({
      status: 400,
      code: "invalid_encrypted_content",
    });
  });

  it("a reasoning item without what must follow, and a call without its reasoning", async () => {
    const turn = await firstTurn([question]);
    expect(String(await refusal([question, ...turn.slice(0, 1)]))).toMatch(/without its required following item/);
    const calls = turn.slice(1);
    expect(String(await refusal([question, ...calls, ...outputsOf(calls)]))).toMatch(/without its required 'reasoning' item/);
  });

  it("a call without its output, an output without its call, an item that was not stored", async () => {
    const call: Input = { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{}" };
    expect(String(await refusal([question, call]))).toMatch(/No tool output found for function call call_1/);
    expect(String(await refusal([question, ...outputsOf([call])]))).toMatch(
      /No tool call found for function call output with call_id call_1/,
    );
    expect(await refusal([question, { type: "item_reference", id: "rs_none" }])).toMatchObject({ status: 404 });
    expect(await refusal([question], { previous_response_id: "resp_none" })).toMatchObject({
      code: "previous_response_not_found",
    });
  });

  it("unknown fields and models, too small a limit, sampling of a reasoning model, an open strict schema", async () => {
    expect(await refusal([question], { stop: ["x"] })).toMatchObject({ status: 400, code: "unknown_parameter" });
    expect(await refusal([question], { model: "gpt-none" })).toMatchObject({ status: 400, code: "model_not_found" });
    expect(await refusal([question], { max_output_tokens: 2 })).toMatchObject({ code: "integer_below_min_value" });
    expect(await refusal([question], { temperature: 0.5 })).toMatchObject({
      code: "unsupported_parameter",
      param: "temperature",
    });
    const open = {
      ...WEATHER,
      parameters: { type: "object", properties: { city: { type: "string" } }, additionalProperties: false },
    };
    expect(String(await refusal([question], { tools: [open] }))).toMatch(/Missing 'city'/);
  });
});
