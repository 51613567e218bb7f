import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import { createCohereDialect } from "../../src/dialects/cohere/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { AssistantPart } from "../../src/message.ts";
import type { ModelInfo } from "../../src/provider.ts";
import { streamFromCompletion } from "../../src/stream-from-completion.ts";

const dialect = createCohereDialect();
const CLIENT = { model: "command-a-03-2025", echo: {} };
const ORIGIN = { dialect: "openai-chat", provider: "openai", model: "gpt-x" };

function parse(body: JsonObject) {
  return dialect.parseRequest({
    path: "/v2/chat",
    query: {},
    headers: {},
    body: { model: "m", messages: [user("Hi")], ...body },
  });
}

function user(content: JsonObject[string]) {
  return { role: "user", content };
}

/** A client's body, parsed and rendered again. */
function replay(body: JsonObject) {
  const { request, stream, warnings } = parse(body);
  const rendered = dialect.renderRequest(request, { stream, capabilities: UNKNOWN_CAPABILITIES });
  expect([...warnings, ...rendered.warnings]).toEqual([]);
  return rendered.body ?? {};
}

function refusal(body: JsonObject): DragomanError {
  try {
    parse(body);
  } catch (error) {
    if (DragomanError.is(error)) return error;
  }
  throw new Error("it was taken");
}

function completion(parts: readonly AssistantPart[], rest: Partial<Completion> = {}): Completion {
  return {
    id: "c-1",
    origin: ORIGIN,
    message: { role: "assistant", parts, origin: ORIGIN },
    finish: { reason: "stop" },
    usage: { inputTokens: 9, outputTokens: 3 },
    warnings: [],
    ...rest,
  };
}

function eventsOf(text: string): readonly JsonObject[] {
  return text
    .split("\n\n")
    .filter((block) => block.startsWith("event: "))
    .map((block) => JSON.parse(block.slice(block.indexOf("data: ") + "data: ".length)));
}

function stream(answer: Completion) {
  const renderer = dialect.renderStream(CLIENT);
  const text = streamFromCompletion(answer)
    .map((event) => renderer.push(event))
    .join("");
  return { text, events: eventsOf(text), warnings: renderer.warnings };
}

