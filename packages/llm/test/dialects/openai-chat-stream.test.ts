import { describe, expect, it } from "vitest";
import type { Completion } from "../../src/completion.ts";
import { createOpenAIChatDialect, type OpenAIChatQuirks } from "../../src/dialects/openai-chat/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const context = { provider: "p", model: "asked" };
const origin = { dialect: "openai-chat", provider: "p", model: "m" };

function chunk(delta: JsonObject, choice: JsonObject = {}, more: JsonObject = {}): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1700000000,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: null, ...choice }],
    ...more,
  });
}

const stop = (word = "stop"): string => chunk({}, { finish_reason: word });
const DONE = "[DONE]";

/** The events of a stream, checked against the law of streams. */
function read(datas: readonly string[], quirks: OpenAIChatQuirks = {}): StreamEvent[] {
  const parser = createOpenAIChatDialect(quirks).parseStream(context);
  const events: StreamEvent[] = [];
  for (const data of datas) parser.push({ data }, events);
  parser.end(events);
  expect(checkStream(events)).toEqual([]);
  return events;
}

function folded(datas: readonly string[], quirks: OpenAIChatQuirks = {}): Completion {
  return foldEvents(read(datas, quirks));
}

function errorOf(events: readonly StreamEvent[]): DragomanError | undefined {
  const last = events.at(-1);
  return last?.type === "error" ? last.error : undefined;
}

function calls(...deltas: readonly (readonly JsonObject[])[]): unknown {
  const datas = deltas.map((pieces) => chunk({ tool_calls: pieces }));
  return folded([...datas, stop("tool_calls"), DONE]).message.parts;
}

const piece = (index: number | undefined, id: string | undefined, name: string | undefined, text: string): JsonObject => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id }),
  function: { ...(name === undefined ? {} : { name }), arguments: text },
});

