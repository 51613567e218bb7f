import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import { createGeminiInteractionsDialect } from "../../src/dialects/gemini-interactions/index.ts";
import { DragomanError } from "../../src/errors.ts";
import { createFold } from "../../src/fold.ts";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import { type Message, toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream } from "../../src/testing/laws.ts";

const CONTEXT = { provider: "google", model: "gemini-3-flash" };
const dialect = createGeminiInteractionsDialect();

// Requests

function render(request: Partial<CompletionRequest>, stream = false) {
  const asked = { model: "gemini-3-flash", messages: [userMessage("Hi.")], ...request };
  return dialect.renderRequest(asked, { stream, capabilities: UNKNOWN_CAPABILITIES });
}

function inputOf(messages: readonly Message[]): JsonValue | undefined {
  return render({ messages }).body?.input;
}

describe("a request", () => {
  test("is a list of steps, with what the vendor signed as it came", () => {
    const signed = { vendor: { "gemini-interactions": { signature: "c2ln" } } };
    const call = { type: "tool-call", id: "c1", name: "add", arguments: { x: 1 } } as const;
    const steps = inputOf([
      userMessage("Add."),
      { role: "assistant", parts: [{ type: "reasoning", text: "", ...signed }, { type: "text", text: "So be it." }, call] },
      toolResult(call, { sum: 2 }),
    ]);
    expect(steps).toEqual([
      { type: "user_input", content: [{ type: "text", text: "Add." }] },
      { type: "thought", signature: "c2ln" },
      { type: "model_output", content: [{ type: "text", text: "So be it." }] },
      { type: "function_call", id: "c1", name: "add", arguments: { x: 1 } },
      { type: "function_result", call_id: "c1", name: "add", result: { sum: 2 } },
    ]);
  });

  test("sends nothing that was not asked for", () => {
    expect(render({})).toEqual({
      method: "POST",
      path: "/interactions",
      headers: {},
      body: { model: "gemini-3-flash", input: [{ type: "user_input", content: [{ type: "text", text: "Hi." }] }] },
      warnings: [],
    });
  });

  test("names an agent in a field of its own, in the background where it works nowhere else", () => {
    const { body, warnings } = render({ model: "deep-research-pro-preview-12-2025", temperature: 0.5 });
    expect(body).toMatchObject({ agent: "deep-research-pro-preview-12-2025", background: true });
    expect(body).not.toHaveProperty("model");
    expect(body).not.toHaveProperty("generation_config");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "temperature" }]);
  });

  test("takes a choice of one tool as a list of allowed ones", () => {
    const tools = [{ name: "add", inputSchema: { type: "object" } }];
    const { body } = render({ tools, toolChoice: { tool: "add" } });
    expect(body?.generation_config).toEqual({ tool_choice: { allowed_tools: { mode: "any", tools: ["add"] } } });
  });

  test("lays the options of the wire over the settings, field by field", () => {
    const vendorOptions = {
      "gemini-interactions": { store: false, generation_config: { speech_config: [{ voice: "Kore" }] } },
      "openai-chat": { logprobs: true },
    };
    const { body, warnings } = render({ temperature: 0.5, vendorOptions });
    expect(body).toMatchObject({ store: false, generation_config: { temperature: 0.5, speech_config: [{ voice: "Kore" }] } });
    expect(warnings.map(({ path }) => path)).toEqual(["vendorOptions.openai-chat"]);
  });

  test.each([
    ["xhigh", "high", 1],
    ["none", "minimal", 1],
    ["low", "low", 0],
  ] as const)("grades thinking: %s becomes %s", (effort, level, losses) => {
    const { body, warnings } = render({ reasoning: { effort } });
    expect(body?.generation_config).toEqual({ thinking_level: level });
    expect(warnings).toHaveLength(losses);
  });

  test("leaves out what the model is known not to take, and says so", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { temperature: false, jsonSchema: false }, "catalogue");
    const output = { type: "json", schema: { type: "object" } } as const;
    const asked = { model: "m", messages: [userMessage("Hi.")], temperature: 0.1, output };
    const { body, warnings } = dialect.renderRequest(asked, { stream: false, capabilities });
    expect(body).not.toHaveProperty("generation_config");
    expect(body?.response_format).toEqual({ type: "text", mime_type: "application/json" });
    expect(warnings.map(({ path }) => path).sort()).toEqual(["output.schema", "temperature"]);
  });

  test("writes keywords that the vendor ignores where the model reads them", () => {
    const schema = { type: "object", properties: { name: { type: "string", minLength: 1 } } };
    const { body, warnings } = render({ output: { type: "json", schema } });
    expect(body?.response_format).toMatchObject({ schema: { properties: { name: { description: "(minLength: 1)" } } } });
    expect(warnings).toMatchObject([{ type: "lossy", path: "output.schema.properties.name.minLength" }]);
  });

  test("says where a system message in the middle went", () => {
    const { body, warnings } = render({
      messages: [userMessage("Hi."), { role: "system", parts: [{ type: "text", text: "Be brief." }] }],
    });
    expect(body?.input).toMatchObject([{}, { type: "user_input", content: [{ type: "text", text: "Be brief." }] }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[1]" }]);
  });

  test("goes without arguments that are no object, and keeps them in the warning", () => {
    const call = { type: "tool-call", id: "c", name: "add", arguments: {}, argumentsText: '{"x":', invalid: "not JSON" } as const;
    const { body, warnings } = render({ messages: [userMessage("Add."), { role: "assistant", parts: [call] }] });
    expect(body?.input).toMatchObject([{}, { type: "function_call", arguments: {} }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[1].parts[0].arguments", value: '{"x":' }]);
  });

  test("goes on with a suspended decoding by the token that came with it", () => {
    const completion = dialect.parseResponse(
      { id: "v1_1", status: "requires_continuation", continuation_token: "t1", steps: [output("Half")] },
      CONTEXT,
    );
    expect(completion.finish).toEqual({ reason: "pause", raw: "requires_continuation" });
    expect(render({ messages: [userMessage("Hi."), completion.message] }).body?.continuation_token).toBe("t1");
  });
});

// Answers

function output(text: string): JsonObject {
  return { type: "model_output", content: [{ type: "text", text }] };
}

const CITATIONS = [
  { type: "url_citation", url: "https://example.com/a", title: "A", start_index: 0, end_index: 4 },
  { type: "url_citation", url: "https://example.com/a", title: "A", start_index: 5, end_index: 9 },
  { type: "file_citation", document_uri: "files/b", file_name: "b.pdf" },
];
const SEARCH = { type: "google_search_call", id: "s1", arguments: { queries: ["q"] }, signature: "s2ln" };
const ANSWER = {
  id: "v1_abc",
  object: "interaction",
  model: "gemini-3-flash-001",
  status: "completed",
  created: "2026-01-01T00:00:00Z",
  service_tier: "standard",
  steps: [
    { type: "user_input", content: [{ type: "text", text: "asked" }] },
    {
      type: "thought",
      signature: "c2ln",
      summary: [
        { type: "text", text: "Hm. " },
        { type: "text", text: "So." },
      ],
    },
    SEARCH,
    { type: "model_output", content: [{ type: "text", text: "Both say so.", annotations: CITATIONS }] },
  ],
  usage: {
    total_input_tokens: 100,
    total_cached_tokens: 40,
    total_tool_use_tokens: 7,
    total_output_tokens: 10,
    total_thought_tokens: 5,
    total_tokens: 122,
    grounding_tool_count: [{ type: "google_search", count: 2 }],
  },
};

describe("an answer", () => {
  const completion = dialect.parseResponse(ANSWER, CONTEXT);

  test("has thoughts, the vendor's own work, texts and their sources, and not what was asked", () => {
    expect(completion.message.parts).toEqual([
      { type: "reasoning", text: "Hm. So.", vendor: { "gemini-interactions": { signature: "c2ln" } } },
      { type: "opaque", dialect: "gemini-interactions", kind: "google_search_call", value: SEARCH },
      { type: "text", text: "Both say so.", vendor: { "gemini-interactions": { annotations: CITATIONS } } },
      { type: "source", url: "https://example.com/a", title: "A" },
      { type: "source", documentId: "files/b", title: "b.pdf" },
    ]);
  });

  test("counts thoughts and the prompts of tools into the totals", () => {
    const { raw, ...usage } = completion.usage;
    expect(raw).toEqual(ANSWER.usage);
    expect(usage).toEqual({
      inputTokens: 107,
      cacheReadTokens: 40,
      outputTokens: 15,
      reasoningTokens: 5,
      toolCalls: 2,
      webSearchCalls: 2,
    });
  });

  test("names the model that answered and keeps what it does not know", () => {
    expect(completion).toMatchObject({ id: "v1_abc", createdAt: 1_767_225_600, origin: { model: "gemini-3-flash-001" } });
    expect(completion.vendor).toEqual({ "gemini-interactions": { response: { service_tier: "standard" } } });
  });

  test("goes back to its maker as it came", () => {
    const [, ...steps] = ANSWER.steps;
    const [thought, ...others] = steps;
    const joined = { ...thought, summary: [{ type: "text", text: "Hm. So." }] };
    expect(inputOf([completion.message])).toEqual([joined, ...others]);
  });

  test("of the older form reads alike", () => {
    const outputs = [
      { type: "thought", signature: "c2ln" },
      { type: "text", text: "Hello." },
      { type: "function_call", id: "c1", name: "add", arguments: { x: 1 } },
    ];
    const older = dialect.parseResponse({ id: "v1_1", status: "requires_action", outputs }, CONTEXT);
    expect(older.message.parts.map(({ type }) => type)).toEqual(["reasoning", "text", "tool-call"]);
    expect(older.finish).toEqual({ reason: "tool-calls", raw: "requires_action" });
  });

  test.each([
    ["completed", [output("Hi.")], "stop"],
    ["completed", [{ type: "function_call", name: "now", arguments: {} }], "tool-calls"],
    ["requires_action", [output("Confirm the plan?")], "other"],
    ["incomplete", [output("Hi")], "length"],
    ["failed", [output("Hi")], "error"],
    ["cancelled", [], "other"],
    ["budget_exceeded", [output("Hi")], "other"],
  ])("that is %s finishes as %j says: %s", (status, steps, reason) => {
    const { finish } = dialect.parseResponse({ id: "v1_1", status, steps }, CONTEXT);
    expect(finish).toMatchObject({ reason, raw: status });
  });

  test("that failed before it said anything is an error in the vendor's words", () => {
    const body = { id: "v1_1", status: "failed", steps: [], errors: [{ message: "the model is overloaded" }] };
    expect(() => dialect.parseResponse(body, CONTEXT)).toThrow("the model is overloaded");
  });

  test("gives calls without an id one that no other turn has", () => {
    const steps = [
      { type: "function_call", name: "a" },
      { type: "function_call", name: "b", id: "" },
    ];
    const { message } = dialect.parseResponse({ id: "v1_9", status: "requires_action", steps }, CONTEXT);
    expect(message.parts).toMatchObject([{ id: "call_v1_9_0" }, { id: "call_v1_9_1" }]);
  });

  test.each([
    [{ error: { message: "Request contains an invalid argument.", code: "invalid_request" } }, "invalid_request"],
    [[{ error: { message: "Resource has been exhausted", code: 429 } }], "rate_limited"],
    [{}, "invalid_response"],
    ["", "invalid_response"],
    [{ status: "completed", steps: nested(5000) }, "invalid_response"],
  ])("that is none is an error: %#", (body, code) => {
    expect(codeOf(() => dialect.parseResponse(body, CONTEXT))).toBe(code);
  });

  test("that is still worked at says how it is asked after and given up", () => {
    const body = { id: "v1_abc", status: "in_progress", agent: "deep-research-x" };
    expect(dialect.suspended?.(body)).toMatchObject({
      poll: { method: "GET", path: "/interactions/v1_abc" },
      cancel: { method: "POST", path: "/interactions/v1_abc/cancel" },
    });
    expect(dialect.suspended?.(ANSWER)).toBeUndefined();
    expect(dialect.suspended?.({ id: "../models", status: "queued" })).toBeUndefined();
  });
});

function nested(depth: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 0; level < depth; level++) value = [value];
  return [{ type: "new_step", value }];
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return DragomanError.is(error) ? error.code : String(error);
  }
  return undefined;
}

