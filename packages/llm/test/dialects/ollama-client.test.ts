import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import type { ClientContext, Dialect, ParseContext } from "../../src/dialect.ts";
import { createOllamaDialect, createOllamaGenerateDialect } from "../../src/dialects/ollama/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { AssistantPart } from "../../src/message.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const CONTEXT: ParseContext = { provider: "ollama", model: "m" };
const CLIENT: ClientContext = { model: "m", echo: {} };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";
const chat = createOllamaDialect();
const generate = createOllamaGenerateDialect();

function parse(body: JsonObject, dialect: Dialect = chat) {
  return dialect.parseRequest({ path: "", query: {}, headers: {}, body: { model: "m", ...body } });
}

/** What comes out when a client's request goes on to a server of the same wire. */
function passOn(body: JsonObject, dialect: Dialect = chat) {
  const { request, stream, warnings } = parse(body, dialect);
  const rendered = dialect.renderRequest(request, { stream, capabilities: UNKNOWN_CAPABILITIES });
  return { body: rendered.body, paths: [...warnings, ...rendered.warnings].map((warning) => warning.path) };
}

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DragomanError) return `${error.code} at ${error.field}`;
  }
  return "nothing was thrown";
}

describe("a client's request to /api/chat", () => {
  const FULL: JsonObject = {
    model: "m",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What is it?", images: [PNG] },
      {
        role: "assistant",
        content: "",
        thinking: "Look.",
        tool_calls: [{ id: "c1", function: { index: 0, name: "look", arguments: { at: "it" } } }],
      },
      { role: "tool", content: "a cat", tool_name: "look", tool_call_id: "c1" },
    ],
    tools: [
      {
        type: "function",
        function: { name: "look", description: "Looks.", parameters: { type: "object", properties: { at: { type: "string" } } } },
      },
    ],
    format: { type: "object", properties: { n: { type: "integer", minimum: 1 } } },
    think: true,
    options: { num_predict: 10, temperature: 0, top_p: 0.5, top_k: 3, seed: 1, stop: ["x"], num_ctx: 4096 },
    stream: false,
    keep_alive: "5m",
    logprobs: true,
  };

  test("comes out as it went in", () => {
    const { body, paths } = passOn(FULL);
    expect(body).toEqual(FULL);
    expect(paths).toEqual([]);
  });

  test("has canonical settings and its own beside them", () => {
    const { request, stream, client } = parse(FULL);
    expect(request).toMatchObject({
      maxOutputTokens: 10,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      seed: 1,
      stopSequences: ["x"],
      reasoning: { effort: "medium" },
      output: { type: "json" },
      vendorOptions: { ollama: { options: { num_ctx: 4096 }, keep_alive: "5m", logprobs: true } },
    });
    expect(stream).toBe(false);
    expect(client).toEqual(CLIENT);
    expect(request.messages[1]).toEqual({
      role: "user",
      parts: [
        { type: "text", text: "What is it?" },
        { type: "image", source: { type: "data", data: PNG }, mediaType: "image/png" },
      ],
    });
  });

  test("streams unless told not to, and may have no messages, which loads the model", () => {
    expect(parse({}).stream).toBe(true);
    expect(parse({ stream: false }).stream).toBe(false);
    expect(parse({}).request.messages).toEqual([]);
  });

  test("without ids of calls gets ids that match calls and results, and goes on without them", () => {
    const call = (name: string): JsonObject => ({ function: { name, arguments: {} } });
    const result = (name: string): JsonObject => ({ role: "tool", content: name, tool_name: name });
    const messages = [
      { role: "assistant", content: "", tool_calls: [call("a"), call("b")] },
      result("b"),
      result("a"),
      { role: "assistant", content: "", tool_calls: [call("a")] },
      { role: "tool", content: "unnamed" },
      result("lost"),
    ];
    const { request } = parse({ messages });
    const ids = request.messages.flatMap((message) =>
      message.parts.map((part) =>
        part.type === "tool-call" ? part.id : part.type === "tool-result" ? part.toolCallId : part.type,
      ),
    );
    expect(ids).toEqual(["call_0_a", "call_1_b", "call_1_b", "call_0_a", "call_2_a", "call_2_a", "call_3_lost"]);
    expect(passOn({ messages }).body?.messages).toEqual(messages);
  });

  test("keeps a level of thinking for a model that has none, and plain thinking for one that has levels", () => {
    expect(parse({ think: "low" }).request.reasoning).toEqual({ effort: "low", summary: "auto" });
    for (const [model, think] of [["m", "low"] as const, ["gpt-oss:20b", true] as const, ["gpt-oss:20b", "max"] as const]) {
      expect(passOn({ model, think }).body?.think).toBe(think);
    }
    expect(passOn({ think: false }).body?.think).toBe(false);
  });

  test("may say nothing in Go's way, and limits that are none", () => {
    expect(passOn({ format: "", think: null, tools: null }).body).not.toHaveProperty("format");
    expect(passOn({ options: { num_predict: -1, stop: "x" } }).body?.options).toEqual({ num_predict: -1, stop: ["x"] });
  });

  test("passes on what the wire does not define, and says so", () => {
    const { body, paths } = passOn({
      temperature: 1,
      options: { max_tokens: 3 },
      messages: [{ role: "user", content: "x", extra: 1 }],
    });
    expect(body).toMatchObject({ temperature: 1, options: { max_tokens: 3 } });
    expect(paths.sort()).toEqual(["messages[0].extra", "options.max_tokens", "temperature"]);
  });

  test.each<[JsonObject, string]>([
    [{ model: 1 }, "model"],
    [{ messages: {} }, "messages"],
    [{ messages: [{ role: "developer", content: "x" }] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: [] }] }, "messages[0].content"],
    [{ messages: [{ role: "user", images: [1] }] }, "messages[0].images[0]"],
    [{ messages: [{ role: "assistant", tool_calls: [{ function: {} }] }] }, "messages[0].tool_calls[0].function.name"],
    [{ options: { temperature: "hot" } }, "options.temperature"],
    [{ options: { stop: [1] } }, "options.stop[0]"],
    [{ format: "xml" }, "format"],
    [{ think: "hard" }, "think"],
    [{ stream: "yes" }, "stream"],
    [{ tools: [{ type: "function" }] }, "tools[0].function"],
  ])("is refused with the field's path: %j", (body, field) => {
    expect(refusalOf(() => parse(body))).toBe(`invalid_request at ${field}`);
  });

  test("of any JSON is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("messages", "tools", "options", "format", "think"), (value, field) => {
        expect(refusalOf(() => parse({ [field]: value as JsonObject }))).toMatch(/^(invalid_request at|nothing was thrown)/);
      }),
    );
  });
});