describe("reading a stream", () => {
  it("gives events as they come, and usage from the last chunk", () => {
    const usage = JSON.stringify({
      id: "chatcmpl-1",
      model: "m",
      choices: [],
      usage: { prompt_tokens: 2, completion_tokens: 1 },
    });
    const events = read([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }),
      stop(),
      usage,
      DONE,
    ]);
    expect(events.map((event) => event.type)).toEqual([
      "start",
      "text-start",
      "text-delta",
      "text-delta",
      "usage",
      "text-end",
      "finish",
    ]);
    expect(events[0]).toEqual({ type: "start", id: "chatcmpl-1", origin, createdAt: 1700000000 });
    expect(events.at(-1)).toMatchObject({ finish: { reason: "stop", raw: "stop" }, usage: { inputTokens: 2, outputTokens: 1 } });
  });

  it("ends the reasoning when the text begins", () => {
    const types = read([chunk({ reasoning_content: "hm" }), chunk({ content: "a" }), stop()]).map((event) => event.type);
    expect(types).toEqual([
      "start",
      "reasoning-start",
      "reasoning-delta",
      "reasoning-end",
      "text-start",
      "text-delta",
      "text-end",
      "finish",
    ]);
  });

  it("takes one of two reasoning fields with the same text", () => {
    const { message } = folded([chunk({ reasoning: "hm", reasoning_content: "hm" }), chunk({ content: "a" }), stop()]);
    expect(message.parts[0]).toEqual({ type: "reasoning", text: "hm" });
  });

  it("joins reasoning details and keeps a signature that comes alone", () => {
    const details = (detail: JsonObject, reasoning?: string): string =>
      chunk({ content: "", ...(reasoning === undefined ? {} : { reasoning }), reasoning_details: [detail] });
    const { message } = folded([
      details({ type: "reasoning.text", text: "I ", format: "f", index: 0 }, "I "),
      details({ type: "reasoning.text", text: "see", format: "f", index: 0 }, "see"),
      details({ type: "reasoning.text", signature: "sig", index: 0 }),
      details({ type: "reasoning.encrypted", data: "xyz", index: 0 }),
      chunk({ content: "a" }),
      stop(),
    ]);
    expect(message.parts).toEqual([
      {
        type: "reasoning",
        text: "I see",
        vendor: {
          "openai-chat": {
            reasoningDetails: [
              { type: "reasoning.text", text: "I see", format: "f", index: 0, signature: "sig" },
              { type: "reasoning.encrypted", data: "xyz", index: 0 },
            ],
          },
        },
      },
      { type: "text", text: "a" },
    ]);
  });

  it("reads a refusal, citations and audio in pieces", () => {
    const citation = { type: "url_citation", url_citation: { url: "https://example.com", title: "T" } };
    const cited = folded([chunk({ content: "a" }), chunk({ annotations: [citation] }), stop()]);
    expect(cited.message.parts).toEqual([
      { type: "text", text: "a", vendor: { "openai-chat": { annotations: [citation] } } },
      { type: "source", url: "https://example.com", title: "T" },
    ]);
    expect(folded([chunk({ refusal: "no" }), stop()]).finish).toEqual({ reason: "content-filter", raw: "stop" });
    const spoken = folded([
      chunk({ audio: { id: "au", data: "Ukl" } }),
      chunk({ audio: { data: "GRg", transcript: "hi" } }),
      stop(),
    ]);
    expect(spoken.message.parts).toMatchObject([
      { type: "audio", source: { data: "UklGRg" }, mediaType: "audio/wav", transcript: "hi" },
    ]);
  });

  it("finds usage wherever vendors put it", () => {
    const usage = { prompt_tokens: 2, completion_tokens: 1 };
    const places = [
      [chunk({ content: "a" }), chunk({}, { finish_reason: "stop" }, { x_groq: { usage } })],
      [chunk({ content: "a" }), chunk({}, { finish_reason: "stop", usage })],
      [chunk({ content: "a" }), chunk({}, { finish_reason: "stop" }, { usage })],
    ];
    for (const datas of places) expect(folded(datas).usage).toMatchObject({ inputTokens: 2, outputTokens: 1 });
    expect(folded([chunk({ content: "a" }), stop()]).usage).toEqual({});
  });

  it("waits for Azure's second chunk, whose first has no model", () => {
    const filter = JSON.stringify({ id: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    const completion = folded([filter, chunk({ content: "a" }), stop()]);
    expect(completion.origin.model).toBe("m");
    expect(completion.vendor?.["openai-chat"]?.body).toEqual({ prompt_filter_results: [{ prompt_index: 0 }] });
  });

  it("collects log probabilities over the chunks", () => {
    const token = (text: string): JsonObject => ({ logprobs: { content: [{ token: text }] } });
    const completion = folded([chunk({ content: "a" }, token("a")), chunk({ content: "b" }, token("b")), stop()]);
    expect(completion.vendor?.["openai-chat"]?.choice).toEqual({ logprobs: { content: [{ token: "a" }, { token: "b" }] } });
  });

  it("takes the first choice and puts the others together, with a warning", () => {
    const second = (delta: JsonObject, more: JsonObject = {}): string => chunk(delta, { index: 1, ...more });
    const completion = folded([
      chunk({ content: "a" }),
      second({ content: "b" }),
      second({ content: "c" }),
      second({}, { finish_reason: "length" }),
      stop(),
      DONE,
    ]);
    expect(completion.message.parts).toEqual([{ type: "text", text: "a" }]);
    expect(completion.finish.reason).toBe("stop");
    expect(completion.warnings).toMatchObject([{ type: "lossy" }]);
    expect(completion.vendor?.["openai-chat"]?.otherChoices).toEqual([
      { index: 1, message: { role: "assistant", content: "bc" }, finish_reason: "length" },
    ]);
  });

  it("reads an answer that comes as one whole message", () => {
    expect(folded([chunk({}, { delta: undefined, message: { content: "a" }, finish_reason: "stop" })]).message.parts).toEqual([
      { type: "text", text: "a" },
    ]);
  });
});

describe("the end of a stream", () => {
  it("is a truncation without a finish reason and without [DONE]", () => {
    const events = read([chunk({ content: "half" })]);
    expect(errorOf(events)?.code).toBe("stream_truncated");
    expect(foldEvents(events).message.parts).toEqual([{ type: "text", text: "half" }]);
    expect(errorOf(read([]))?.code).toBe("stream_truncated");
    expect(errorOf(read([DONE]))?.code).toBe("stream_truncated");
  });

  it("needs only one of the two marks", () => {
    expect(errorOf(read([chunk({ content: "a" }), stop()]))).toBeUndefined();
    expect(folded([chunk({ content: "a" }), DONE]).finish).toEqual({ reason: "other" });
    expect(folded([chunk({ content: "a" })], { finishReasonOptional: true }).finish).toEqual({ reason: "stop" });
  });

  it("ignores what comes after it", () => {
    expect(read([chunk({ content: "a" }), stop(), DONE, chunk({ content: "b" })]).at(-1)?.type).toBe("finish");
  });

  it("is an error where the vendor says so inside a 200", () => {
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ error: { message: "tool call validation failed", code: "tool_use_failed", status_code: 400 } }, "invalid_request"],
      [{ choices: [{ index: 0, delta: {}, finish_reason: "error" }], error: { message: "upstream", code: 502 } }, "vendor_error"],
      [{ object: "error", message: "slow down", code: 429 }, "rate_limited"],
      [{ error: "out of memory" }, "vendor_error"],
    ];
    for (const [data, code] of cases) {
      expect(errorOf(read([chunk({ content: "a" }), JSON.stringify(data)]))?.code).toBe(code);
    }
  });

  it("is an error after a finish reason too, if one follows", () => {
    const events = read([chunk({ content: "a" }), stop("tool_calls"), JSON.stringify({ error: { message: "x", code: 502 } })]);
    expect(errorOf(events)?.code).toBe("vendor_error");
  });

  it("is an error for an event that is not JSON or not an object", () => {
    expect(errorOf(read([chunk({ content: "a" }), "<html>"]))?.code).toBe("invalid_response");
    expect(errorOf(read(["[1]"]))?.code).toBe("invalid_response");
  });
});

