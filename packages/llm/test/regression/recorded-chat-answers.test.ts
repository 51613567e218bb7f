import { describe, expect, it } from "vitest";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, checkUsage, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const dialect = createOpenAIChatDialect();
const context = { provider: "somebody", model: "m" };
const client = { model: "m", echo: { includeUsage: true } };

function answer(message: JsonObject, more: JsonObject = {}): JsonObject {
  const choices = [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }];
  return { id: "1", object: "chat.completion", created: 1, model: "m", choices, ...more };
}

function chunk(delta: JsonObject, more: JsonObject = {}, choice: JsonObject = {}): JsonObject {
  return { id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, ...choice }], ...more };
}

function read(chunks: readonly JsonValue[], ending: readonly string[] = ["[DONE]"]): StreamEvent[] {
  const parser = dialect.parseStream(context);
  const events: StreamEvent[] = [];
  for (const data of [...chunks.map((one) => JSON.stringify(one)), ...ending]) parser.push({ data }, events);
  parser.end(events);
  return events;
}

/** What a client gets of a stream, read again. */
function readAgain(events: readonly StreamEvent[]): StreamEvent[] {
  const renderer = dialect.renderStream(client);
  const text = events.map((event) => renderer.push(event)).join("");
  const data = text.split("\n\n").filter((block) => block !== "");
  return read(
    [],
    data.map((block) => block.replace(/^data: /, "")),
  );
}

const STOP = chunk({}, {}, { finish_reason: "stop" });

describe("reasoning details in a rendered stream", () => {
  it("come once each and in their order", () => {
    const events = read([
      chunk({ role: "assistant", reasoning: "one", reasoning_details: [{ type: "reasoning.text", text: "one", index: 0 }] }),
      chunk({ reasoning: " two", reasoning_details: [{ type: "reasoning.text", text: " two", index: 0 }] }),
      chunk({ reasoning_details: [{ type: "reasoning.text", signature: "c2ln", index: 0 }] }),
      chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "ZW5j", index: 1 }] }),
      chunk({ content: "said" }),
      STOP,
    ]);
    const again = readAgain(events);
    expect(checkStream(again)).toEqual([]);
    expect(compareCompletions(foldEvents(events), foldEvents(again))).toEqual([]);
    const reasoningDetails = [
      { type: "reasoning.text", text: "one two", index: 0, signature: "c2ln" },
      { type: "reasoning.encrypted", data: "ZW5j", index: 1 },
    ];
    const [reasoning] = foldEvents(again).message.parts;
    expect(reasoning).toMatchObject({ type: "reasoning", vendor: { "openai-chat": { reasoningDetails } } });
  });
});

describe("a tool call with an empty `custom` beside its function", () => {
  const call = { id: "tooluse_1", type: "function", function: { name: "clock", arguments: '{"zone":"UTC"}' }, custom: {} };

  it("is a call of the function in an answer", () => {
    const { message, finish } = dialect.parseResponse(answer({ content: "", tool_calls: [call] }), context);
    expect(message.parts).toMatchObject([{ type: "tool-call", id: "tooluse_1", name: "clock", arguments: { zone: "UTC" } }]);
    expect(finish.reason).toBe("tool-calls");
  });

  it("is a call of the function in a stream", () => {
    const completion = foldEvents(read([chunk({ tool_calls: [{ index: 0, ...call }] }), STOP]));
    expect(completion.message.parts).toMatchObject([{ type: "tool-call", name: "clock", arguments: { zone: "UTC" } }]);
  });
});