describe("a client's request to /api/generate", () => {
  test("is a system message and a user's message", () => {
    const body = {
      model: "m",
      prompt: "Hi",
      system: "Be brief.",
      images: [PNG],
      stream: false,
      options: { num_ctx: 1 },
      raw: true,
    };
    const { request } = parse(body, generate);
    expect(request.messages.map((message) => message.role)).toEqual(["system", "user"]);
    expect(request.vendorOptions).toEqual({ ollama: { options: { num_ctx: 1 } }, "ollama-generate": { raw: true } });
    expect(passOn(body, generate)).toEqual({ body, paths: [] });
  });

  test("says nothing with empty fields", () => {
    expect(passOn({ prompt: "Hi", system: "", template: "", raw: false }, generate).body).toEqual({
      model: "m",
      prompt: "Hi",
      stream: true,
    });
  });

  test("goes on to the chat endpoint, less what only generate has", () => {
    const { request } = parse({ prompt: "Hi", raw: true, keep_alive: 1 }, generate);
    const rendered = chat.renderRequest(request, { stream: true, capabilities: UNKNOWN_CAPABILITIES });
    expect(rendered.body).toMatchObject({ messages: [{ role: "user", content: "Hi" }], keep_alive: 1 });
    expect(rendered.warnings.map((warning) => warning.path)).toEqual(["vendorOptions.ollama-generate"]);
  });

  test("cannot hold a history", () => {
    const render = (role: "assistant" | "user") =>
      generate.renderRequest(
        { model: "m", messages: [{ role, parts: [{ type: "text", text: "x" }] }] },
        { stream: true, capabilities: UNKNOWN_CAPABILITIES },
      );
    expect(refusalOf(() => render("assistant"))).toBe("unsupported at messages[0]");
    expect(render("user").path).toBe("/api/generate");
  });
});

