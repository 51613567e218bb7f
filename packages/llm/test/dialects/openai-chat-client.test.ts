import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import { createOpenAIChatDialect, type OpenAIChatQuirks } from "../../src/dialects/openai-chat/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";

const dialect = createOpenAIChatDialect();

function parse(body: JsonObject, quirks: OpenAIChatQuirks = {}) {
  return createOpenAIChatDialect(quirks).parseRequest({ path: "/v1/chat/completions", query: {}, headers: {}, body });
}

function rendered(body: JsonObject, quirks: OpenAIChatQuirks = {}): unknown {
  const { request, stream } = parse(body, quirks);
  const context = { stream, capabilities: UNKNOWN_CAPABILITIES };
  return createOpenAIChatDialect(quirks).renderRequest(request, context).body;
}

const user = { role: "user", content: "hi" };

function fieldOf(body: JsonObject): string | undefined {
  try {
    parse(body);
  } catch (error) {
    if (DragomanError.is(error) && error.code === "invalid_request") return error.field;
    throw error;
  }
  return "accepted";
}

describe("parsing a client's request", () => {
  it("gives back the body it was given, for messages of every kind", () => {
    const body = {
      model: "gpt-4o",
      messages: [
        { role: "system", content: [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }] },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "original" } },
            { type: "image_url", image_url: { url: "data:image/jpeg;base64,aGk=" } },
            { type: "input_audio", input_audio: { data: "aGk=", format: "mp3" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" } },
            { type: "file", file: { file_id: "file-1" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "f", arguments: '{ "a": 1 }' } },
            { id: "call_2", type: "function", function: { name: "f", arguments: "not json" }, extra_content: { google: {} } },
          ],
        },
        {
          role: "tool",
          tool_call_id: "call_1",
          content: [
            { type: "text", text: "x" },
            { type: "text", text: "y" },
          ],
        },
        { role: "tool", tool_call_id: "call_2", content: "z" },
        { role: "assistant", content: "spoken", audio: { id: "audio_1" } },
        { role: "assistant", content: null, refusal: "no" },
      ],
      tools: [
        { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } },
        { type: "custom", custom: { name: "shell" } },
      ],
      tool_choice: "auto",
      logprobs: true,
      top_logprobs: 2,
      service_tier: "flex",
      user: "u1",
      stop: ["a"],
    };
    expect(parse(body).warnings).toEqual([]);
    expect(rendered(body)).toEqual(body);
  });

  it("reads developer messages, one stop string and either token limit", () => {
    const { request } = parse({ model: "m", messages: [{ role: "developer", content: "x" }], stop: "END", max_tokens: 9 });
    expect(request.messages).toEqual([{ role: "system", parts: [{ type: "text", text: "x" }] }]);
    expect(request.stopSequences).toEqual(["END"]);
    expect(request.maxOutputTokens).toBe(9);
  });

  it("drops the nulls and empty lists that clients copy from answers", () => {
    const assistant = { role: "assistant", content: "ok", refusal: null, annotations: [], audio: null, function_call: null };
    const { request, warnings } = parse({ model: "m", messages: [{ ...user, name: null }, assistant], seed: null });
    expect(request.messages[1]).toEqual({ role: "assistant", parts: [{ type: "text", text: "ok" }] });
    expect(request).not.toHaveProperty("seed");
    expect(warnings).toEqual([]);
  });

  it("passes on an unknown field with a warning and a defined one without", () => {
    const { request, warnings } = parse({ model: "m", messages: [user], n: 2, verbosity: "low", provider: { only: ["x"] } });
    expect(request.vendorOptions).toEqual({ "openai-chat": { n: 2, verbosity: "low", provider: { only: ["x"] } } });
    expect(warnings).toMatchObject([{ type: "unknown-field", path: "provider" }]);
  });

  it("reads reasoning in any vendor's form where it has one meaning", () => {
    const reasoning = (fields: JsonObject): unknown => parse({ model: "m", messages: [user], ...fields }).request.reasoning;
    expect(reasoning({ reasoning_effort: "minimal" })).toEqual({ effort: "minimal" });
    expect(reasoning({ reasoning: { max_tokens: 100 } })).toEqual({ budgetTokens: 100 });
    expect(reasoning({ thinking: { type: "disabled" } })).toEqual({ effort: "none" });
    expect(reasoning({ enable_thinking: false })).toEqual({ effort: "none" });
    expect(reasoning({ chat_template_kwargs: { enable_thinking: false } })).toEqual({ effort: "none" });
    expect(reasoning({ enable_thinking: true })).toBeUndefined();
    expect(rendered({ model: "m", messages: [user], enable_thinking: true })).toMatchObject({ enable_thinking: true });
  });

  it("reads replayed reasoning and its details", () => {
    const details = [{ type: "reasoning.text", text: "hm", signature: "s", index: 0 }];
    const body = { model: "m", messages: [{ role: "assistant", content: "ok", reasoning: "hm", reasoning_details: details }] };
    expect(parse(body).request.messages[0]?.parts).toMatchObject([{ type: "reasoning", text: "hm" }, { type: "text" }]);
    expect(rendered(body, { reasoningReplay: "reasoning_details" })).toMatchObject({
      messages: [{ content: "ok", reasoning_details: details }],
    });
  });

  it("reads every shape of response format", () => {
    const schema = { type: "object", properties: {} };
    const output = (format: JsonObject): unknown =>
      parse({ model: "m", messages: [user], response_format: format }).request.output;
    expect(output({ type: "json_object" })).toEqual({ type: "json" });
    expect(output({ type: "json_schema", json_schema: { name: "a", schema, strict: true } })).toEqual({
      type: "json",
      schema,
      name: "a",
      strict: true,
    });
    expect(output({ type: "json_object", schema })).toEqual({ type: "json", schema });
    expect(output({ type: "grammar", grammar: "x" })).toBeUndefined();
  });

  it("understands the wire before tools, and answers in it", () => {
    const body = {
      model: "m",
      messages: [
        user,
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "1" },
      ],
      functions: [{ name: "f", parameters: { type: "object", properties: {} } }],
      function_call: { name: "f" },
    };
    const { request, client } = parse(body);
    expect(request.toolChoice).toEqual({ tool: "f" });
    expect(request.tools).toHaveLength(1);
    const [, assistant, tool] = request.messages;
    expect(assistant?.parts).toMatchObject([{ type: "tool-call", name: "f", id: "call_function_0" }]);
    expect(tool?.parts).toMatchObject([{ type: "tool-result", toolCallId: "call_function_0", toolName: "f" }]);
    const answer = dialect.renderResponse(
      {
        id: "c1",
        origin: { dialect: "x", provider: "y", model: "m" },
        message: { role: "assistant", parts: [{ type: "tool-call", id: "a", name: "f", arguments: {} }] },
        finish: { reason: "tool-calls" },
        usage: {},
        warnings: [],
      },
      client,
    );
    expect(answer.body.choices).toMatchObject([
      { message: { function_call: { name: "f", arguments: "{}" } }, finish_reason: "function_call" },
    ]);
  });

  it("gives each result the name of the call that it answers", () => {
    const { request } = parse({
      model: "m",
      messages: [
        { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "" } }] },
        { role: "tool", tool_call_id: "c", content: "" },
      ],
    });
    expect(request.messages[1]?.parts).toMatchObject([{ toolName: "f", content: [] }]);
  });

  it("keeps a content part that it does not know, with a warning", () => {
    const body = { model: "m", messages: [{ role: "user", content: [{ type: "hologram", data: 1 }] }] };
    expect(parse(body).warnings).toMatchObject([{ type: "unknown-field", path: "messages[0].content[0]" }]);
    expect(rendered(body)).toEqual(body);
  });

  it("refuses a malformed body with the path of the field", () => {
    expect(fieldOf({ messages: [user] })).toBe("model");
    expect(fieldOf({ model: "m", messages: [] })).toBe("messages");
    expect(fieldOf({ model: "m", messages: [{ role: "robot" }] })).toBe("messages[0].role");
    expect(fieldOf({ model: "m", messages: [{ role: "user", content: [{ type: "image_url" }] }] })).toBe(
      "messages[0].content[0].image_url.url",
    );
    expect(fieldOf({ model: "m", messages: [user], temperature: "hot" })).toBe("temperature");
    expect(fieldOf({ model: "m", messages: [user], tools: [{ type: "function", function: {} }] })).toBe("tools[0].function.name");
    expect(fieldOf({ model: "m", messages: [user], tool_choice: "perhaps" })).toBe("tool_choice");
    expect(fieldOf({ model: "m", messages: [{ role: "tool", content: "x" }] })).toBe("messages[0].tool_call_id");
  });
});

