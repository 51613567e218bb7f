import { describe, expect, it } from "vitest";
import { type Capabilities, UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import { createOpenAIResponsesDialect, type OpenAIResponsesQuirks } from "../../src/dialects/openai-responses/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import { type AssistantMessage, assistantMessage, systemMessage, toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";

const ORIGIN = { dialect: "openai-responses", provider: "openai", model: "gpt-5-2025-08-07" };

function render(
  request: Partial<CompletionRequest>,
  quirks?: OpenAIResponsesQuirks,
  capabilities: Capabilities = UNKNOWN_CAPABILITIES,
) {
  const whole: CompletionRequest = { model: "gpt-5", messages: [userMessage("Hi")], ...request };
  const rendered = createOpenAIResponsesDialect(quirks).renderRequest(whole, { stream: false, capabilities });
  return { ...rendered, body: rendered.body ?? {} };
}

function parse(body: JsonObject, quirks?: OpenAIResponsesQuirks) {
  return createOpenAIResponsesDialect(quirks).parseRequest({ path: "/v1/responses", query: {}, headers: {}, body });
}

function refusal(body: unknown): DragomanError {
  try {
    createOpenAIResponsesDialect().parseRequest({ path: "/v1/responses", query: {}, headers: {}, body });
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("the body was accepted");
}

const WEATHER_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

const REQUESTS: Readonly<Record<string, Partial<CompletionRequest>>> = {
  "a plain question": {},
  "a system message": { messages: [systemMessage("Be brief."), userMessage("Hi")] },
  "every sampling setting of the wire": { maxOutputTokens: 100, temperature: 0, topP: 0.5, parallelToolCalls: false },
  reasoning: { reasoning: { effort: "xhigh", summary: "detailed" } },
  "reasoning without a summary": { reasoning: { effort: "none", summary: "none" } },
  "JSON output": { output: { type: "json" } },
  "JSON output by a strict schema": {
    output: { type: "json", schema: WEATHER_SCHEMA, name: "weather", description: "The weather.", strict: true },
  },
  "JSON output by a nameless schema": { output: { type: "json", schema: WEATHER_SCHEMA } },
  "text output": { output: { type: "text" } },
  metadata: { metadata: { user: "u-1", tags: { team: "red" } } },
  "a cache key": { cache: [{ stable: "system", key: "k", timeToLive: "24h" }] },
  "vendor options": {
    vendorOptions: { "openai-responses": { truncation: "auto", service_tier: "flex", text: { verbosity: "low" } } },
  },
  "no storage": { vendorOptions: { "openai-responses": { store: false } } },
  "no storage and no encrypted reasoning": { vendorOptions: { "openai-responses": { store: false, include: [] } } },
  tools: {
    tools: [
      { name: "weather", description: "Tells the weather.", inputSchema: WEATHER_SCHEMA, strict: true },
      { name: "loose", inputSchema: { type: "object", properties: { x: { minLength: 3 } } } },
      {
        type: "vendor",
        dialect: "openai-responses",
        name: "web_search",
        value: { type: "web_search", search_context_size: "low" },
      },
    ],
    toolChoice: { tool: "weather" },
  },
  "a tool loop": {
    messages: [
      userMessage("Weather?"),
      assistantMessage([
        { type: "text", text: "Let me look." },
        { type: "tool-call", id: "call_1", name: "weather", arguments: { city: "Bern" } },
        { type: "tool-call", id: "call_2", name: "weather", arguments: {}, argumentsText: "{ }" },
      ]),
      toolResult({ id: "call_1", name: "weather" }, "sunny"),
      userMessage("Thanks"),
    ].map((message) =>
      // The name of the tool is not on the wire.
      message.role === "tool" ? { ...message, parts: message.parts.map(({ toolName: _name, ...part }) => part) } : message,
    ),
  },
  media: {
    messages: [
      userMessage([
        { type: "text", text: "Look:" },
        { type: "image", source: { type: "data", data: "aGk=" }, mediaType: "image/png", detail: "low" },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        { type: "image", source: { type: "reference", provider: "openai", id: "file-1" } },
        { type: "file", source: { type: "data", data: "aGk=" }, mediaType: "application/pdf", name: "a.pdf" },
        { type: "file", source: { type: "url", url: "https://example.com/a.pdf" }, mediaType: "application/pdf" },
      ]),
    ],
  },
  "two assistant texts that are two items": {
    messages: [
      userMessage("Hi"),
      assistantMessage([
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ]),
      userMessage("More"),
    ],
  },
};

describe("a request that goes out and comes back", () => {
  it.each(Object.entries(REQUESTS))("is what it was: %s", (_name, given) => {
    const request: CompletionRequest = { model: "gpt-5", messages: [userMessage("Hi")], ...given };
    const { body, warnings } = render(request);
    const parsed = parse(JSON.parse(JSON.stringify(body)));
    expect(parsed.request).toEqual(request);
    expect([...warnings, ...parsed.warnings]).toEqual([]);
  });
});

const BODIES: Readonly<Record<string, JsonObject>> = {
  "a string": { model: "m", input: "Hi" },
  "every role in short form": {
    model: "m",
    input: [
      { role: "system", content: "s" },
      { role: "developer", content: "d" },
      { role: "user", content: "u" },
      { role: "assistant", content: "a" },
    ],
  },
  "full items with their ids and phase": {
    model: "m",
    instructions: "Be brief.",
    input: [
      {
        type: "message",
        role: "user",
        id: "msg_0",
        status: "completed",
        content: [
          { type: "input_text", text: "u" },
          { type: "input_text", text: "v" },
        ],
      },
      {
        type: "reasoning",
        id: "rs_1",
        summary: [
          { type: "summary_text", text: "a" },
          { type: "summary_text", text: "b" },
        ],
        encrypted_content: "gAAA+/=",
      },
      {
        type: "message",
        role: "assistant",
        id: "msg_1",
        status: "completed",
        phase: "commentary",
        content: [
          {
            type: "output_text",
            text: "a",
            annotations: [{ type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 1 }],
          },
          { type: "refusal", refusal: "no" },
        ],
      },
      {
        type: "function_call",
        id: "fc_1",
        call_id: "call_1",
        name: "f",
        arguments: '{ "a": 1 }',
        status: "completed",
        namespace: "n",
      },
      {
        type: "function_call_output",
        call_id: "call_1",
        output: [
          { type: "input_text", text: "a" },
          { type: "input_image", image_url: "https://e.com/a.png" },
        ],
      },
    ],
  },
  "items that only this wire knows": {
    model: "m",
    input: [
      { role: "user", content: "u" },
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
      { type: "mcp_approval_request", id: "mcpr_1", arguments: "{}", name: "n", server_label: "s" },
      { type: "mcp_approval_response", approval_request_id: "mcpr_1", approve: true },
      { type: "compaction", id: "cmp_1", encrypted_content: "gAAA" },
      { type: "custom_tool_call", call_id: "c", name: "n", input: "text" },
      { type: "custom_tool_call_output", call_id: "c", output: "done" },
      { type: "message", role: "assistant", id: "msg_9", status: "completed", content: [] },
      { type: "item_reference", id: "rs_9" },
    ],
  },
  "vendor settings": {
    model: "m",
    input: "Hi",
    tools: [
      { type: "function", name: "f", parameters: { type: "object" }, defer_loading: true },
      { type: "mcp", server_label: "s", server_url: "https://e.com" },
    ],
    tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
    reasoning: { effort: "low", context: "all_turns" },
    text: { format: { type: "json_object" }, verbosity: "low" },
    include: ["message.output_text.logprobs"],
    previous_response_id: "resp_0",
    prompt_cache_retention: "in_memory",
    safety_identifier: "u",
    background: true,
  },
};

describe("a client's body", () => {
  it.each(Object.entries(BODIES))("is rendered again as it came: %s", (_name, body) => {
    const { request } = parse(body);
    const expected = typeof body.input === "string" ? { ...body, input: [{ role: "user", content: body.input }] } : body;
    expect(render(request).body).toEqual(expected);
  });

  it("becomes one assistant message a turn, and one message for the results", () => {
    const { request } = parse(BODIES["full items with their ids and phase"] ?? {});
    expect(request.messages.map((message) => message.role)).toEqual(["system", "user", "assistant", "tool"]);
    expect(request.messages[2]?.parts.map((part) => part.type)).toEqual(["reasoning", "text", "source", "refusal", "tool-call"]);
  });

  it("may be streamed", () => {
    expect(parse({ model: "m", input: "Hi", stream: true }).stream).toBe(true);
    expect(parse({ model: "m", input: "Hi" }).stream).toBe(false);
  });

  it("keeps unknown fields for this wire and reports them", () => {
    const parsed = parse({
      model: "m",
      input: "Hi",
      sparkle: 3,
      tools: [{ type: "function", name: "f", parameters: {}, glow: 1 }],
    });
    expect(parsed.request.vendorOptions).toEqual({ "openai-responses": { sparkle: 3 } });
    expect(parsed.warnings.map(({ type, path }) => `${type} ${path}`)).toEqual([
      "unknown-field sparkle",
      "unknown-field tools[0].glow",
    ]);
  });

  it("is told that what only the vendor keeps is of no use to others", () => {
    const parsed = parse({ model: "m", previous_response_id: "resp_1", input: [{ type: "item_reference", id: "rs_1" }] });
    expect(parsed.warnings.map((warning) => warning.path)).toEqual(["previous_response_id", "input[0]"]);
    expect(parsed.request.messages).toEqual([
      {
        role: "assistant",
        parts: [
          { type: "opaque", dialect: "openai-responses", kind: "item_reference", value: { type: "item_reference", id: "rs_1" } },
        ],
      },
    ]);
  });

  it("reports an item of an unknown type and passes it on", () => {
    const item = { type: "telepathy_call", id: "t" };
    const parsed = parse({ model: "m", input: [item] });
    expect(parsed.warnings).toMatchObject([{ type: "unknown-field", path: "input[0].type" }]);
    expect(render(parsed.request).body.input).toEqual([item]);
  });

  it.each([
    ["model", { input: "Hi" }],
    ["input", { model: "m" }],
    ["input", { model: "m", input: 3 }],
    ["input[0]", { model: "m", input: ["Hi"] }],
    ["input[0].role", { model: "m", input: [{ role: "wizard", content: "x" }] }],
    ["input[0].content[0].type", { model: "m", input: [{ role: "user", content: [{ text: "x" }] }] }],
    ["input[0].content[0].text", { model: "m", input: [{ role: "user", content: [{ type: "input_text" }] }] }],
    ["input[0].content[0]", { model: "m", input: [{ role: "user", content: [{ type: "input_image" }] }] }],
    ["input[0].content[0].text", { model: "m", input: [{ role: "assistant", content: [{ type: "output_text", text: 1 }] }] }],
    ["input[0].call_id", { model: "m", input: [{ type: "function_call", name: "f", arguments: "{}" }] }],
    ["input[0].output", { model: "m", input: [{ type: "function_call_output", call_id: "c" }] }],
    ["tools[1].name", { model: "m", input: "x", tools: [{ type: "web_search" }, { type: "function" }] }],
    ["tool_choice", { model: "m", input: "x", tool_choice: "maybe" }],
    ["temperature", { model: "m", input: "x", temperature: "hot" }],
    ["max_output_tokens", { model: "m", input: "x", max_output_tokens: 1.5 }],
    ["reasoning.effort", { model: "m", input: "x", reasoning: { effort: "huge" } }],
    ["text.format.schema", { model: "m", input: "x", text: { format: { type: "json_schema", name: "n" } } }],
    ["metadata.a", { model: "m", input: "x", metadata: { a: 1 } }],
    ["body", "text"],
  ])("is refused with the field %s", (field, body) => {
    const error = refusal(body);
    expect(error.code).toBe("invalid_request");
    expect(error.field).toBe(field);
  });
});

describe("what goes to the vendor", () => {
  it("holds nothing that was not asked for", () => {
    expect(render({}).body).toEqual({ model: "gpt-5", input: [{ role: "user", content: "Hi" }] });
  });

  it.each([
    ["asks for encrypted reasoning when nothing is stored", {}, { store: false }, ["reasoning.encrypted_content"]],
    [
      "adds it to what the caller includes",
      {},
      { store: false, include: ["message.output_text.logprobs"] },
      ["message.output_text.logprobs", "reasoning.encrypted_content"],
    ],
    ["does not ask when answers are stored", {}, { store: true }, undefined],
    ["asks always where the server wants it so", { encryptedReasoning: "always" }, {}, ["reasoning.encrypted_content"]],
    ["never asks a server that has none", { encryptedReasoning: "never" }, { store: false }, undefined],
    ["asks where not storing is the default", { store: false }, {}, ["reasoning.encrypted_content"]],
  ] as const)("%s", (_name, quirks, options, include) => {
    expect(render({ vendorOptions: { "openai-responses": options } }, quirks).body.include).toEqual(include);
  });

  it("does not ask a model for encrypted reasoning that is known not to reason", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { reasoning: false }, "catalogue");
    expect(render({}, { store: false }, capabilities).body).not.toHaveProperty("include");
  });

  it("replays encrypted reasoning byte for byte, before the call it belongs to", () => {
    const dialect = createOpenAIResponsesDialect();
    const output = [
      { id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }], encrypted_content: "gAAAAAB+/\u00e9==" },
      { id: "fc_1", type: "function_call", status: "completed", arguments: '{"a" : 1}', call_id: "call_1", name: "f" },
    ];
    const answer = dialect.parseResponse(
      { id: "resp_1", object: "response", status: "completed", model: "gpt-5", output },
      { provider: "openai", model: "gpt-5" },
    );
    const kept: AssistantMessage = JSON.parse(JSON.stringify(answer.message));
    const body = render({ messages: [userMessage("Hi"), kept, toolResult({ id: "call_1", name: "f" }, "ok")] }).body;
    expect(body.input).toEqual([
      { role: "user", content: "Hi" },
      ...output,
      { type: "function_call_output", call_id: "call_1", output: "ok" },
    ]);
  });

  it("leaves out the ids of another model's items, unless their reasoning goes along", () => {
    const call = {
      type: "tool-call",
      id: "call_1",
      name: "f",
      arguments: {},
      vendor: { "openai-responses": { item: { id: "fc_1" } } },
    } as const;
    const reasoning = {
      type: "reasoning",
      text: "",
      vendor: { "openai-responses": { item: { id: "rs_1", summary: [] } } },
    } as const;
    const items = (model: string, parts: AssistantMessage["parts"]) =>
      render({ messages: [{ role: "assistant", origin: { ...ORIGIN, model }, parts }] }).body.input;
    expect(items("gpt-4.1-2025-04-14", [call])).toEqual([
      { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" },
    ]);
    expect(items("gpt-5-2025-08-07", [call])).toMatchObject([{ id: "fc_1" }]);
    expect(items("my-deployment", [reasoning, call])).toMatchObject([{ id: "rs_1" }, { id: "fc_1" }]);
  });

  it("leaves out what a server without memory cannot look up, and says so", () => {
    const { body, warnings } = render(
      {
        messages: [
          {
            role: "assistant",
            parts: [
              { type: "reasoning", text: "", vendor: { "openai-responses": { item: { id: "rs_1", summary: [] } } } },
              {
                type: "opaque",
                dialect: "openai-responses",
                kind: "item_reference",
                value: { type: "item_reference", id: "rs_2" },
              },
              { type: "text", text: "a" },
            ],
          },
        ],
        vendorOptions: { "openai-responses": { previous_response_id: "resp_1" } },
      },
      { stateless: true },
    );
    expect(body).toEqual({ model: "gpt-5", input: [{ role: "assistant", content: "a" }] });
    expect(warnings.map((warning) => warning.path)).toEqual([
      "messages[0].parts[0]",
      "messages[0].parts[1]",
      "vendorOptions.openai-responses.previous_response_id",
    ]);
  });

  it("reports every setting that the wire does not have", () => {
    const { body, warnings } = render({
      topK: 1,
      stopSequences: ["x"],
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      reasoning: { budgetTokens: 1000 },
      cache: [{ stable: "tools", timeToLive: "1h" }],
      vendorOptions: { gemini: { a: 1 } },
      tools: [{ type: "vendor", dialect: "gemini", name: "googleSearch", value: {} }],
    });
    expect(body).toEqual({ model: "gpt-5", input: [{ role: "user", content: "Hi" }], reasoning: { effort: "low" } });
    expect(warnings.map((warning) => warning.path).sort()).toEqual(
      [
        "cache[0].stable",
        "cache[0].timeToLive",
        "frequencyPenalty",
        "presencePenalty",
        "reasoning.budgetTokens",
        "seed",
        "stopSequences",
        "tools[0]",
        "topK",
        "vendorOptions.gemini",
      ].sort(),
    );
  });

  it("reports every part that the wire does not have", () => {
    const { body, warnings } = render({
      messages: [
        {
          role: "user",
          name: "Ann",
          parts: [
            { type: "audio", source: { type: "data", data: "aGk=" }, mediaType: "audio/wav" },
            { type: "text", text: "t" },
          ],
        },
        {
          role: "assistant",
          parts: [
            { type: "reasoning", text: "foreign" },
            { type: "opaque", dialect: "anthropic-messages", kind: "server_tool_use", value: {} },
            { type: "source", url: "https://e.com" },
            { type: "text", text: "a" },
          ],
        },
        {
          role: "tool",
          parts: [{ type: "tool-result", toolCallId: "c", isError: true, content: [{ type: "json", value: { a: 1 } }] }],
        },
      ],
    });
    expect(body.input).toEqual([
      { role: "user", content: "t" },
      { role: "assistant", content: "a" },
      { type: "function_call_output", call_id: "c", output: '{"a":1}' },
    ]);
    expect(warnings.map((warning) => warning.path)).toEqual([
      "messages[0].name",
      "messages[0].parts[0]",
      "messages[1].parts[0]",
      "messages[1].parts[1]",
      "messages[1].parts[2]",
      "messages[2].parts[0].isError",
      "messages[2].parts[0].content[0]",
    ]);
  });

  it("raises an output limit that the vendor would refuse", () => {
    const { body, warnings } = render({ maxOutputTokens: 5 });
    expect(body.max_output_tokens).toBe(16);
    expect(warnings).toMatchObject([{ type: "lossy", path: "maxOutputTokens", value: 5 }]);
    expect(render({ maxOutputTokens: 5 }, { outputTokensMin: 1 }).body.max_output_tokens).toBe(5);
  });

  it("lowers the schema of a strict tool and says what was lost", () => {
    const inputSchema = { type: "object", properties: { city: { type: "string", minLength: 2 } } };
    const strict = render({ tools: [{ name: "f", inputSchema, strict: true }] });
    expect(strict.body.tools).toMatchObject([{ strict: true, parameters: { required: ["city"], additionalProperties: false } }]);
    expect(strict.warnings).toMatchObject([{ type: "lossy", path: "tools[0].inputSchema.properties.city.minLength" }]);
    expect(render({ tools: [{ name: "f", inputSchema }] }).body.tools).toEqual([
      { type: "function", name: "f", parameters: inputSchema },
    ]);
  });

  it("puts system messages where the server wants them", () => {
    const messages = [systemMessage("a"), systemMessage("b"), userMessage("Hi")];
    expect(render({ messages }, { systemRole: "developer" }).body.input).toMatchObject([
      { role: "developer" },
      { role: "developer" },
      {},
    ]);
    expect(render({ messages }, { systemRole: "instructions" }).body).toMatchObject({
      instructions: "a\n\nb",
      input: [{ role: "user", content: "Hi" }],
    });
  });

  it("leaves out a setting that the server refuses, with a warning", () => {
    const { body, warnings } = render({ temperature: 1 }, { refusedSettings: ["temperature"] });
    expect(body).not.toHaveProperty("temperature");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "temperature" }]);
  });

  it("names an unnamed file by its media type, as the vendor demands a name", () => {
    const messages = [userMessage([{ type: "file", source: { type: "data", data: "aGk=" }, mediaType: "application/pdf" }])];
    expect(render({ messages }).body.input).toMatchObject([
      { content: [{ filename: "file.pdf", file_data: "data:application/pdf;base64,aGk=" }] },
    ]);
  });

  it("cites a source of another maker at the end of the text before it", () => {
    const parts = [
      { type: "text", text: "abc" },
      { type: "source", url: "https://e.com", title: "E" },
    ] as const;
    expect(render({ messages: [assistantMessage(parts)] }).body.input).toMatchObject([
      { content: [{ annotations: [{ type: "url_citation", url: "https://e.com", title: "E", start_index: 3, end_index: 3 }] }] },
    ]);
  });
});