describe("usage by its figures", () => {
  const usageOf = (usage: JsonObject) => {
    const { raw: _raw, ...rest } = dialect.parseResponse(answer({ content: "x" }, { usage }), context).usage;
    expect(checkUsage(rest)).toEqual([]);
    return rest;
  };

  it("leaves reasoning unknown that is more than the output, where the total denies that it stands beside", () => {
    const together = { prompt_tokens: 92, completion_tokens: 16, total_tokens: 108, reasoning_tokens: 18 };
    expect(usageOf(together)).toEqual({ inputTokens: 92, outputTokens: 16 });
  });

  it("adds reasoning that the total shows to stand beside, or that no total denies", () => {
    const details = { completion_tokens_details: { reasoning_tokens: 43 } };
    const beside = { prompt_tokens: 635, completion_tokens: 42, total_tokens: 720, ...details };
    expect(usageOf(beside)).toEqual({ inputTokens: 635, outputTokens: 85, reasoningTokens: 43 });
    expect(usageOf({ prompt_tokens: 635, completion_tokens: 42, ...details })).toMatchObject({ outputTokens: 85 });
    const within = {
      prompt_tokens: 10,
      completion_tokens: 42,
      total_tokens: 52,
      completion_tokens_details: { reasoning_tokens: 7 },
    };
    expect(usageOf(within)).toEqual({ inputTokens: 10, outputTokens: 42, reasoningTokens: 7 });
  });

  it("adds cached tokens that are more than the prompt, or that the total shows to stand beside", () => {
    const more = { prompt_tokens: 29, completion_tokens: 9, total_tokens: 38, prompt_tokens_details: { cached_tokens: 157 } };
    expect(usageOf(more)).toEqual({ inputTokens: 186, cacheReadTokens: 157, outputTokens: 9 });
    const byTotal = { prompt_tokens: 50, completion_tokens: 9, total_tokens: 79, cache_read_input_tokens: 20 };
    expect(usageOf(byTotal)).toEqual({ inputTokens: 70, cacheReadTokens: 20, outputTokens: 9 });
    const within = { prompt_tokens: 50, completion_tokens: 9, total_tokens: 59, cache_read_input_tokens: 20 };
    expect(usageOf(within)).toEqual({ inputTokens: 50, cacheReadTokens: 20, outputTokens: 9 });
  });

  it("obeys a vendor that is known", () => {
    const raw = { prompt_tokens: 29, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 157 } };
    const included = createOpenAIChatDialect({ cachedInput: "included", reasoningOutput: "included" });
    const usage = included.parseResponse(answer({ content: "x" }, { usage: raw }), context).usage;
    expect(usage).toMatchObject({ inputTokens: 29 });
    expect(usage.cacheReadTokens).toBeUndefined();
  });

  it("tells clients the inclusive totals, whatever the vendor did", () => {
    const raw = { prompt_tokens: 29, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 157 } };
    const completion = dialect.parseResponse(answer({ content: "x" }, { usage: raw }), context);
    const { body } = dialect.renderResponse(completion, client);
    expect(body.usage).toMatchObject({ prompt_tokens: 186, completion_tokens: 9, total_tokens: 195 });
  });

  it("warns a client that is told no usage since one total is unknown", () => {
    const completion = dialect.parseResponse(answer({ content: "x" }, { usage: { prompt_tokens: 5 } }), context);
    const { body, warnings } = dialect.renderResponse(completion, client);
    expect(body.usage).toBeUndefined();
    expect(warnings).toMatchObject([{ type: "lossy", path: "usage" }]);
  });
});

describe("how a stream ends", () => {
  const said = chunk({ content: "hello" });
  const endOf = (events: readonly StreamEvent[]) => events.at(-1);

  it("is a success with a finish reason and without [DONE]", () => {
    expect(endOf(read([said, STOP], []))).toMatchObject({ type: "finish", finish: { reason: "stop" } });
  });

  it("is a truncation with neither", () => {
    expect(endOf(read([said], []))).toMatchObject({ type: "error", error: { code: "stream_truncated" } });
  });

  it("is not a chunk with null for its choices, which some servers send with the usage", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const events = read([said, STOP, { id: "1", object: "chat.completion.chunk", choices: null, usage }]);
    expect(endOf(events)).toMatchObject({ type: "finish", usage: { inputTokens: 1, outputTokens: 2 } });
  });

  it("is an error with null for its choices and nothing else of a chunk", () => {
    expect(endOf(read([said, { choices: null, message: "worker died" }], []))).toMatchObject({ type: "error" });
  });
});

describe("the choice of a named tool in the words of Anthropic", () => {
  it("is read and sent in those of OpenAI", () => {
    const tools = [{ type: "function", function: { name: "clock", parameters: { type: "object", properties: {} } } }];
    const body = {
      model: "m",
      messages: [{ role: "user", content: "time?" }],
      tools,
      tool_choice: { type: "tool", name: "clock" },
    };
    const { request } = dialect.parseRequest({ path: "/v1/chat/completions", query: {}, headers: {}, body });
    expect(request.toolChoice).toEqual({ tool: "clock" });
  });
});

describe("a listing of models", () => {
  const ids = (body: unknown): readonly string[] | undefined => dialect.models?.parseResponse(body).map((row) => row.id);

  it("is read with and without `data`, by id or by name", () => {
    const rows = [{ id: "a", name: "A" }, { name: "b" }];
    expect(ids({ object: "list", data: rows })).toEqual(["a", "b"]);
    expect(ids(rows)).toEqual(["a", "b"]);
    expect(ids(["a", "b"])).toEqual(["a", "b"]);
    expect(ids({ object: "list", data: null })).toEqual([]);
  });

  it("is an error where there is no list", () => {
    for (const body of [{ models: 3 }, "down", null, { error: { message: "no" } }]) {
      expect(() => ids(body)).toThrow(DragomanError);
    }
  });
});

describe("fields of a request that the wire does not define", () => {
  it("are named in a warning where they stand within a medium or a format", () => {
    const content = [{ type: "image_url", image_url: { url: "https://example.com/a.png", format: "png" } }];
    const named = { name: "n", schema: { type: "object" }, tone: "warm" };
    const body = {
      model: "m",
      messages: [{ role: "user", content }],
      response_format: { type: "json_schema", json_schema: named },
    };
    const { warnings } = dialect.parseRequest({ path: "/v1/chat/completions", query: {}, headers: {}, body });
    const paths = warnings.map((warning) => warning.path);
    expect(paths).toEqual(["messages[0].content[0].image_url.format", "response_format.json_schema.tone"]);
  });
});