describe("assembling tool calls", () => {
  const first = { type: "tool-call", id: "a", name: "f", arguments: { n: 1 } };
  const second = { type: "tool-call", id: "b", name: "g", arguments: { n: 2 } };

  it("joins pieces by index, interleaved or not", () => {
    expect(
      calls(
        [piece(0, "a", "f", "")],
        [piece(1, "b", "g", "")],
        [piece(0, undefined, undefined, '{"n"')],
        [piece(1, undefined, undefined, '{"n":2}')],
        [piece(0, undefined, undefined, ":1}")],
      ),
    ).toEqual([first, second]);
  });

  it("keeps one call whose id changes on the way, as Kimi's does", () => {
    expect(
      calls([piece(0, "a", "f", '{"n"')], [piece(0, "changed", undefined, ":1")], [piece(0, "again", undefined, "}")]),
    ).toEqual([first]);
  });

  it("opens a second call at index 0 for a new id with a name, as Gemini's layer sends it", () => {
    expect(calls([piece(0, "a", "f", '{"n":1}')], [piece(0, "b", "g", '{"n":2}')])).toEqual([first, second]);
  });

  it("takes whole calls without an index, several in one chunk", () => {
    expect(calls([piece(undefined, "a", "f", '{"n":1}'), piece(undefined, "b", "g", '{"n":2}')])).toEqual([first, second]);
  });

  it("makes ids for calls that have none", () => {
    expect(calls([piece(undefined, "", "f", '{"n":1}'), piece(undefined, "", "g", '{"n":2}')])).toMatchObject([
      { id: "call_chatcmpl1_0", name: "f" },
      { id: "call_chatcmpl1_1", name: "g" },
    ]);
  });

  it("holds back the arguments until a late name comes", () => {
    expect(calls([piece(0, "a", undefined, '{"n"')], [piece(0, undefined, "f", ":1}")])).toEqual([first]);
  });

  it("gives a call whose name never came all the same, with a warning", () => {
    const completion = folded([chunk({ tool_calls: [piece(0, "a", undefined, '{"n":1}')] }), stop("tool_calls")]);
    expect(completion.message.parts).toEqual([{ ...first, name: "" }]);
    expect(completion.warnings).toHaveLength(1);
  });

  it("finds a call by its id, or else takes the latest, where there is no index", () => {
    expect(
      calls(
        [piece(undefined, "a", "f", '{"n"')],
        [piece(undefined, "b", "g", '{"n":')],
        [piece(undefined, "a", undefined, ":1}")],
        [piece(undefined, undefined, undefined, "2}")],
      ),
    ).toEqual([first, second]);
  });

  it("keeps arguments that are not JSON, and reads none as none", () => {
    expect(calls([piece(0, "a", "f", '{"n":')])).toMatchObject([
      { arguments: {}, argumentsText: '{"n":', invalid: expect.any(String) },
    ]);
    expect(calls([piece(0, "a", "f", "")])).toEqual([{ ...first, arguments: {} }]);
  });

  it("keeps what a vendor hangs on a call", () => {
    expect(calls([{ ...piece(0, "a", "f", '{"n":1}'), extra_content: { google: { thought_signature: "s" } } }])).toEqual([
      { ...first, vendor: { "openai-chat": { fields: { extra_content: { google: { thought_signature: "s" } } } } } },
    ]);
  });

  it("collects a call of a custom tool whole", () => {
    expect(
      calls(
        [{ index: 0, id: "a", type: "custom", custom: { name: "shell", input: "l" } }],
        [{ index: 0, custom: { input: "s" } }],
      ),
    ).toEqual([
      {
        type: "opaque",
        dialect: "openai-chat",
        kind: "custom_tool_call",
        value: { id: "a", type: "custom", custom: { name: "shell", input: "ls" } },
      },
    ]);
  });

  it("says tool-calls where the server said stop", () => {
    expect(folded([chunk({ tool_calls: [piece(0, "a", "f", "{}")] }), stop()]).finish).toEqual({
      reason: "tool-calls",
      raw: "stop",
    });
  });
});

