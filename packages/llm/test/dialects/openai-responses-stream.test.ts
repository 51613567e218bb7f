import { describe, expect, it } from "vitest";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";
import { DragomanError } from "../../src/errors.ts";
import { isJsonObject, type JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const dialect = createOpenAIResponsesDialect();
const CONTEXT = { provider: "openai", model: "gpt-5" };
const USAGE = {
  input_tokens: 3,
  input_tokens_details: { cached_tokens: 1 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 8,
};

function read(wire: readonly unknown[], ended = true): StreamEvent[] {
  const parser = dialect.parseStream(CONTEXT);
  const out: StreamEvent[] = [];
  for (const event of wire) parser.push({ data: typeof event === "string" ? event : JSON.stringify(event) }, out);
  if (ended) parser.end(out);
  return out;
}

function response(status: string, output: readonly JsonObject[] = [], extra: JsonObject = {}): JsonObject {
  return { id: "resp_1", object: "response", created_at: 1_700_000_000, model: "gpt-5", status, output, ...extra };
}

const CREATED = { type: "response.created", response: response("in_progress") };

function completed(output: readonly JsonObject[], extra: JsonObject = {}): JsonObject {
  return { type: "response.completed", response: response("completed", output, { usage: USAGE, ...extra }) };
}

function added(output_index: number, item: JsonObject): JsonObject {
  return { type: "response.output_item.added", output_index, item };
}

function done(output_index: number, item: JsonObject): JsonObject {
  return { type: "response.output_item.done", output_index, item };
}

function text(output_index: number, delta: string): JsonObject {
  return { type: "response.output_text.delta", output_index, item_id: `msg_${output_index}`, content_index: 0, delta };
}

function message(index: number, words: string, annotations: readonly JsonObject[] = []): JsonObject {
  const content = [{ type: "output_text", text: words, annotations }];
  return { id: `msg_${index}`, type: "message", status: "completed", role: "assistant", phase: "final_answer", content };
}

function call(index: number, argumentsText: string): JsonObject {
  return {
    id: `fc_${index}`,
    type: "function_call",
    status: "completed",
    call_id: `call_${index}`,
    name: "f",
    arguments: argumentsText,
  };
}

function argument(output_index: number, delta: string): JsonObject {
  return { type: "response.function_call_arguments.delta", output_index, item_id: `fc_${output_index}`, delta };
}

const REASONING = {
  id: "rs_0",
  type: "reasoning",
  summary: [
    { type: "summary_text", text: "one" },
    { type: "summary_text", text: "two" },
  ],
  encrypted_content: "gAAAA+/==",
};
const THOUGHT = { id: "rs_0", type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Hmm" }] };
const SEARCH = { id: "ws_0", type: "web_search_call", status: "completed", action: { type: "search", query: "q" } };
const CITATION = { type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 2 };
const REFUSAL = {
  id: "msg_0",
  type: "message",
  status: "completed",
  role: "assistant",
  content: [{ type: "refusal", refusal: "No." }],
};

/** Each case: the items that the answer comes to, and a way in which the wire may tell them. */
const STREAMS: Readonly<Record<string, { readonly output: readonly JsonObject[]; readonly wire: readonly JsonObject[] }>> = {
  "text in pieces": {
    output: [message(0, "Hi there")],
    wire: [added(0, { ...message(0, ""), content: [] }), text(0, "Hi"), text(0, " there"), done(0, message(0, "Hi there"))],
  },
  "text only when it is done": {
    output: [message(0, "Hi")],
    wire: [
      added(0, { ...message(0, ""), content: [] }),
      { type: "response.output_text.done", output_index: 0, content_index: 0, text: "Hi" },
      done(0, message(0, "Hi")),
    ],
  },
  "a delta that got lost": {
    output: [message(0, "Hi there")],
    wire: [text(0, "Hi"), done(0, message(0, "Hi there"))],
  },
  "arguments in pieces": {
    output: [call(0, '{"a":1}')],
    wire: [added(0, call(0, "")), argument(0, '{"a"'), argument(0, ":1}"), done(0, call(0, '{"a":1}'))],
  },
  "arguments only when they are done": {
    output: [call(0, '{"a":1}')],
    wire: [
      added(0, call(0, "")),
      { type: "response.function_call_arguments.done", output_index: 0, item_id: "fc_0", arguments: '{"a":1}' },
      done(0, call(0, '{"a":1}')),
    ],
  },
  "arguments before the name": {
    output: [call(0, '{"a":1}')],
    wire: [argument(0, '{"a":1}'), done(0, call(0, '{"a":1}'))],
  },
  "parallel calls that finish in another order": {
    output: [call(0, "{}"), call(1, '{"b":2}')],
    wire: [
      added(0, call(0, "")),
      added(1, call(1, "")),
      argument(1, '{"b"'),
      argument(0, "{}"),
      argument(1, ":2}"),
      done(1, call(1, '{"b":2}')),
      done(0, call(0, "{}")),
    ],
  },
  "reasoning that ends after the text": {
    output: [THOUGHT, message(1, "Hi")],
    wire: [
      added(0, { ...THOUGHT, content: [] }),
      { type: "response.reasoning_text.delta", output_index: 0, item_id: "rs_0", content_index: 0, delta: "Hmm" },
      text(1, "Hi"),
      done(1, message(1, "Hi")),
      done(0, THOUGHT),
    ],
  },
  summaries: {
    output: [REASONING, call(1, "{}")],
    wire: [
      added(0, { id: "rs_0", type: "reasoning", summary: [] }),
      { type: "response.reasoning_summary_text.delta", output_index: 0, summary_index: 0, delta: "one" },
      { type: "response.reasoning_summary_text.delta", output_index: 0, summary_index: 1, delta: "two" },
      done(0, REASONING),
      added(1, call(1, "")),
      done(1, call(1, "{}")),
    ],
  },
  "a refusal": {
    output: [REFUSAL],
    wire: [
      added(0, { ...REFUSAL, content: [] }),
      { type: "response.content_part.added", output_index: 0, content_index: 0, part: { type: "refusal", refusal: "" } },
      { type: "response.refusal.delta", output_index: 0, content_index: 0, delta: "No." },
      done(0, REFUSAL),
    ],
  },
  "a search and its citations": {
    output: [SEARCH, message(1, "Hi", [CITATION])],
    wire: [
      added(0, { ...SEARCH, status: "in_progress" }),
      { type: "response.web_search_call.searching", output_index: 0, item_id: "ws_0" },
      done(0, SEARCH),
      added(1, { ...message(1, ""), content: [] }),
      text(1, "Hi"),
      {
        type: "response.output_text.annotation.added",
        output_index: 1,
        content_index: 0,
        annotation_index: 0,
        annotation: CITATION,
      },
      done(1, message(1, "Hi", [CITATION])),
    ],
  },
  "citations only with the item": {
    output: [message(0, "Hi", [CITATION])],
    wire: [text(0, "Hi"), done(0, message(0, "Hi", [CITATION]))],
  },
  "no item but in the last event": { output: [message(0, "Hi"), call(1, "{}")], wire: [] },
  "an item that is never done": { output: [message(0, "Hi")], wire: [text(0, "H")] },
  "an empty message": {
    output: [{ ...message(0, ""), content: [] }],
    wire: [added(0, { ...message(0, ""), content: [] }), done(0, { ...message(0, ""), content: [] })],
  },
};

describe("a stream", () => {
  it.each(Object.entries(STREAMS))("folds to the answer: %s", (_name, { output, wire }) => {
    const end = completed(output, { service_tier: "flex" });
    const events = read([CREATED, ...wire, end]);
    expect(checkStream(events)).toEqual([]);
    const whole = dialect.parseResponse(end.response, CONTEXT);
    expect(compareCompletions(whole, foldEvents(events))).toEqual([]);
    expect(foldEvents(events).vendor).toEqual(whole.vendor);
  });

  it.each(Object.entries(STREAMS))("without its last event is an error, never a short success: %s", (_name, { wire }) => {
    const events = read([CREATED, ...wire]);
    expect(checkStream(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { code: "stream_truncated" } });
  });

  it("takes the items from their own events when the last event has none", () => {
    const events = read([CREATED, added(0, call(0, "")), done(0, call(0, "{}")), completed([])]);
    expect(foldEvents(events)).toMatchObject({ finish: { reason: "tool-calls" }, message: { parts: [{ id: "call_0" }] } });
  });

  it("waits for the results of a call that is never said to be done", () => {
    const events = read([CREATED, added(0, call(0, "")), argument(0, "{}"), completed([])]);
    expect(checkStream(events)).toEqual([]);
    expect(foldEvents(events)).toMatchObject({ finish: { reason: "tool-calls" }, message: { parts: [{ id: "call_0" }] } });
  });

  it("keeps encrypted reasoning byte for byte", () => {
    const parts = foldEvents(read([CREATED, done(0, REASONING), completed([])])).message.parts;
    expect(parts[0]?.type === "reasoning" && parts[0].vendor?.["openai-responses"]?.item?.encrypted_content).toBe("gAAAA+/==");
  });

  it("finds items by their id where a server leaves out or repeats the index", () => {
    const { output_index: _index, ...secondAdded } = added(0, { ...message(1, ""), content: [] });
    const wire = [
      added(0, { id: "rs_0", type: "reasoning", summary: [] }),
      { ...secondAdded, output_index: 0 },
      { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", delta: "Hi" },
      { type: "response.reasoning_text.delta", output_index: 0, item_id: "rs_0", delta: "Hmm" },
      { type: "response.output_item.done", item: THOUGHT },
      { type: "response.output_item.done", item: message(1, "Hi") },
    ];
    const events = read([CREATED, ...wire, completed([THOUGHT, message(1, "Hi")])]);
    expect(checkStream(events)).toEqual([]);
    expect(foldEvents(events).message.parts).toMatchObject([
      { type: "reasoning", text: "Hmm" },
      { type: "text", text: "Hi" },
    ]);
  });

  it("does not count up to an index without measure", () => {
    const events = read([CREATED, { ...text(0, "Hi"), output_index: 4e9, content_index: 4e9 }, completed([])]);
    expect(checkStream(events)).toEqual([]);
    expect(foldEvents(events).message.parts).toMatchObject([{ type: "text", text: "Hi" }]);
  });

  it("takes one of two tellings of the same thought", () => {
    const wire = [
      { type: "response.reasoning_text.delta", output_index: 0, delta: "Hmm" },
      { type: "response.reasoning_summary_text.delta", output_index: 0, delta: "Hmm" },
    ];
    expect(foldEvents(read([CREATED, ...wire, completed([])])).message.parts).toMatchObject([{ type: "reasoning", text: "Hmm" }]);
  });

  it("takes a wrapped call of several tools apart", () => {
    const uses = [
      { recipient_name: "functions.a", parameters: {} },
      { recipient_name: "functions.b", parameters: { x: 1 } },
    ];
    const wrapper = { ...call(0, JSON.stringify({ tool_uses: uses })), name: "multi_tool_use.parallel" };
    const events = read([
      CREATED,
      added(0, { ...wrapper, arguments: "" }),
      argument(0, "{"),
      done(0, wrapper),
      completed([wrapper]),
    ]);
    expect(checkStream(events)).toEqual([]);
    expect(foldEvents(events).message.parts).toMatchObject([
      { name: "a", arguments: {} },
      { name: "b", arguments: { x: 1 } },
    ]);
  });

  it("ends as the response says", () => {
    const length = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    const cut = read([
      CREATED,
      text(0, "H"),
      { type: "response.incomplete", response: response("incomplete", [], { ...length, usage: USAGE }) },
    ]);
    expect(foldEvents(cut)).toMatchObject({ finish: { reason: "length", raw: "max_output_tokens" }, usage: { outputTokens: 5 } });
    const bare = read([CREATED, { type: "response.incomplete", response: {} }]);
    expect(foldEvents(bare).finish).toEqual({ reason: "other", raw: "incomplete" });
  });

  it("reports usage only when the vendor has told it", () => {
    expect(foldEvents(read([CREATED, text(0, "Hi"), completed([], { usage: null })])).usage).toEqual({});
  });

  it.each<[string, readonly unknown[], DragomanError["code"]]>([
    [
      "an error event",
      [CREATED, { type: "error", code: "rate_limit_exceeded", message: "slow down", param: null }],
      "rate_limited",
    ],
    [
      "a nested error event",
      [CREATED, { type: "error", error: { type: "insufficient_quota", message: "no credit" } }],
      "quota_exceeded",
    ],
    [
      "a failed response",
      [
        CREATED,
        { type: "response.failed", response: response("failed", [], { error: { code: "server_error", message: "oops" } }) },
      ],
      "vendor_error",
    ],
    [
      "a vague error before a clear one",
      [
        CREATED,
        { type: "error", message: "oops" },
        {
          type: "response.failed",
          response: response("failed", [], { error: { code: "rate_limit_exceeded", message: "slow down" } }),
        },
      ],
      "rate_limited",
    ],
    ["a vague error and nothing more", [CREATED, { type: "error", message: "oops" }], "vendor_error"],
    [
      "a vague error and more of the answer",
      [CREATED, { type: "error", message: "oops" }, text(0, "Hi"), completed([])],
      "vendor_error",
    ],
    ["a proxy's error without a type", [{ error: { code: 429, message: "rate limit" } }], "rate_limited"],
    ["not JSON", [CREATED, "{"], "invalid_response"],
    ["not an object", [CREATED, "3"], "invalid_response"],
  ])("ends in an error: %s", (_name, wire, code) => {
    const events = read([...wire, text(0, "after the end")]);
    expect(checkStream(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: "error", error: { code } });
  });

  it("keeps what had arrived, and its usage, when it fails", () => {
    const failed = {
      type: "response.failed",
      response: response("failed", [], { usage: USAGE, error: { code: "server_error", message: "oops" } }),
    };
    expect(foldEvents(read([CREATED, text(0, "Hi"), failed]))).toMatchObject({
      message: { parts: [{ text: "Hi" }] },
      usage: { outputTokens: 5 },
    });
  });

  it("passes over progress, heartbeats and the terminator of other wires", () => {
    const events = read([
      CREATED,
      { type: "keepalive" },
      { type: "response.code_interpreter_call.interpreting", output_index: 0 },
      text(0, "Hi"),
      "[DONE]",
      completed([]),
    ]);
    expect(foldEvents(events)).toMatchObject({ finish: { reason: "stop" }, message: { parts: [{ text: "Hi" }] } });
    expect(foldEvents(read([CREATED, text(0, "Hi"), completed([message(0, "Hi")]), "[DONE]"])).finish.reason).toBe("stop");
  });
});

interface WireEvent {
  readonly name: string;
  readonly data: JsonObject;
}

function write(events: readonly StreamEvent[]) {
  const renderer = dialect.renderStream({ model: "asked", echo: { temperature: 1 } });
  const wire = events.map((event) => renderer.push(event)).join("");
  const written = wire.split("\n\n").filter((block) => block !== "");
  const parsed = written.map((block): WireEvent => {
    const [name = "", data = ""] = block.split("\n");
    const value: unknown = JSON.parse(data.replace(/^data: /, ""));
    if (!isJsonObject(value)) throw new Error("the event's data is not an object");
    return { name: name.replace(/^event: /, ""), data: value };
  });
  return { parsed, warnings: renderer.warnings, contentType: renderer.contentType };
}

const ORIGIN = { dialect: "anthropic-messages", provider: "anthropic", model: "claude" };
const START: StreamEvent = { type: "start", id: "abc", origin: ORIGIN };
const WORDS: readonly StreamEvent[] = [
  { type: "text-start", index: 0 },
  { type: "text-delta", index: 0, text: "Hi" },
];
const FOREIGN: readonly StreamEvent[] = [
  START,
  { type: "reasoning-start", index: 0 },
  { type: "reasoning-delta", index: 0, text: "Hm" },
  { type: "reasoning-end", index: 0 },
  { type: "text-start", index: 1 },
  { type: "text-delta", index: 1, text: "Hi" },
  { type: "text-end", index: 1 },
  { type: "part", index: 2, part: { type: "source", url: "https://e.com" } },
  { type: "tool-call-start", index: 3, id: "toolu_1", name: "f" },
  { type: "tool-call-delta", index: 3, text: '{"a":1}' },
  { type: "tool-call-end", index: 3 },
  { type: "finish", finish: { reason: "tool-calls", raw: "tool_use" }, usage: { inputTokens: 1, outputTokens: 2 } },
];

describe("a stream for a client", () => {
  it("has the whole sequence of events, numbered", () => {
    const { parsed, contentType, warnings } = write(FOREIGN);
    expect(contentType).toBe("text/event-stream");
    expect(warnings).toEqual([]);
    expect(parsed.map((event) => event.name)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.reasoning_summary_part.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_summary_text.done",
      "response.reasoning_summary_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.annotation.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(parsed.map((event) => event.data.type)).toEqual(parsed.map((event) => event.name));
    expect(parsed.map((event) => event.data.sequence_number)).toEqual(parsed.map((_event, position) => position));
  });

  it("ends with the response that the answer would have been", () => {
    const last = write(FOREIGN).parsed.at(-1)?.data.response;
    const whole = dialect.renderResponse(foldEvents(FOREIGN), { model: "asked", echo: { temperature: 1 } });
    expect(last).toEqual(whole.body);
  });

  it("names each item by one id from its beginning to its end", () => {
    const ids = new Map<unknown, Set<unknown>>();
    for (const { data } of write(FOREIGN).parsed) {
      const id = isJsonObject(data.item) ? data.item.id : data.item_id;
      if (id === undefined) continue;
      ids.set(data.output_index, (ids.get(data.output_index) ?? new Set()).add(id));
    }
    expect([...ids.values()].map((set) => set.size)).toEqual([1, 1, 1]);
  });

  it.each(Object.entries(STREAMS))("folds to the same again, less what was reported: %s", (_name, { output, wire }) => {
    const events = read([CREATED, ...wire, completed(output)]);
    const { parsed, warnings } = write(events);
    const again = read(parsed.map((event) => event.data));
    expect(checkStream(again)).toEqual([]);
    const differences = compareCompletions(foldEvents(events), foldEvents(again)).filter(
      (line) => !line.startsWith("origin.model"),
    );
    // A text's own id comes with its end, when the client has had another for long.
    const ofIds = differences.filter((line) => /^parts\.\d+\.vendor\.openai-responses\.item\.id:/.test(line));
    expect(differences).toEqual(ofIds);
    expect(warnings.filter((warning) => /the id of this (text|refusal)/.test(warning.detail))).toHaveLength(ofIds.length);
  });

  it("sends encrypted reasoning under the id that it is bound to", () => {
    const { parsed } = write(read([CREATED, done(0, REASONING), done(1, call(1, "{}")), completed([])]));
    const items = parsed.flatMap(({ data }) => (isJsonObject(data.item) ? [data.item] : []));
    expect(items.map((item) => item.id)).toEqual(["rs_0", "rs_0", "fc_1", "fc_1"]);
    expect(items[1]).toEqual(REASONING);
  });

  it("ends in an error and a failed response", () => {
    const error = new DragomanError({ code: "overloaded", detail: "busy" });
    const { parsed } = write([START, ...WORDS, { type: "text-end", index: 0 }, { type: "error", error }]);
    expect(parsed.slice(-2).map((event) => event.name)).toEqual(["error", "response.failed"]);
    expect(parsed.at(-1)?.data.response).toMatchObject({
      status: "failed",
      output: [{ type: "message" }],
      error: { code: "server_is_overloaded" },
    });
    const again = read(parsed.map((event) => event.data));
    expect(again.at(-1)).toMatchObject({ type: "error", error: { code: "overloaded" } });
  });

  it("tells an error before the start without a response", () => {
    const { parsed } = write([{ type: "error", error: new DragomanError({ code: "authentication", detail: "no" }) }]);
    expect(parsed.map((event) => event.name)).toEqual(["error"]);
  });

  it("begins anew only while nothing has gone out", () => {
    const restart: StreamEvent = { type: "restart", reason: "the first model failed" };
    expect(write([START, restart, START, ...WORDS]).parsed.at(-1)?.name).toBe("response.output_text.delta");
    expect(
      write([START, ...WORDS, restart, START, ...WORDS])
        .parsed.slice(-2)
        .map((event) => event.name),
    ).toEqual(["error", "response.failed"]);
  });
});