describe("telling a client an error", () => {
  it("uses OpenAI's words, status and retry headers", () => {
    const error = new DragomanError({
      code: "rate_limited",
      detail: "slow down",
      provider: "p",
      status: 429,
      retryAfterMs: 1500,
    });
    expect(dialect.renderError(error)).toEqual({
      status: 429,
      headers: { "x-should-retry": "true", "retry-after": "2", "retry-after-ms": "1500" },
      body: { error: { message: error.message, type: "rate_limit_error", param: null, code: "rate_limit_exceeded" } },
    });
  });

  it("is understood again by the reader of errors", () => {
    for (const code of ["context_overflow", "quota_exceeded", "rate_limited", "model_not_found", "authentication"] as const) {
      const { status, headers, body } = dialect.renderError(new DragomanError({ code, detail: "words" }));
      const parsed = dialect.parseError({ status, headers, body: JSON.stringify(body) }, { provider: "p", model: "m" });
      expect(parsed.code).toBe(code);
    }
  });
});

describe("the listing of models", () => {
  it("reads window sizes and features under several names, and tells its own", () => {
    const models = dialect.models?.parseResponse({
      data: [
        { id: "a", created: 5, context_window: 4096, max_completion_tokens: 1024, name: "A" },
        { id: "b", supported_parameters: ["tools"], architecture: { input_modalities: ["text", "image"] } },
        { object: "model" },
      ],
    });
    expect(models).toEqual([
      { id: "a", displayName: "A", createdAt: 5, facts: { contextWindowTokens: 4096, outputTokensMax: 1024 } },
      { id: "b", facts: { images: true, audio: false, tools: true, jsonMode: false, jsonSchema: false, reasoning: false } },
    ]);
    expect(dialect.models?.parseResponse([{ id: "c" }])).toEqual([{ id: "c" }]);
    const row = { id: "a", provider: "p", capabilities: UNKNOWN_CAPABILITIES, createdAt: 5, source: "vendor" as const };
    expect(dialect.models?.renderResponse([row])).toEqual({
      object: "list",
      data: [{ id: "a", object: "model", created: 5, owned_by: "p" }],
    });
  });
});