describe("a client's request to /v2/chat", () => {
  test("goes on to Cohere as it came", () => {
    const body = {
      model: "m",
      messages: [
        { role: "system", content: "Be brief." },
        user([
          { type: "text", text: "What?" },
          { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
        ]),
        {
          role: "assistant",
          content: [{ type: "thinking", thinking: "Hm." }],
          tool_plan: "I will call f.",
          tool_calls: [{ id: "f_1", type: "function", function: { name: "f", arguments: '{"a": 1}' } }],
        },
        { role: "tool", tool_call_id: "f_1", content: [{ type: "document", document: { id: "d", data: { text: "x" } } }] },
        { role: "assistant", content: "It is x.", citations: [{ start: 6, end: 7, text: "x", sources: [] }] },
        user("Thanks."),
      ],
      tools: [{ type: "function", function: { name: "f", description: "F.", parameters: { type: "object" } } }],
      tool_choice: "REQUIRED",
      strict_tools: false,
      max_tokens: 10,
      temperature: 0.3,
      p: 0.75,
      k: 10,
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      stop_sequences: ["END"],
      thinking: { type: "enabled", token_budget: 100 },
      response_format: { type: "json_object", json_schema: { type: "object", properties: {}, required: [] } },
      documents: ["a text"],
      citation_options: { mode: "fast" },
      safety_mode: "STRICT",
      logprobs: true,
      priority: 1,
      stream: true,
    };
    expect(replay(body)).toEqual(body);
  });

  test("knows the content beside calls from a plan", () => {
    const call = { id: "f_1", type: "function", function: { name: "f", arguments: "{}" } };
    const messages = [user("Hi"), { role: "assistant", content: "Content.", tool_calls: [call] }];
    expect(replay({ messages }).messages).toEqual(messages);
    expect(parse({ messages }).request.messages[1]).toMatchObject({ parts: [{ type: "text", text: "Content." }, { name: "f" }] });
  });

  test("reads the name of a tool off its call, and drops what clients copy without saying anything", () => {
    const call = { id: "f_1", type: "function", function: { name: "f", arguments: "" } };
    const { messages } = parse({
      messages: [
        { role: "assistant", content: [{ type: "text", text: "" }], citations: [], tool_plan: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "f_1", content: "out" },
      ],
    }).request;
    expect(messages).toEqual([
      { role: "assistant", parts: [{ type: "tool-call", id: "f_1", name: "f", arguments: {} }] },
      {
        role: "tool",
        parts: [{ type: "tool-result", toolCallId: "f_1", toolName: "f", content: [{ type: "text", text: "out" }] }],
      },
    ]);
  });

  test("may use words that the service takes beside its own", () => {
    expect(parse({ tool_choice: "required" }).request.toolChoice).toBe("required");
    const schema = { type: "object" };
    expect(parse({ response_format: { type: "json_schema", json_schema: schema } }).request.output).toMatchObject({ schema });
    const wrapped = { type: "json_schema", json_schema: { name: "n", schema } };
    expect(parse({ response_format: wrapped }).request.output).toMatchObject({ schema });
  });

  test("turns thinking on and off", () => {
    expect(parse({ thinking: { type: "enabled" } }).request.reasoning).toEqual({ effort: "medium", summary: "auto" });
    expect(parse({ thinking: { type: "disabled" } }).request.reasoning).toEqual({ effort: "none" });
  });

  test("passes on what the wire does not define, with a warning", () => {
    const { request, warnings } = parse({ wish: 1, messages: [user([{ type: "video", url: "x" }])] });
    expect(request.vendorOptions).toEqual({ cohere: { wish: 1 } });
    expect(request.messages[0]?.parts).toMatchObject([{ type: "opaque", dialect: "cohere", kind: "video" }]);
    expect(warnings.map((warning) => warning.path)).toEqual(["messages[0].content[0]", "wish"]);
  });

  test.each([
    [{ model: "" }, "model"],
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    [{ messages: [user([{ type: "image_url", image_url: {} }])] }, "messages[0].content[0].image_url.url"],
    [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name"],
    [{ tool_choice: "f" }, "tool_choice"],
    [{ temperature: "hot" }, "temperature"],
    [{ thinking: { type: "sometimes" } }, "thinking.type"],
    [{ response_format: { type: "json_schema" } }, "response_format.json_schema"],
  ])("is refused with the field's path: %j", (body, field) => {
    expect(refusal(body)).toMatchObject({ code: "invalid_request", field });
  });
});

describe("an answer towards a client of Cohere", () => {
  const ANSWER = completion(
    [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "One moment." },
      { type: "tool-call", id: "f_1", name: "f", arguments: { a: 1 } },
      { type: "source", url: "https://example.com", title: "Example" },
    ],
    { finish: { reason: "tool-calls" }, usage: { inputTokens: 9, cacheReadTokens: 4, outputTokens: 3, reasoningTokens: 1 } },
  );
  const CITATION = {
    sources: [
      {
        type: "document",
        id: "https://example.com",
        document: { id: "https://example.com", url: "https://example.com", title: "Example" },
      },
    ],
  };

  test("has thinking, text, calls, sources as citations, and usage without a bill", () => {
    expect(dialect.renderResponse(ANSWER, CLIENT)).toEqual({
      body: {
        id: "c-1",
        message: {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm." },
            { type: "text", text: "One moment." },
          ],
          tool_calls: [{ id: "f_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
          citations: [CITATION],
        },
        finish_reason: "TOOL_CALL",
        usage: { tokens: { input_tokens: 9, output_tokens: 3, reasoning_tokens: 1 }, cached_tokens: 4 },
      },
      warnings: [],
    });
  });

  test("streams the same, each event named by its type, and [DONE] at the end", () => {
    const { text, events, warnings } = stream(ANSWER);
    expect(warnings).toEqual([]);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1])).toEqual([
      "message-start",
      "content-start",
      "content-delta",
      "content-end",
      "content-start",
      "content-delta",
      "content-end",
      "tool-call-start",
      "tool-call-delta",
      "tool-call-end",
      "citation-start",
      "citation-end",
      "message-end",
    ]);
    expect(events.at(-1)).toMatchObject({ delta: { finish_reason: "TOOL_CALL", usage: { cached_tokens: 4 } } });
    expect(events.find((event) => event.type === "citation-start")).toMatchObject({
      delta: { message: { citations: CITATION } },
    });
  });

  test("streams a plan as one, where it is known to be one from the start", () => {
    const vendor = { cohere: { toolPlan: true } };
    const renderer = dialect.renderStream(CLIENT);
    renderer.push({ type: "start", id: "a", origin: ORIGIN });
    renderer.push({ type: "text-start", index: 0, vendor });
    const piece = renderer.push({ type: "text-delta", index: 0, text: "I will." });
    expect(eventsOf(piece)).toEqual([{ type: "tool-plan-delta", delta: { message: { tool_plan: "I will." } } }]);
    expect(renderer.push({ type: "text-end", index: 0, vendor })).toBe("");
    expect(renderer.warnings).toEqual([]);
    const late = stream(completion([{ type: "text", text: "I will.", vendor }]));
    expect(late.events.some((event) => event.type === "content-delta")).toBe(true);
    expect(late.warnings).toMatchObject([{ type: "lossy", path: "message.parts[0]" }]);
  });

  test("says what it cannot tell", () => {
    const answer = completion(
      [
        { type: "refusal", text: "No." },
        { type: "image", source: { type: "data", data: "aGk=" } },
      ],
      {
        finish: { reason: "content-filter", raw: "refusal" },
        usage: { inputTokens: 3, cacheWriteTokens: 2, outputTokens: 1 },
      },
    );
    const paths = ["message.parts[0]", "message.parts[1]", "finish", "usage.cacheWriteTokens"];
    const whole = dialect.renderResponse(answer, CLIENT);
    expect(whole.body).toMatchObject({ message: { content: [{ type: "text", text: "No." }] }, finish_reason: "ERROR" });
    expect(whole.warnings.map((warning) => warning.path).sort()).toEqual(paths.sort());
    expect(
      stream(answer)
        .warnings.map((warning) => warning.path)
        .sort(),
    ).toEqual(paths.sort());
  });

  test("fails in the wire's way, inside a stream and outside", () => {
    const error = new DragomanError({ code: "overloaded", detail: "busy", retryAfterMs: 1500 });
    expect(dialect.renderError(error)).toEqual({
      status: 529,
      headers: { "retry-after": "2" },
      body: { message: error.message },
    });
    const events = eventsOf(dialect.renderStream(CLIENT).push({ type: "error", error }));
    expect(events).toEqual([{ type: "message-end", delta: { finish_reason: "ERROR", usage: {}, error: error.message } }]);
  });

  test("begins anew when another model takes over, as long as nothing was said", () => {
    const early = dialect.renderStream(CLIENT);
    early.push({ type: "start", id: "a", origin: ORIGIN });
    expect(early.push({ type: "restart", reason: "fallback" })).toBe("");
    const late = dialect.renderStream(CLIENT);
    late.push({ type: "start", id: "a", origin: ORIGIN });
    late.push({ type: "text-start", index: 0 });
    expect(eventsOf(late.push({ type: "restart", reason: "fallback" }))).toMatchObject([{ delta: { finish_reason: "ERROR" } }]);
  });
});

describe("a listing towards a client of Cohere", () => {
  test("comes back as it was told", () => {
    const facts = { tools: true, images: true, reasoning: false, jsonMode: true, jsonSchema: true, contextWindowTokens: 9000 };
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, facts, "vendor");
    const model: ModelInfo = { id: "a", provider: "p", capabilities, source: "vendor" };
    const unknown: ModelInfo = { id: "b", provider: "p", capabilities: UNKNOWN_CAPABILITIES, source: "vendor" };
    const body = dialect.models?.renderResponse([model, unknown]);
    expect(dialect.models?.parseResponse(body)).toEqual([{ id: "a", facts }, { id: "b" }]);
  });
});