// Streams

function read(events: readonly JsonObject[]) {
  const parser = dialect.parseStream(CONTEXT);
  const out: StreamEvent[] = [];
  for (const data of events) parser.push({ event: String(data.event_type), data: JSON.stringify(data) }, out);
  const resume = parser.resume?.();
  parser.end(out);
  expect(checkStream(out)).toEqual([]);
  const folded = createFold();
  for (const event of out) folded.push(event);
  return { out, resume, completion: folded.completion() };
}

const CREATED = {
  event_type: "interaction.created",
  interaction: { id: "v1_abc", model: "gemini-3-flash-001", status: "in_progress" },
  metadata: { total_usage: { total_input_tokens: 100 } },
};
const COMPLETED = {
  event_type: "interaction.completed",
  interaction: { id: "v1_abc", status: "completed", service_tier: "standard", usage: ANSWER.usage },
};

function step(index: number, start: JsonObject, ...deltas: readonly JsonObject[]): readonly JsonObject[] {
  return [
    { event_type: "step.start", index, step: start },
    ...deltas.map((delta) => ({ event_type: "step.delta", index, delta })),
    { event_type: "step.stop", index },
  ];
}

describe("a stream", () => {
  test("folds to what the whole answer would have been", () => {
    const { completion } = read([
      CREATED,
      ...step(
        0,
        { type: "thought" },
        { type: "thought_summary", content: { type: "text", text: "Hm. " } },
        { type: "thought_signature", signature: "" },
        { type: "thought_summary", content: { type: "text", text: "So." } },
        { type: "thought_signature", signature: "c2ln" },
      ),
      ...step(1, { type: "google_search_call", id: "s1" }, { ...SEARCH, id: undefined }),
      ...step(
        2,
        { type: "model_output" },
        { type: "text", text: "Both " },
        { type: "text", text: "say so." },
        { type: "text_annotation_delta", annotations: CITATIONS },
      ),
      COMPLETED,
    ]);
    const whole = dialect.parseResponse(ANSWER, CONTEXT);
    const { createdAt: _createdAt, ...rest } = whole;
    expect(completion).toEqual(rest);
  });

  test("carries calls in pieces, beside one another", () => {
    const start = (index: number, id: string): JsonObject => ({
      event_type: "step.start",
      index,
      step: { type: "function_call", id, name: "add", arguments: {} },
    });
    const piece = (index: number, text: string): JsonObject => ({
      event_type: "step.delta",
      index,
      delta: { type: "arguments_delta", arguments: text },
    });
    const { completion } = read([
      CREATED,
      start(0, "c1"),
      start(1, "c2"),
      piece(0, '{"x":'),
      piece(1, '{"x":2}'),
      piece(0, "1}"),
      { ...COMPLETED, interaction: { id: "v1_abc", status: "requires_action" } },
    ]);
    expect(completion.message.parts).toEqual([
      { type: "tool-call", id: "c1", name: "add", arguments: { x: 1 } },
      { type: "tool-call", id: "c2", name: "add", arguments: { x: 2 } },
    ]);
    expect(completion.finish).toEqual({ reason: "tool-calls", raw: "requires_action" });
  });

  test("of the older form reads alike, with a call in one piece", () => {
    const { completion } = read([
      { event_type: "interaction.start", interaction: { id: "v1_1", status: "in_progress" } },
      { event_type: "content.start", index: 0, content: { type: "text" } },
      { event_type: "content.delta", index: 0, delta: { type: "text", text: "Hi." } },
      { event_type: "content.stop", index: 0 },
      { event_type: "content.start", index: 1, content: { type: "function_call" } },
      { event_type: "content.delta", index: 1, delta: { type: "function_call", id: "c1", name: "add", arguments: { x: 1 } } },
      { event_type: "content.stop", index: 1 },
      { event_type: "interaction.complete", interaction: { id: "v1_1", status: "requires_action" } },
    ]);
    expect(completion.message.parts).toEqual([
      { type: "text", text: "Hi." },
      { type: "tool-call", id: "c1", name: "add", arguments: { x: 1 } },
    ]);
  });

  test("joins sound that came in pieces", () => {
    const piece = (text: string): JsonObject => ({
      type: "audio",
      mime_type: "audio/l16",
      data: Buffer.from(text).toString("base64"),
    });
    const { completion } = read([CREATED, ...step(0, { type: "model_output" }, piece("a"), piece("bc")), COMPLETED]);
    const [part] = completion.message.parts;
    expect(part).toMatchObject({ type: "audio", source: { data: Buffer.from("abc").toString("base64") } });
  });

  test("without its last word is cut short, whatever came before", () => {
    const { out } = read([CREATED, ...step(0, { type: "model_output" }, { type: "text", text: "Half" })]);
    expect(out.at(-1)).toMatchObject({ type: "error", error: { code: "stream_truncated" } });
  });

  test("ends at an error inside it, with its parts closed", () => {
    const { out } = read([
      CREATED,
      { event_type: "step.start", index: 0, step: { type: "model_output", content: [{ type: "text", text: "Hal" }] } },
      { event_type: "error", error: { message: "The model is overloaded.", code: "unavailable" } },
    ]);
    expect(out.slice(-2)).toMatchObject([{ type: "text-end" }, { type: "error", error: { code: "overloaded" } }]);
  });

  test("is taken up again where the vendor numbers its events, and only there", () => {
    const numbered = { event_type: "step.start", index: 0, step: { type: "model_output" }, event_id: "e 7" };
    expect(read([CREATED, numbered]).resume).toEqual({
      method: "GET",
      path: "/interactions/v1_abc?stream=true&last_event_id=e+7",
      headers: {},
      warnings: [],
    });
    expect(read([CREATED]).resume).toBeUndefined();
    expect(read([CREATED, numbered, COMPLETED]).resume).toBeUndefined();
  });

  test("that is nothing but an error without a name is one", () => {
    const { out } = read([{ error: { message: "API key not valid", code: "unauthenticated" } }]);
    expect(out).toMatchObject([{ type: "error", error: { code: "authentication" } }]);
  });
});

