import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import { createOllamaDialect } from "../../src/dialects/ollama/index.ts";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { reasoningOf } from "../../src/message.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const context = { provider: "somebody", model: "m" };
const client = { model: "m", echo: {} };

describe("an answer of Responses with one top-level string of reasoning", () => {
  it("keeps it as reasoning before the text", () => {
    const content = [{ type: "output_text", text: "four", annotations: [] }];
    const output = [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content }];
    const body = { id: "resp_1", object: "response", status: "completed", model: "m", output, reasoning: "two and two" };
    const dialect = createOpenAIResponsesDialect();
    const completion = dialect.parseResponse(body, context);
    expect(reasoningOf(completion.message)).toBe("two and two");
    expect(completion.message.parts.map((part) => part.type)).toEqual(["reasoning", "text"]);
  });

  it("does not take the settings of reasoning for it", () => {
    const settings = { effort: "low", summary: null };
    const body = { id: "r", object: "response", status: "completed", model: "m", output: [], reasoning: settings };
    expect(createOpenAIResponsesDialect().parseResponse(body, context).message.parts).toEqual([]);
  });
});

describe("usage of Responses", () => {
  it("leaves reasoning unknown that contradicts the sum", () => {
    const details = { output_tokens_details: { reasoning_tokens: 37 } };
    const usage = { input_tokens: 57, output_tokens: 10, total_tokens: 67, ...details };
    const body = { id: "r", object: "response", status: "completed", model: "m", output: [], usage };
    const { raw: _raw, ...rest } = createOpenAIResponsesDialect().parseResponse(body, context).usage;
    expect(rest).toEqual({ inputTokens: 57, outputTokens: 10 });
  });
});

describe("a function tool of Responses that is nested as in Chat Completions", () => {
  const dialect = createOpenAIResponsesDialect();
  const read = (tool: JsonObject) => {
    const body = { model: "m", input: "hi", tools: [tool] };
    return dialect.parseRequest({ path: "/v1/responses", query: {}, headers: {}, body });
  };

  it("is read as the function that it names", () => {
    const parameters = { type: "object", properties: { a: { type: "integer" } } };
    const { request } = read({ type: "function", function: { name: "add", description: "Adds", parameters } });
    expect(request.tools).toMatchObject([{ name: "add", description: "Adds", inputSchema: parameters }]);
  });

  it("goes back as it came where it has its name outside, which is all that the vendor reads", () => {
    const tool = { type: "function", name: "add", function: { name: "add", parameters: { type: "object" }, strict: true } };
    const { request, warnings } = read(tool);
    expect(warnings.map((warning) => warning.path)).toEqual(["tools[0].function"]);
    const { body } = dialect.renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    expect(body?.tools).toMatchObject([tool]);
  });
});

describe("who called a tool, in a rendered stream of Messages", () => {
  const dialect = createAnthropicMessagesDialect();
  const read = (events: readonly (readonly [string, JsonObject])[]): StreamEvent[] => {
    const parser = dialect.parseStream(context);
    const out: StreamEvent[] = [];
    for (const [event, fields] of events) parser.push({ event, data: JSON.stringify({ type: event, ...fields }) }, out);
    parser.end(out);
    return out;
  };
  const stream = (block: JsonObject): StreamEvent[] =>
    read([
      ["message_start", { message: { id: "msg_1", model: "m", role: "assistant", content: [], usage: { input_tokens: 1 } } }],
      ["content_block_start", { index: 0, content_block: block }],
      ["content_block_stop", { index: 0 }],
      ["message_delta", { delta: { stop_reason: "tool_use" }, usage: { output_tokens: 2 } }],
      ["message_stop", {}],
    ]);
  const render = (events: readonly StreamEvent[]) => {
    const renderer = dialect.renderStream(client);
    const text = events.map((event) => renderer.push(event)).join("");
    return { text, warnings: renderer.warnings };
  };

  it("is the model itself, unless the vendor said otherwise", () => {
    const call = { type: "tool_use", id: "toolu_1", name: "clock", input: {} };
    const events = stream({ ...call, caller: { type: "direct" } });
    const { text, warnings } = render(events);
    expect(text).toContain('"caller":{"type":"direct"}');
    expect(warnings).toEqual([]);
    expect(compareCompletions(foldEvents(stream(call)), foldEvents(events))).toEqual([]);
  });

  it("is told, or warned of, where it is another", () => {
    const caller = { type: "code_execution_20250825", tool_id: "srvtoolu_1" };
    const { text, warnings } = render(stream({ type: "tool_use", id: "toolu_1", name: "clock", input: {}, caller }));
    const isWarned = warnings.some((warning) => warning.detail.includes("caller"));
    expect(text.includes("code_execution_20250825") || isWarned).toBe(true);
  });

  it("is told of fields of texts too, that come too late", () => {
    const { warnings } = render(stream({ type: "text", text: "hi", tone: "warm" }));
    expect(warnings.map((warning) => warning.detail).join()).toContain("tone");
  });
});

describe("fields of an Ollama answer that nobody defined", () => {
  const dialect = createOllamaDialect({});
  const call = { id: "call_1", origin: "parser", function: { index: 0, name: "clock", arguments: {}, score: 3 } };
  const body = {
    model: "m",
    created_at: "2025-01-01T00:00:00Z",
    message: { role: "assistant", content: "", mood: "calm", tool_calls: [call] },
    done: true,
    done_reason: "stop",
  };

  it("stay with the call and the message, and go back to a client", () => {
    const completion = dialect.parseResponse(body, context);
    expect(completion.message.parts).toMatchObject([
      { vendor: { ollama: { call: { origin: "parser" }, function: { score: 3 } } } },
    ]);
    const rendered = dialect.renderResponse(completion, client);
    expect(rendered.body).toMatchObject({ message: { mood: "calm", tool_calls: [call] } });
  });

  it("stay with the call in a stream", () => {
    const parser = dialect.parseStream(context);
    const events: StreamEvent[] = [];
    parser.push({ data: JSON.stringify(body) }, events);
    parser.end(events);
    const folded = foldEvents(events);
    expect(folded.message.parts).toMatchObject([{ vendor: { ollama: { call: { origin: "parser" }, function: { score: 3 } } } }]);
    expect(folded.vendor?.ollama?.message).toEqual({ mood: "calm" });
  });

  it("are named in a warning where a client sent them", () => {
    const request = { model: "m", messages: [{ role: "assistant", content: "", tool_calls: [call] }] };
    const { warnings } = dialect.parseRequest({ path: "/api/chat", query: {}, headers: {}, body: request });
    expect(warnings.map((warning) => warning.path)).toEqual([
      "messages[0].tool_calls[0].origin",
      "messages[0].tool_calls[0].function.score",
    ]);
  });
});

describe("thinking of Messages in words that are not known yet", () => {
  it("goes on as it came", () => {
    const dialect = createAnthropicMessagesDialect();
    const thinking = { type: "enabled", budget_tokens: 2048, display: "streamed", depth: 3 };
    const body = { model: "claude-sonnet-4-5", max_tokens: 4096, messages: [{ role: "user", content: "hi" }], thinking };
    const { request } = dialect.parseRequest({ path: "/v1/messages", query: {}, headers: {}, body });
    const rendered = dialect.renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    expect(rendered.body?.thinking).toEqual(thinking);
  });
});

describe("an empty event in a stream of Messages", () => {
  it("says nothing", () => {
    const parser = createAnthropicMessagesDialect().parseStream(context);
    const events: StreamEvent[] = [];
    parser.push({ data: "" }, events);
    expect(events).toEqual([]);
  });
});
