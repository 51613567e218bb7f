import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { compareCompletions, foldEvents } from "../../src/testing/laws.ts";
import {
  block,
  client,
  context,
  cut,
  dialect,
  event,
  messageEnd,
  messageStart,
  read,
  readCompletion,
  write,
} from "./anthropic-messages-fixtures.ts";

const text = (words: string): JsonObject => ({ type: "text_delta", text: words });
const input = (json: string): JsonObject => ({ type: "input_json_delta", partial_json: json });
const call = { type: "tool_use", id: "toolu_1", name: "f", input: {} };
const citation = {
  type: "char_location",
  cited_text: "a",
  document_index: 0,
  document_title: "T",
  start_char_index: 0,
  end_char_index: 1,
};

/** A stream with a block of every kind, and the same as a finished answer. */
const everything = [
  messageStart({ input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 0, output_tokens: 1 }),
  event("ping"),
  ...block(
    0,
    { type: "thinking", thinking: "", signature: "" },
    { type: "thinking_delta", thinking: "Hm." },
    { type: "signature_delta", signature: "s1" },
  ),
  ...block(1, { type: "thinking", thinking: "", signature: "" }, { type: "signature_delta", signature: "s2" }),
  ...block(2, { type: "redacted_thinking", data: "xyz" }),
  ...block(3, { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} }, input('{"query":'), input('"paris"}')),
  ...block(4, {
    type: "web_search_tool_result",
    tool_use_id: "srv_1",
    content: [{ type: "web_search_result", url: "https://example.com" }],
  }),
  ...block(5, { type: "text", text: "", citations: [] }, { type: "citations_delta", citation }, text("18"), text(" °C")),
  ...block(6, { ...call, caller: { type: "direct" } }, input(""), input('{"city": '), input('"Paris"}')),
  ...messageEnd("tool_use", { output_tokens: 50, cache_read_input_tokens: null }, { container: { id: "c1" } }),
];
const finished = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  content: [
    { type: "thinking", thinking: "Hm.", signature: "s1" },
    { type: "thinking", thinking: "", signature: "s2" },
    { type: "redacted_thinking", data: "xyz" },
    { type: "server_tool_use", id: "srv_1", name: "web_search", input: { query: "paris" } },
    {
      type: "web_search_tool_result",
      tool_use_id: "srv_1",
      content: [{ type: "web_search_result", url: "https://example.com" }],
    },
    { type: "text", text: "18 °C", citations: [citation] },
    { type: "tool_use", id: "toolu_1", name: "f", input: { city: "Paris" } },
  ],
  container: { id: "c1" },
  stop_reason: "tool_use",
  stop_sequence: null,
  usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 0, output_tokens: 50 },
};

function last(events: readonly StreamEvent[]): StreamEvent | undefined {
  return events.at(-1);
}