// Clients

function ask(body: JsonObject) {
  return dialect.parseRequest({ path: "/v1beta/interactions", query: {}, headers: {}, body });
}

describe("a client's request", () => {
  test.each<[string, JsonValue]>([
    ["a text", "Hi."],
    ["a block", { type: "text", text: "Hi." }],
    ["a list of blocks", [{ type: "text", text: "Hi." }]],
    ["a step", [{ type: "user_input", content: [{ type: "text", text: "Hi." }] }]],
    ["a turn of the older form", [{ role: "user", content: "Hi." }]],
  ])("may ask in %s", (_form, input) => {
    expect(ask({ model: "m", input }).request.messages).toEqual([userMessage("Hi.")]);
  });

  test("may bring results of tools as steps or among the user's blocks", () => {
    const result = { type: "function_result", call_id: "c1", name: "add", result: { sum: 2 } };
    const steps = ask({ model: "m", input: [result] }).request.messages;
    expect(ask({ model: "m", input: [{ type: "user_input", content: [result] }] }).request.messages).toEqual(steps);
    expect(steps).toMatchObject([
      { role: "tool", parts: [{ toolCallId: "c1", content: [{ type: "json", value: { sum: 2 } }] }] },
    ]);
  });

  test("comes out again as it went in, options of the wire and unknown steps with it", () => {
    const body = {
      model: "m",
      input: [
        { type: "user_input", content: [{ type: "image", uri: "https://example.com/a.png", resolution: "ultra_high" }] },
        { type: "thought", signature: "c2ln", summary: [{ type: "text", text: "Hm." }] },
        SEARCH,
        { type: "user_input", content: [{ type: "text", text: "Go on." }] },
      ],
      tools: [{ type: "google_search" }, { type: "function", name: "add", parameters: { type: "object" } }],
      labels: { team: "a" },
      store: false,
      previous_interaction_id: "v1_0",
      generation_config: { thinking_summaries: "auto", tool_choice: "validated", speech_config: [{ voice: "Kore" }] },
      response_format: [{ type: "text" }, { type: "image", aspect_ratio: "1:1" }],
    };
    const { request, warnings } = ask(body);
    expect(render(request).body).toEqual(body);
    expect(warnings).toEqual([]);
  });

  test("of before June 2026 may name its schema beside the media type", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const { request } = ask({ model: "m", input: "Hi.", response_format: schema, response_mime_type: "application/json" });
    expect(request.output).toEqual({ type: "json", schema });
  });

  test("with a field that nobody knows passes it on and says so", () => {
    const { request, warnings } = ask({ model: "m", input: "Hi.", sparkle: 1 });
    expect(request.vendorOptions).toEqual({ "gemini-interactions": { sparkle: 1 } });
    expect(warnings).toMatchObject([{ type: "unknown-field", path: "sparkle" }]);
  });

  test.each<[string, JsonObject]>([
    ["model", { input: "Hi." }],
    ["input", { model: "m" }],
    ["input[0].type", { model: "m", input: [{ text: "Hi." }] }],
    [
      "input[0].content[1]",
      { model: "m", input: [{ type: "user_input", content: [{ type: "text", text: "a" }, { type: "image" }] }] },
    ],
    [
      "input[1].call_id",
      {
        model: "m",
        input: [
          { type: "text", text: "a" },
          { type: "function_result", result: "x" },
        ],
      },
    ],
    ["generation_config.temperature", { model: "m", input: "Hi.", generation_config: { temperature: "hot" } }],
    ["tools[0].parameters", { model: "m", input: "Hi.", tools: [{ type: "function", name: "add", parameters: "none" }] }],
  ])("is refused with the path of what is wrong: %s", (field, body) => {
    try {
      ask(body);
      expect.unreachable("it was understood");
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid_request", field });
    }
  });
});