describe("writing a stream for a client", () => {
  const events: readonly StreamEvent[] = read([
    chunk({ reasoning_content: "hm" }),
    chunk({ content: "a" }),
    chunk({ tool_calls: [piece(0, "a", "f", '{"n":1}')] }),
    chunk({ tool_calls: [piece(1, "b", "g", "{}")] }),
    chunk({}, { finish_reason: "tool_calls" }, { usage: { prompt_tokens: 2, completion_tokens: 1 }, system_fingerprint: "fp" }),
    DONE,
  ]);

  function write(echo: JsonObject, what: readonly StreamEvent[] = events): readonly string[] {
    const renderer = createOpenAIChatDialect().renderStream({ model: "m", echo });
    const text = what.map((event) => renderer.push(event)).join("");
    expect(text.endsWith("\n\n")).toBe(true);
    return text
      .split("\n\n")
      .slice(0, -1)
      .map((event) => {
        expect(event.startsWith("data: ")).toBe(true);
        return event.slice("data: ".length);
      });
  }

  it("is read again as what it was", () => {
    const again = folded(write({ includeUsage: true }));
    expect(compareCompletions(foldEvents(events), again)).toEqual([]);
    expect(again.vendor).toEqual(foldEvents(events).vendor);
  });

  it("begins with the role and ends with [DONE]", () => {
    const datas = write({});
    expect(JSON.parse(datas[0] ?? "")).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1700000000,
      model: "m",
      choices: [{ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }],
    });
    expect(datas.at(-1)).toBe(DONE);
  });

  it("tells usage in a chunk without choices, and only to a client that asked", () => {
    expect(write({}).some((data) => data.includes('"usage"'))).toBe(false);
    const datas = write({ includeUsage: true });
    expect(JSON.parse(datas.at(-2) ?? "")).toMatchObject({ choices: [], usage: { prompt_tokens: 2, total_tokens: 3 } });
    expect(JSON.parse(datas.at(1) ?? "")).toMatchObject({ usage: null });
  });

  it("ends a failed stream with an error and without [DONE]", () => {
    const error = new DragomanError({ code: "overloaded", detail: "busy" });
    const datas = write({}, [...events.slice(0, 3), { type: "error", error }]);
    expect(JSON.parse(datas.at(-1) ?? "")).toEqual({
      error: { message: error.message, type: "overloaded_error", param: null, code: "overloaded" },
    });
    expect(datas).not.toContain(DONE);
  });

  it("goes on after a restart while nothing was said, and fails after that", () => {
    const start: StreamEvent = { type: "start", id: "x", origin };
    const restart: StreamEvent = { type: "restart", reason: "first model failed" };
    const said = write({}, [start, restart, ...events]);
    expect(said.at(-1)).toBe(DONE);
    const failed = write({}, [...events.slice(0, 3), restart, ...events]);
    expect(JSON.parse(failed.at(-1) ?? "")).toHaveProperty("error");
  });

  it("speaks of functions to a client that does", () => {
    const renderer = createOpenAIChatDialect().renderStream({ model: "m", echo: { functions: true } });
    const text = events.map((event) => renderer.push(event)).join("");
    expect(text).toContain('"function_call":{"name":"f","arguments":""}');
    expect(text).toContain('"finish_reason":"function_call"');
    expect(text).not.toContain('"tool_calls":');
    expect(renderer.warnings).toHaveLength(1);
  });

  it("says what it has no room for", () => {
    const renderer = createOpenAIChatDialect().renderStream({ model: "m", echo: {} });
    renderer.push({ type: "start", id: "x", origin });
    const part = { type: "opaque" as const, dialect: "gemini", kind: "executableCode", value: {} };
    expect(renderer.push({ type: "part", index: 0, part })).toBe("");
    expect(renderer.warnings).toMatchObject([{ type: "lossy", path: "message.parts[0]" }]);
  });
});