describe("a stream of Anthropic", () => {
  it("folds to what the finished answer would have been, whatever its blocks", () => {
    const completion = readCompletion(everything);
    const expected = dialect.parseResponse(finished, context);
    expect(compareCompletions(expected, completion)).toEqual([]);
    expect(completion.vendor).toEqual(expected.vendor);
    expect(completion.usage.raw).toEqual(finished.usage);
  });

  it("gives text away piece by piece", () => {
    const events = read([messageStart(), ...block(0, { type: "text", text: "" }, text("a"), text("b")), ...messageEnd()]);
    expect(events.map((item) => item.type)).toEqual([
      "start",
      "usage",
      "text-start",
      "text-delta",
      "text-delta",
      "text-end",
      "usage",
      "finish",
    ]);
    expect(events[0]).toMatchObject({ id: "msg_1", origin: { model: "claude-sonnet-4-5-20250929", provider: "anthropic" } });
  });

  it("does not let the later report erase figures by null or omission", () => {
    const start = { input_tokens: 10, cache_read_input_tokens: 7, cache_creation_input_tokens: 3, output_tokens: 1 };
    const { usage } = readCompletion([
      messageStart(start),
      ...messageEnd("end_turn", { input_tokens: null, cache_read_input_tokens: null, output_tokens: 9 }),
    ]);
    expect(usage).toMatchObject({ inputTokens: 20, cacheReadTokens: 7, cacheWriteTokens: 3, outputTokens: 9 });
  });

  it("takes cumulative input from the later report, as some servers only know it then", () => {
    const later = { input_tokens: 100, cache_read_input_tokens: 50, output_tokens: 9 };
    const { usage } = readCompletion([messageStart({ input_tokens: 0, output_tokens: 0 }), ...messageEnd("end_turn", later)]);
    expect(usage).toMatchObject({ inputTokens: 150, cacheReadTokens: 50, outputTokens: 9 });
  });

  it("counts a message_start that comes twice once", () => {
    const events = read([messageStart(), messageStart(), ...block(0, { type: "text", text: "" }, text("a")), ...messageEnd()]);
    expect(events.filter((item) => item.type === "start")).toHaveLength(1);
  });

  it("ignores pings, unknown events and an OpenAI-like end marker", () => {
    const { message, finish } = readCompletion([
      messageStart(),
      event("ping"),
      event("vertex_event", { a: 1 }),
      ...block(0, { type: "text", text: "" }, text("a"), { type: "new_delta", text: "x" }),
      ...messageEnd(),
      { data: "[DONE]" },
    ]);
    expect(message.parts).toEqual([{ type: "text", text: "a" }]);
    expect(finish.reason).toBe("stop");
  });

  it("reads input and text that come whole with the block's beginning", () => {
    const { message } = readCompletion([
      messageStart(),
      ...block(0, { type: "text", text: "whole", citations: [citation] }),
      ...block(1, { ...call, input: { a: 1 } }),
      ...messageEnd("tool_use"),
    ]);
    expect(message.parts).toMatchObject([
      { type: "text", text: "whole" },
      { type: "source", title: "T" },
      { type: "tool-call", arguments: { a: 1 } },
    ]);
  });

  it("reads a call without input as one without arguments", () => {
    const { message } = readCompletion([messageStart(), ...block(0, call, input("")), ...messageEnd("tool_use")]);
    expect(message.parts).toEqual([{ type: "tool-call", id: "toolu_1", name: "f", arguments: {} }]);
  });

  it("keeps arguments that are not JSON and marks the call", () => {
    const { message } = readCompletion([messageStart(), ...block(0, call, input('{"a":')), ...messageEnd("max_tokens")]);
    expect(message.parts).toMatchObject([{ type: "tool-call", argumentsText: '{"a":', invalid: expect.any(String) }]);
  });

  it("reads deltas whose block never began", () => {
    const { message } = readCompletion([
      messageStart(),
      event("content_block_delta", { index: 0, delta: text("a") }),
      ...messageEnd(),
    ]);
    expect(message.parts).toEqual([{ type: "text", text: "a" }]);
  });

  it("puts blocks of unknown kinds together from their deltas", () => {
    const { message } = readCompletion([
      messageStart(),
      ...block(0, { type: "compaction", content: "a" }, { type: "compaction_delta", content: "b", extra: 1 }),
      ...messageEnd("compaction"),
    ]);
    expect(message.parts).toEqual([
      {
        type: "opaque",
        dialect: "anthropic-messages",
        kind: "compaction",
        value: { type: "compaction", content: "ab", extra: 1 },
      },
    ]);
  });

  it("reads content that stands in the message's beginning", () => {
    const content = [{ type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } }];
    const { message } = readCompletion([
      event("message_start", { message: { id: "m", content, usage: { input_tokens: 1, output_tokens: 1 } } }),
      ...messageEnd("tool_use"),
    ]);
    expect(message.parts).toMatchObject([{ type: "tool-call", arguments: { a: 1 } }]);
  });

  it("ends in an error that keeps what had arrived when the wire ends early", () => {
    const events = read([
      messageStart(),
      event("content_block_start", { index: 0, content_block: { type: "text", text: "par" } }),
    ]);
    expect(last(events)).toMatchObject({
      type: "error",
      error: { code: "stream_truncated", retryable: true, provider: "anthropic" },
    });
    expect(foldEvents(events)).toMatchObject({ message: { parts: [{ text: "par" }] }, usage: { inputTokens: 10 } });
  });

  it("is not complete with a stop reason alone", () => {
    const [delta] = messageEnd();
    expect(last(read([messageStart(), ...(delta === undefined ? [] : [delta])]))).toMatchObject({
      error: { code: "stream_truncated" },
    });
  });

  it("ends in the vendor's error when one comes inside the 200, and in nothing after it", () => {
    const events = read([
      messageStart(),
      event("content_block_start", { index: 0, content_block: { type: "text", text: "par" } }),
      event("error", { error: { type: "overloaded_error", message: "Overloaded" } }),
      ...messageEnd(),
    ]);
    expect(last(events)).toMatchObject({ type: "error", error: { code: "overloaded", vendorCode: "overloaded_error" } });
    expect(foldEvents(events).message.parts).toEqual([{ type: "text", text: "par" }]);
  });

  it("sees an error of another shape, also as the first event", () => {
    expect(last(read([{ data: '{"error":{"message":"no capacity","code":503}}' }]))).toMatchObject({
      error: { code: "overloaded" },
    });
    expect(last(read([{ event: "error", data: '{"detail":"broken"}' }]))).toMatchObject({ type: "error" });
  });

  it("ends in invalid_response at an event that is not JSON", () => {
    expect(last(read([messageStart(), { event: "content_block_delta", data: '{"type":' }]))).toMatchObject({
      error: { code: "invalid_response" },
    });
  });
});