describe("a client's answer", () => {
  test("writes another maker's sources as citations, whole and streamed alike", () => {
    const origin = { dialect: "anthropic-messages", provider: "anthropic", model: "claude" };
    const source = { type: "source", url: "https://example.com/a", title: "A" } as const;
    const parts = [{ type: "text", text: "So." } as const, source];
    const completion = {
      id: "msg_1",
      origin,
      message: { role: "assistant", parts, origin },
      finish: { reason: "stop" },
    } as const;
    const client = { model: "m", echo: {} };
    const { body } = dialect.renderResponse({ ...completion, usage: {}, warnings: [] }, client);
    const cited = { type: "url_citation", url: "https://example.com/a", title: "A" };
    expect(body.steps).toEqual([{ type: "model_output", content: [{ type: "text", text: "So.", annotations: [cited] }] }]);
    const renderer = dialect.renderStream(client);
    const events: readonly StreamEvent[] = [
      { type: "start", id: "msg_1", origin },
      { type: "text-start", index: 0 },
      { type: "text-delta", index: 0, text: "So." },
      { type: "text-end", index: 0 },
      { type: "part", index: 1, part: source },
      { type: "finish", finish: { reason: "stop" }, usage: {} },
    ];
    const text = events.map((event) => renderer.push(event)).join("");
    const deltas = [...text.matchAll(/^data: (\{.*"event_type":"step\.delta"\})$/gm)].map(([, json]) => JSON.parse(json ?? ""));
    expect(deltas.map(({ delta }) => delta)).toEqual([
      { type: "text", text: "So." },
      { type: "text_annotation_delta", annotations: [cited] },
    ]);
    expect(text.endsWith("event: done\ndata: [DONE]\n\n")).toBe(true);
  });

  test("names the agent where an agent was asked", () => {
    const { client } = ask({ agent: "deep-research-x", input: "Why?" });
    const completion = dialect.parseResponse({ id: "v1_1", status: "completed", steps: [] }, CONTEXT);
    const { body } = dialect.renderResponse(completion, client);
    expect(body).toMatchObject({ agent: "deep-research-x", status: "completed" });
    expect(body).not.toHaveProperty("model");
  });

  test("ends with an error where it cannot take back what was sent, and goes on where nothing was", () => {
    const origin = { dialect: "d", provider: "p", model: "m" };
    const begun: readonly StreamEvent[] = [
      { type: "start", id: "a", origin },
      { type: "text-start", index: 0 },
      { type: "text-delta", index: 0, text: "Hal" },
    ];
    const anew: readonly StreamEvent[] = [
      { type: "restart", reason: "the first model failed" },
      ...begun,
      { type: "text-end", index: 0 },
      { type: "finish", finish: { reason: "stop" }, usage: {} },
    ];
    const namesOf = (events: readonly StreamEvent[]): readonly (string | undefined)[] => {
      const renderer = dialect.renderStream({ model: "m", echo: {} });
      const text = events.map((event) => renderer.push(event)).join("");
      return [...text.matchAll(/^event: (\S+)$/gm)].map(([, name]) => name);
    };
    expect(namesOf([...begun, ...anew]).slice(-3)).toEqual(["step.stop", "error", "done"]);
    expect(namesOf([...begun.slice(0, 1), ...anew]).slice(-3)).toEqual(["step.stop", "interaction.completed", "done"]);
  });
});
