/** The `openai` package, as it comes, against this server: chat and responses. */
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKENDS, EMBEDDERS, type GatewayUnderTest, startGateway, VIRTUAL_KEY } from "../gateway-under-test.ts";
import { PARALLEL_QUESTION, Person, PIXEL, PIXEL_BYTES, POLL, RESULTS, TOOLS } from "./conversation.ts";

let gateway: GatewayUnderTest;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ governed: true });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: VIRTUAL_KEY, maxRetries: 0 });
});
afterAll(() => gateway.close());

const CHAT_TOOLS = TOOLS.map(({ name, description, input }) => ({
  type: "function" as const,
  function: { name, description, parameters: input, strict: true },
}));
const RESPONSES_TOOLS = TOOLS.map(({ name, description, input }) => ({
  type: "function" as const,
  name,
  description,
  parameters: input,
  strict: true,
}));

describe.each(BACKENDS)("openai chat in front of %s", (backend) => {
  const ask = (content: string) => ({ model: gateway.text(backend), messages: [{ role: "user" as const, content }] });

  it("completes", async () => {
    const answer = await client.chat.completions.create(ask("hello"));
    expect(answer.choices[0]?.message.content).toContain("You said: “hello”");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("streams what it would have completed, with usage", async () => {
    const stream = await client.chat.completions.create({
      ...ask("hello"),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let finish: string | null | undefined;
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      finish ??= chunk.choices[0]?.finish_reason;
      tokens ??= chunk.usage?.total_tokens;
    }
    expect(text).toContain("You said: “hello”. Naïve café – 世界 👩‍🚀 done.");
    expect(finish).toBe("stop");
    expect(tokens).toBeGreaterThan(0);
  });

  it.each([false, true])("runs a loop of parallel tool calls, streamed: %s", async (streamed) => {
    const first = { ...ask(PARALLEL_QUESTION), tools: CHAT_TOOLS };
    const answer = streamed
      ? await client.chat.completions.stream(first).finalChatCompletion()
      : await client.chat.completions.create(first);
    const message = answer.choices[0]?.message;
    const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
    expect(calls.map((call) => [call.function.name, Object.keys(JSON.parse(call.function.arguments))])).toEqual([
      ["get_weather", ["city"]],
      ["get_time", ["zone"]],
    ]);
    const results = calls.map((call) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: RESULTS[call.function.name] ?? "",
    }));
    const last = await client.chat.completions.create({
      ...first,
      messages: [...first.messages, { role: "assistant", content: null, tool_calls: calls }, ...results],
    });
    for (const result of Object.values(RESULTS)) expect(last.choices[0]?.message.content).toContain(result);
  });

  it("shows an image", async () => {
    const answer = await client.chat.completions.create({
      model: gateway.text(backend),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is it?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain(PIXEL_BYTES);
  });

  it("parses structured output by the SDK's own helper", async () => {
    const answer = await client.chat.completions.parse({ ...ask("who?"), response_format: zodResponseFormat(Person, "person") });
    expect(Person.parse(answer.choices[0]?.message.parsed)).toEqual(answer.choices[0]?.message.parsed);
  });

  it("stops the vendor when the client aborts", async () => {
    const stream = await client.chat.completions.create({
      ...ask("hello there, how are you"),
      model: gateway.fault(backend, "fault-stall"),
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    stream.controller.abort();
    await expect.poll(() => gateway.wasAborted(backend), POLL).toBe(true);
  });

  it("tells of a rate limit with its wait", async () => {
    const asked = client.chat.completions.create({ ...ask("hi"), model: gateway.fault(backend, "fault-429-retry-after") });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error instanceof OpenAI.RateLimitError ? error.headers.get("retry-after") : undefined).toBe("1");
  });

  it("throws in the middle of a stream that fails", async () => {
    const stream = await client.chat.completions.create({
      ...ask("one two three four five"),
      model: gateway.fault(backend, "fault-error-in-200"),
      stream: true,
    });
    let text = "";
    const read = async (): Promise<void> => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
    expect(text).not.toBe("");
  });
});

describe.each(BACKENDS)("openai responses in front of %s", (backend) => {
  const ask = (input: string) => ({ model: gateway.text(backend), input });

  it("completes", async () => {
    const answer = await client.responses.create(ask("hello"));
    expect(answer.output_text).toContain("You said: “hello”");
    expect(answer.status).toBe("completed");
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("streams what it would have completed", async () => {
    const stream = client.responses.stream(ask("hello"));
    let text = "";
    for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
    const final = await stream.finalResponse();
    expect(text).toContain("You said: “hello”. Naïve café – 世界 👩‍🚀 done.");
    expect(final.output_text).toBe(text);
    expect(final.usage?.total_tokens).toBeGreaterThan(0);
  });

  it.each([false, true])("runs a loop of parallel tool calls, streamed: %s", async (streamed) => {
    const first = { ...ask(PARALLEL_QUESTION), tools: RESPONSES_TOOLS };
    const answer = streamed ? await client.responses.stream(first).finalResponse() : await client.responses.create(first);
    const calls = answer.output.flatMap((item) => (item.type === "function_call" ? [item] : []));
    expect(calls.map((call) => [call.name, Object.keys(JSON.parse(call.arguments))])).toEqual([
      ["get_weather", ["city"]],
      ["get_time", ["zone"]],
    ]);
    const results = calls.map((call) => ({
      type: "function_call_output" as const,
      call_id: call.call_id,
      output: RESULTS[call.name] ?? "",
    }));
    const said = calls.map(({ type, call_id, name, arguments: input }) => ({ type, call_id, name, arguments: input }));
    const last = await client.responses.create({
      ...first,
      input: [{ role: "user", content: PARALLEL_QUESTION }, ...said, ...results],
    });
    for (const result of Object.values(RESULTS)) expect(last.output_text).toContain(result);
  });

  it("shows an image", async () => {
    const answer = await client.responses.create({
      model: gateway.text(backend),
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "what is it?" },
            { type: "input_image", image_url: `data:image/png;base64,${PIXEL}`, detail: "auto" },
          ],
        },
      ],
    });
    expect(answer.output_text).toContain(PIXEL_BYTES);
  });

  it("parses structured output by the SDK's own helper", async () => {
    const answer = await client.responses.parse({ ...ask("who?"), text: { format: zodTextFormat(Person, "person") } });
    expect(Person.parse(answer.output_parsed)).toEqual(answer.output_parsed);
  });

  // OpenAI's chat wire keeps its reasoning to itself.
  it.skipIf(backend === "openai-chat")("shows reasoning, streamed and whole (OpenAI's chat wire tells none)", async () => {
    const asked = { ...ask("think"), model: gateway.reasoning(backend), reasoning: { effort: "low", summary: "auto" } } as const;
    for (const answer of [await client.responses.create(asked), await client.responses.stream(asked).finalResponse()]) {
      expect(answer.output.slice(0, 2).map((item) => item.type)).toEqual(["reasoning", "message"]);
      const summaries = answer.output.flatMap((item) => (item.type === "reasoning" ? item.summary : []));
      expect(summaries.map((summary) => summary.text).join("")).toContain("Let me think");
    }
  });

  it("counts the tokens of an input", async () => {
    const count = await client.responses.inputTokens.count(ask("one two three"));
    expect(count.input_tokens).toBeGreaterThanOrEqual(3);
  });

  it("stops the vendor when the client aborts", async () => {
    const stream = await client.responses.create({
      ...ask("hello there, how are you"),
      model: gateway.fault(backend, "fault-stall"),
      stream: true,
    });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    stream.controller.abort();
    await expect.poll(() => gateway.wasAborted(backend), POLL).toBe(true);
  });

  it("tells of a rate limit with its wait", async () => {
    const asked = client.responses.create({ ...ask("hi"), model: gateway.fault(backend, "fault-429-retry-after") });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error instanceof OpenAI.RateLimitError ? error.headers.get("retry-after") : undefined).toBe("1");
  });

  it("ends a stream that fails as failed", async () => {
    const stream = await client.responses.create({
      ...ask("one two three four five"),
      model: gateway.fault(backend, "fault-error-in-200"),
      stream: true,
    });
    const types: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of stream) types.push(event.type);
    };
    await read().catch((error: unknown) => {
      expect(error).toBeInstanceOf(OpenAI.APIError);
      types.push("error");
    });
    expect(types).toContain("response.output_text.delta");
    expect(["response.failed", "error"]).toContain(types.at(-1));
    expect(types).not.toContain("response.completed");
  });
});