describe("a stream for a client", () => {
  it("comes back as what went in, whatever its blocks", () => {
    const events = read(everything);
    const { text: wire, details } = write(events);
    expect(details).toEqual([]);
    const again = read(cut(wire));
    // The client is told the model under the name that it asked for.
    const renamed = { ...foldEvents(events), origin: { ...foldEvents(again).origin } };
    expect(compareCompletions(renamed, foldEvents(again))).toEqual([]);
    expect(foldEvents(again).vendor).toEqual(foldEvents(events).vendor);
  });

  it("begins with the input that Anthropic reported", () => {
    const [start] = cut(write(read([messageStart(), ...messageEnd()])).text);
    expect(JSON.parse(start?.data ?? "")).toMatchObject({
      type: "message_start",
      message: { id: "msg_1", model: client.model, content: [], usage: { input_tokens: 10 } },
    });
  });

  const origin = { dialect: "openai-chat", provider: "openai", model: "gpt-x" };
  const start = { type: "start", id: "c1", origin } as const;

  it("begins at once for other vendors, and tells cumulative usage at the end", () => {
    const { text: wire } = write([
      start,
      { type: "finish", finish: { reason: "stop" }, usage: { inputTokens: 4, outputTokens: 2 } },
    ]);
    expect(cut(wire).map((item) => item.event)).toEqual(["message_start", "message_delta", "message_stop"]);
    expect(JSON.parse(cut(wire)[1]?.data ?? "")).toMatchObject({ usage: { input_tokens: 4, output_tokens: 2 } });
    expect(dialect.renderStream(client).push(start)).toContain("message_start");
  });

  it("sends parts that are open at the same time one after another", () => {
    const events: StreamEvent[] = [
      start,
      { type: "tool-call-start", index: 0, id: "a", name: "f" },
      { type: "tool-call-start", index: 1, id: "b", name: "g" },
      { type: "tool-call-delta", index: 1, text: '{"y":' },
      { type: "tool-call-delta", index: 0, text: '{"x":1}' },
      { type: "tool-call-start", index: 2, id: "c", name: "h" },
      { type: "tool-call-delta", index: 1, text: "2}" },
      { type: "tool-call-end", index: 1 },
      { type: "tool-call-end", index: 0 },
      { type: "tool-call-end", index: 2 },
      { type: "finish", finish: { reason: "tool-calls" }, usage: { inputTokens: 1, outputTokens: 1 } },
    ];
    const wire = cut(write(events).text);
    expect(wire.map((item) => item.event?.replace("content_block_", ""))).toEqual([
      "message_start",
      "start",
      "delta",
      "stop",
      "start",
      "delta",
      "delta",
      "stop",
      "start",
      "stop",
      "message_delta",
      "message_stop",
    ]);
    expect(foldEvents(read(wire)).message.parts).toMatchObject(foldEvents(events).message.parts);
  });

  it("ends with an error event when it fails, and with nothing after it", () => {
    const renderer = dialect.renderStream(client);
    const events = read([messageStart(), event("error", { error: { type: "rate_limit_error", message: "slow down" } })]);
    const wire = events.map((item) => renderer.push(item)).join("");
    expect(wire).toMatch(
      /event: error\ndata: \{"type":"error","error":\{"type":"rate_limit_error","message":"slow down\. Next: [^"]+"\}\}\n\n$/,
    );
    expect(renderer.push(start)).toBe("");
  });

  it("begins again unnoticed before anything was sent, and fails after", () => {
    const restart = { type: "restart", reason: "timeout" } as const;
    const begun = { type: "text-start", index: 0 } as const;
    const finish = { type: "finish", finish: { reason: "stop" }, usage: { inputTokens: 1, outputTokens: 1 } } as const;
    const unnoticed = cut(write([start, restart, start, begun, { type: "text-end", index: 0 }, finish]).text);
    expect(unnoticed.map((item) => item.event)).toEqual([
      "message_start",
      "content_block_start",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(cut(write([start, begun, restart, start, finish]).text).at(-1)?.event).toBe("error");
  });

  it("reports what it has no room for", () => {
    const { details } = write([
      start,
      { type: "reasoning-start", index: 0 },
      { type: "reasoning-end", index: 0, vendor: { "other-wire": { sealed: "x" } } },
      { type: "part", index: 1, part: { type: "source", url: "https://example.com" } },
      { type: "part", index: 2, part: { type: "image", source: { type: "data", data: "" } } },
      { type: "part", index: 3, part: { type: "opaque", dialect: "gemini", kind: "code", value: {} } },
      { type: "refusal-start", index: 4 },
      { type: "refusal-delta", index: 4, text: "No." },
      { type: "refusal-end", index: 4 },
      { type: "finish", finish: { reason: "error", raw: "failed" }, usage: {} },
    ]);
    expect(details).toEqual([
      expect.stringContaining("sealed reasoning of other-wire"),
      expect.stringContaining("image parts"),
      expect.stringContaining("code block of gemini"),
      expect.stringContaining("refusal"),
      expect.stringContaining("did not report input and output"),
      expect.stringContaining("1 sources"),
      expect.stringContaining("no word for the finish error"),
    ]);
  });
});