// Answers

const ORIGIN = { dialect: "ollama", provider: "ollama", model: "m" };

function completionOf(parts: readonly AssistantPart[], more: Partial<Completion> = {}): Completion {
  const hasCalls = parts.some((part) => part.type === "tool-call");
  return {
    id: "x",
    origin: ORIGIN,
    message: { role: "assistant", parts, origin: ORIGIN },
    finish: { reason: hasCalls ? "tool-calls" : "stop", raw: "stop" },
    usage: { inputTokens: 3, outputTokens: 4 },
    warnings: [],
    ...more,
  };
}

function eventsOf(completion: Completion): StreamEvent[] {
  const events: StreamEvent[] = [{ type: "start", id: completion.id, origin: completion.origin }];
  for (const [index, part] of completion.message.parts.entries()) {
    const vendor = part.type !== "opaque" && part.vendor !== undefined ? { vendor: part.vendor } : {};
    if (part.type === "tool-call") {
      events.push({ type: "tool-call-start", index, id: part.id, name: part.name });
      for (const piece of JSON.stringify(part.arguments)) events.push({ type: "tool-call-delta", index, text: piece });
      events.push({ type: "tool-call-end", index, ...vendor });
    } else if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") {
      events.push({ type: `${part.type}-start`, index });
      for (const text of part.text) events.push({ type: `${part.type}-delta`, index, text });
      events.push({ type: `${part.type}-end`, index });
    } else {
      events.push({ type: "part", index, part });
    }
  }
  const { finish, usage, vendor, timing } = completion;
  events.push({ type: "finish", finish, usage, ...(vendor && { vendor }), ...(timing && { timing }) });
  return events;
}

function renderStream(events: readonly StreamEvent[], dialect: Dialect = chat) {
  const renderer = dialect.renderStream(CLIENT);
  const lines = events
    .map((event) => renderer.push(event))
    .join("")
    .split("\n")
    .filter((line) => line !== "");
  const parser = dialect.parseStream(CONTEXT);
  const read: StreamEvent[] = [];
  for (const data of lines) parser.push({ data }, read);
  parser.end(read);
  return { lines: lines.map((line) => JSON.parse(line) as JsonObject), events: read, warnings: renderer.warnings };
}

const PARTS: fc.Arbitrary<readonly AssistantPart[]> = fc
  .record({
    thinking: fc.string({ unit: "grapheme" }),
    text: fc.string({ unit: "grapheme" }),
    calls: fc.array(fc.record({ id: fc.constantFrom("c1", "c2", "c3"), name: fc.constantFrom("add", "look"), at: fc.string() }), {
      maxLength: 3,
    }),
  })
  .map(({ thinking, text, calls }) => [
    ...(thinking === "" ? [] : [{ type: "reasoning", text: thinking } as const]),
    ...(text === "" ? [] : [{ type: "text", text } as const]),
    ...calls.map(({ id, name, at }) => ({ type: "tool-call", id, name, arguments: { at } }) as const),
  ]);