describe.each(EMBEDDERS)("openai embeddings in front of %s", (backend, model) => {
  it("embeds one text or several, in order, as numbers and in base64 alike", async () => {
    const plain = await client.embeddings.create({ model, input: ["the cat", "a share", "the cat"], encoding_format: "float" });
    const [cat, share, again] = plain.data.map((row) => row.embedding);
    expect(plain.data.map((row) => row.index)).toEqual([0, 1, 2]);
    expect(again).toEqual(cat);
    expect(share).not.toEqual(cat);
    // Gemini's first model counts none: then nothing is said.
    expect(plain.usage?.prompt_tokens).toBe(backend === "gemini" ? undefined : 6);
    // What the package asks for where it is not told: base64, which it turns into numbers.
    const coded = await client.embeddings.create({ model, input: "the cat" });
    expect(coded.data[0]?.embedding.map(Math.fround)).toEqual(cat?.map(Math.fround));
  });

  it("takes a length", async () => {
    const { data } = await client.embeddings.create({ model, input: "the cat", dimensions: 32 });
    expect(data[0]?.embedding).toHaveLength(32);
  });
});

describe("openai embeddings", () => {
  it("tells what they cost, and what could not be done, in headers", async () => {
    const asked = client.embeddings.create({ model: "ollama:nomic-embed-text:latest", input: "x", user: "someone" });
    const { response } = await asked.withResponse();
    expect(response.headers.get("x-dragoman-model")).toBe("ollama:nomic-embed-text:latest");
    expect(response.headers.get("x-dragoman-warnings")).toContain("metadata.user");
  });

  it("refuses tokens, nothing at all, and a provider without vectors", async () => {
    const embed = (input: unknown, model = "openai:text-embedding-3-small") =>
      fetch(`${gateway.url}/v1/embeddings`, {
        method: "POST",
        headers: { authorization: `Bearer ${VIRTUAL_KEY}` },
        body: JSON.stringify({ model, input }),
      });
    for (const input of [[1, 2, 3], [[1, 2]], [], undefined]) {
      const response = await embed(input);
      expect([response.status, await response.json()]).toEqual([400, { error: expect.objectContaining({ param: "input" }) }]);
    }
    const without = await embed("x", gateway.text("anthropic"));
    expect(await without.text()).toContain("anthropic gives no vectors");
    expect(without.status).toBe(400);
  });

  it("passes a rate limit on as one", async () => {
    const model = "openai:text-embedding-3-small-fault-429-retry-after";
    await expect(client.embeddings.create({ model, input: "x" })).rejects.toThrow(OpenAI.RateLimitError);
  });
});

describe("openai", () => {
  it("refuses an unknown model as not found", async () => {
    const asked = client.chat.completions.create({ model: "nobody:nothing", messages: [{ role: "user", content: "hi" }] });
    await expect(asked).rejects.toThrow(OpenAI.NotFoundError);
    await expect(client.responses.create({ model: "nobody:nothing", input: "hi" })).rejects.toThrow(OpenAI.NotFoundError);
  });

  it("lists the models of all providers, and one by its name", async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    for (const backend of BACKENDS) expect(ids).toContain(gateway.text(backend));
    expect(await client.models.retrieve(gateway.text("ollama"))).toMatchObject({ id: gateway.text("ollama"), object: "model" });
  });

  it("works with a base URL without the version", async () => {
    const bare = new OpenAI({ baseURL: gateway.url, apiKey: VIRTUAL_KEY, maxRetries: 0 });
    const answer = await bare.responses.create({ model: gateway.text("sim"), input: "hello" });
    expect(answer.output_text).toContain("hello");
  });
});
