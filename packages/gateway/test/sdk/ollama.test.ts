/** The `ollama` package, as it comes, against this server. */
import { type ChatResponse, Ollama } from "ollama";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { BACKENDS, EMBEDDERS, type GatewayUnderTest, startGateway, VIRTUAL_KEY } from "../gateway-under-test.ts";
import { PARALLEL_QUESTION, Person, PIXEL, PIXEL_BYTES, POLL, RESULTS, TOOLS } from "./conversation.ts";

let gateway: GatewayUnderTest;
let client: Ollama;

beforeAll(async () => {
  gateway = await startGateway({ governed: true });
  client = new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${VIRTUAL_KEY}` } });
});
afterAll(() => gateway.close());

const OLLAMA_TOOLS = TOOLS.map(({ name, description, input }) => ({
  type: "function",
  function: { name, description, parameters: { ...input, required: [...input.required] } },
}));

async function collect(stream: AsyncIterable<ChatResponse>): Promise<readonly ChatResponse[]> {
  const lines: ChatResponse[] = [];
  for await (const line of stream) lines.push(line);
  return lines;
}

describe.each(BACKENDS)("ollama in front of %s", (backend) => {
  const ask = (content: string) => ({ model: gateway.text(backend), messages: [{ role: "user", content }] });

  it("chats", async () => {
    const answer = await client.chat(ask("hello"));
    expect(answer.message.content).toContain("You said: “hello”");
    expect(answer).toMatchObject({ done: true, done_reason: "stop" });
    expect(answer.eval_count).toBeGreaterThan(0);
  });

  it("streams what it would have answered", async () => {
    const lines = await collect(await client.chat({ ...ask("hello"), stream: true }));
    const text = lines.map((line) => line.message.content).join("");
    expect(text).toContain("You said: “hello”. Naïve café – 世界 👩‍🚀 done.");
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: "stop" });
  });

  it("generates, whole and streamed", async () => {
    const asked = { model: gateway.text(backend), prompt: "hello" };
    expect((await client.generate(asked)).response).toContain("You said: “hello”");
    let text = "";
    for await (const line of await client.generate({ ...asked, stream: true })) text += line.response;
    expect(text).toContain("You said: “hello”");
  });

  it.each([false, true])("runs a loop of parallel tool calls, streamed: %s", async (streamed) => {
    const first = { ...ask(PARALLEL_QUESTION), tools: OLLAMA_TOOLS };
    const answers = streamed
      ? await collect(await client.chat({ ...first, stream: true }))
      : [await client.chat({ ...first, stream: false })];
    const calls = answers.flatMap((answer) => answer.message.tool_calls ?? []);
    expect(calls.map((call) => [call.function.name, Object.keys(call.function.arguments)])).toEqual([
      ["get_weather", ["city"]],
      ["get_time", ["zone"]],
    ]);
    const results = calls.map((call) => ({
      role: "tool",
      tool_name: call.function.name,
      content: RESULTS[call.function.name] ?? "",
    }));
    const last = await client.chat({
      ...first,
      messages: [...first.messages, { role: "assistant", content: "", tool_calls: calls }, ...results],
    });
    for (const result of Object.values(RESULTS)) expect(last.message.content).toContain(result);
  });

  it("shows an image", async () => {
    const answer = await client.chat({
      model: gateway.text(backend),
      messages: [{ role: "user", content: "what is it?", images: [PIXEL] }],
    });
    expect(answer.message.content).toContain(PIXEL_BYTES);
  });

  it("gives structured output by a JSON schema", async () => {
    const answer = await client.chat({ ...ask("who?"), format: z.toJSONSchema(Person) });
    const person: unknown = JSON.parse(answer.message.content);
    expect(Person.parse(person)).toEqual(person);
  });

  // OpenAI's chat wire keeps its reasoning to itself; this client's dialect does not ask for a summary yet.
  it.skipIf(backend === "openai-chat")("shows thinking, streamed and whole (OpenAI's chat wire tells none)", async () => {
    const asked = { ...ask("think"), model: gateway.reasoning(backend), think: true };
    const whole = await client.chat({ ...asked, stream: false });
    const lines = await collect(await client.chat({ ...asked, stream: true }));
    expect(whole.message.thinking).toContain("Let me think");
    expect(lines.map((line) => line.message.thinking ?? "").join("")).toContain("Let me think");
  });

  it("stops the vendor when the client aborts", async () => {
    const mine = new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${VIRTUAL_KEY}` } });
    const stream = await mine.chat({
      ...ask("hello there, how are you"),
      model: gateway.fault(backend, "fault-stall"),
      stream: true,
    });
    const read = async (): Promise<void> => {
      for await (const line of stream) if (line.message.content !== "") mine.abort();
    };
    await expect(read()).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => gateway.wasAborted(backend), POLL).toBe(true);
  });

  it("tells of a rate limit", async () => {
    const asked = client.chat({ ...ask("hi"), model: gateway.fault(backend, "fault-429-retry-after") });
    await expect(asked).rejects.toMatchObject({ name: "ResponseError", status_code: 429 });
  });

  it("throws in the middle of a stream that fails", async () => {
    const stream = await client.chat({
      ...ask("one two three four five"),
      model: gateway.fault(backend, "fault-error-in-200"),
      stream: true,
    });
    let text = "";
    const read = async (): Promise<void> => {
      for await (const line of stream) text += line.message.content;
    };
    await expect(read()).rejects.toThrow();
    expect(text).not.toBe("");
  });
});

describe.each(EMBEDDERS)("ollama embeddings in front of %s", (_backend, model) => {
  it("embeds one text or several, in order, of a length", async () => {
    const { embeddings } = await client.embed({ model, input: ["the cat", "a share", "the cat"], dimensions: 32 });
    expect(embeddings.map((vector) => vector.length)).toEqual([32, 32, 32]);
    expect(embeddings[2]).toEqual(embeddings[0]);
    const [one] = (await client.embed({ model, input: "the cat", dimensions: 32 })).embeddings;
    expect(one?.map(Math.fround)).toEqual(embeddings[0]?.map(Math.fround));
  });

  it("embeds one prompt by the older route", async () => {
    const { embedding } = await client.embeddings({ model, prompt: "the cat" });
    expect(embedding.length).toBeGreaterThan(1);
  });
});

describe("ollama", () => {
  it("refuses an unknown model as not found", async () => {
    const asked = client.chat({ model: "nobody:nothing", messages: [{ role: "user", content: "hi" }] });
    await expect(asked).rejects.toMatchObject({ name: "ResponseError", status_code: 404 });
  });

  it("lists the models of all providers, shows one, and tells its version", async () => {
    const { models } = await client.list();
    for (const backend of BACKENDS) expect(models.map((model) => model.model)).toContain(gateway.text(backend));
    expect((await client.show({ model: gateway.text("sim") })).capabilities).toContain("tools");
    expect((await client.ps()).models).toEqual([]);
    expect((await client.version()).version).toBe("1.2.3");
  });
});