describe("an answer to a client", () => {
  test("comes back as it was, whole or streamed", () => {
    fc.assert(
      fc.property(PARTS, (parts) => {
        const completion = completionOf(parts);
        const rendered = chat.renderResponse(completion, CLIENT);
        expect(rendered.warnings).toEqual([]);
        expect(compareCompletions(completion, chat.parseResponse(rendered.body, CONTEXT))).toEqual([]);
        const streamed = renderStream(eventsOf(completion));
        expect(streamed.warnings).toEqual([]);
        expect(checkStream(streamed.events)).toEqual([]);
        expect(compareCompletions(completion, foldEvents(streamed.events))).toEqual([]);
      }),
    );
  });

  test("has the engine's own figures where it was Ollama's", () => {
    const body = {
      model: "m",
      created_at: "2026-01-02T03:04:05.000Z",
      message: { role: "assistant", content: "x" },
      done: true,
      done_reason: "stop",
      total_duration: 9_000_001,
      load_duration: 3,
      prompt_eval_count: 1,
      prompt_eval_duration: 4,
      eval_count: 2,
      eval_duration: 5,
      logprobs: [{ token: "x", logprob: 0 }],
    };
    expect(chat.renderResponse(chat.parseResponse(body, CONTEXT), CLIENT).body).toEqual(body);
  });

  test("has what is known of another vendor's answer, and nothing made up", () => {
    const completion = completionOf([{ type: "text", text: "x" }], {
      usage: { outputTokens: 4 },
      timing: { totalMs: 12.5 },
    });
    expect(chat.renderResponse(completion, CLIENT).body).toEqual({
      model: "m",
      created_at: "0001-01-01T00:00:00Z",
      message: { role: "assistant", content: "x" },
      done: true,
      done_reason: "stop",
      total_duration: 12_500_000,
      eval_count: 4,
    });
  });

  test("reports what the wire has no room for, whole or streamed", () => {
    const completion = completionOf(
      [
        { type: "text", text: "a" },
        { type: "source", url: "https://example.org" },
        { type: "refusal", text: "No." },
      ],
      { finish: { reason: "content-filter" }, usage: { inputTokens: 3, cacheReadTokens: 1 } },
    );
    const paths = ["message.parts[1]", "message.parts[2]", "finish", "usage"];
    const rendered = chat.renderResponse(completion, CLIENT);
    expect(rendered.warnings.map((warning) => warning.path)).toEqual(paths);
    expect(rendered.body).toMatchObject({ message: { content: "aNo." }, done_reason: "stop" });
    expect(renderStream(eventsOf(completion)).warnings.map((warning) => warning.path)).toEqual(paths);
  });

  test("of generate has the text at the top, and one image", () => {
    const image = { type: "image", source: { type: "data", data: PNG }, mediaType: "image/png" } as const;
    const completion = { ...completionOf([{ type: "reasoning", text: "t" }, { type: "text", text: "x" }, image, image]) };
    const rendered = generate.renderResponse(completion, CLIENT);
    expect(rendered.body).toMatchObject({ response: "x", thinking: "t", image: PNG, done: true });
    expect(rendered.warnings.map((warning) => warning.path)).toEqual(["message.parts[3]"]);
    const { lines } = renderStream(eventsOf(completion), generate);
    expect(lines.map((line) => line.done)).toEqual([false, false, false, true]);
    expect(lines[0]).toMatchObject({ response: "", thinking: "t" });
  });

  test("is one line a piece, a tool call whole, and the last line done", () => {
    const call = { type: "tool-call", id: "c", name: "add", arguments: { a: 1 } } as const;
    const { lines } = renderStream(eventsOf(completionOf([{ type: "text", text: "ab" }, call])));
    expect(lines.map((line) => line.message)).toEqual([
      { role: "assistant", content: "a" },
      { role: "assistant", content: "b" },
      { role: "assistant", content: "", tool_calls: [{ id: "c", function: { index: 0, name: "add", arguments: { a: 1 } } }] },
      { role: "assistant", content: "" },
    ]);
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: "stop", prompt_eval_count: 3, eval_count: 4 });
  });
});

describe("a stream to a client", () => {
  const start: StreamEvent = { type: "start", id: "x", origin: ORIGIN };
  const restart: StreamEvent = { type: "restart", reason: "timeout" };
  const text: readonly StreamEvent[] = [
    { type: "text-start", index: 0 },
    { type: "text-delta", index: 0, text: "a" },
  ];

  test("ends with the error in one line, and nothing after it", () => {
    const error = new DragomanError({ code: "overloaded", detail: "busy" });
    const { lines, events } = renderStream([start, ...text, { type: "error", error }, ...text]);
    expect(lines.at(-1)).toEqual({ error: error.message });
    expect(events.at(-1)?.type).toBe("error");
  });

  test("forgets a restart before anything was sent, and ends with an error after", () => {
    expect(renderStream([start, restart, ...eventsOf(completionOf([{ type: "text", text: "x" }]))]).lines).toHaveLength(2);
    const { lines } = renderStream([start, ...text, restart, start, ...text]);
    expect(lines).toHaveLength(2);
    expect(lines[1]?.error).toContain("begun anew");
  });
});
