import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import { type AnthropicVendorData, createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import type { Message } from "../../src/message.ts";
import { question, render, renderBody } from "./anthropic-messages-fixtures.ts";

const weather = { name: "weather", description: "Tells the weather.", inputSchema: { type: "object", properties: {} } };
const call = { type: "tool-call", id: "toolu_1", name: "weather", arguments: { city: "Paris" } } as const;
const otherCall = { ...call, id: "toolu_2" } as const;

function result(toolCallId: string, text: string): Message {
  return { role: "tool", parts: [{ type: "tool-result", toolCallId, content: [{ type: "text", text }] }] };
}

describe("a request to Anthropic", () => {
  it("goes to /messages with the version that the protocol has", () => {
    const { method, path, headers } = render({});
    expect({ method, path, headers }).toEqual({
      method: "POST",
      path: "/messages",
      headers: { "anthropic-version": "2023-06-01" },
    });
  });

  it("puts the system message at the top and says stream only when it streams", () => {
    const messages: Message[] = [{ role: "system", parts: [{ type: "text", text: "Be brief." }] }, question];
    const body = render({ messages }, true).body;
    expect(body).toMatchObject({ system: [{ type: "text", text: "Be brief." }], stream: true });
    expect(body?.messages).toEqual([{ role: "user", content: [{ type: "text", text: question.parts[0].text }] }]);
    expect(render({ messages }).body).not.toHaveProperty("stream");
  });

  it("moves a system message from the middle to the top, with a warning, where the model does not take it there", () => {
    const messages: Message[] = [question, { role: "system", parts: [{ type: "text", text: "In French." }] }];
    const { body, warnings } = render({ messages });
    expect(body?.system).toEqual([{ type: "text", text: "In French." }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[1]" }]);
  });

  it("leaves a system message in its place on a model that takes it there", () => {
    const messages: Message[] = [question, { role: "system", parts: [{ type: "text", text: "In French." }] }];
    const { body, warnings } = render({ model: "claude-opus-4-8", messages });
    expect(body).not.toHaveProperty("system");
    expect(body?.messages).toMatchObject([{ role: "user" }, { role: "system", content: [{ text: "In French." }] }]);
    expect(warnings).toEqual([]);
  });

  it("sends all results of a turn in one user message, before the user's words", () => {
    const messages: Message[] = [
      question,
      { role: "assistant", parts: [call, otherCall] },
      result("toolu_1", "18 °C"),
      { role: "user", parts: [{ type: "text", text: "And tomorrow?" }] },
      result("toolu_2", "20 °C"),
    ];
    expect(renderBody({ messages, tools: [weather] }).messages).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [{ type: "tool_use", input: { city: "Paris" } }, { type: "tool_use" }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "18 °C" }] },
          { type: "tool_result", tool_use_id: "toolu_2" },
          { type: "text", text: "And tomorrow?" },
        ],
      },
    ]);
  });

  it("joins neighbouring user messages into one turn", () => {
    const messages: Message[] = [question, { role: "user", parts: [{ type: "text", text: "Please." }] }];
    expect(renderBody({ messages }).messages).toMatchObject([{ role: "user", content: [{}, { text: "Please." }] }]);
  });

  it("puts text before the calls of a turn and says so", () => {
    const messages: Message[] = [
      question,
      { role: "assistant", parts: [call, { type: "text", text: "Let me see." }] },
      result("toolu_1", "18 °C"),
    ];
    const { body, warnings } = render({ messages });
    expect(body?.messages).toMatchObject([{}, { content: [{ type: "text" }, { type: "tool_use" }] }, {}]);
    expect(warnings).toMatchObject([{ type: "lossy" }]);
  });

  it("does not move text in a turn whose order is bound by thinking", () => {
    const thinking = { type: "reasoning", text: "hm", vendor: { "anthropic-messages": { signature: "s" } } } as const;
    const messages: Message[] = [question, { role: "assistant", parts: [call, thinking, { type: "text", text: "So." }] }];
    expect(renderBody({ messages }).messages).toMatchObject([
      {},
      { content: [{ type: "tool_use" }, { type: "thinking" }, { type: "text" }] },
    ]);
  });

  it("leaves empty text out and reports it", () => {
    const messages: Message[] = [
      question,
      { role: "assistant", parts: [{ type: "text", text: "" }, call] },
      result("toolu_1", ""),
    ];
    const { body, warnings } = render({ messages });
    expect(body?.messages).toMatchObject([{}, { content: [{ type: "tool_use" }] }, { content: [{ content: "" }] }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[1].parts[0]" }]);
  });

  it("trims white space at the end of an answer that is to be continued", () => {
    const messages: Message[] = [question, { role: "assistant", parts: [{ type: "text", text: "It is \n" }] }];
    const { body, warnings } = render({ messages });
    expect(body?.messages).toMatchObject([{}, { content: [{ text: "It is" }] }]);
    expect(warnings).toMatchObject([{ type: "lossy" }]);
  });

  it("sends media by value, by address and by file id, the last with its beta header", () => {
    const { body, headers, warnings } = render({
      messages: [
        {
          role: "user",
          parts: [
            { type: "image", source: { type: "data", data: "iVBO" }, mediaType: "image/png" },
            { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
            { type: "file", source: { type: "reference", provider: "anthropic", id: "file_1" }, mediaType: "application/pdf" },
            { type: "file", source: { type: "data", data: "aGVsbG8=" }, mediaType: "text/plain", name: "hello.txt" },
          ],
        },
      ],
    });
    expect(body?.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
          { type: "document", source: { type: "file", file_id: "file_1" } },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "hello" }, title: "hello.txt" },
        ],
      },
    ]);
    expect(headers["anthropic-beta"]).toBe("files-api-2025-04-14");
    expect(warnings).toEqual([]);
  });

  it("reports audio, other vendors' blocks and speakers' names, for which there is no place", () => {
    const { body, warnings } = render({
      messages: [
        {
          role: "user",
          name: "Ann",
          parts: [
            { type: "text", text: "Listen." },
            { type: "audio", source: { type: "data", data: "AA==" }, mediaType: "audio/wav" },
            { type: "opaque", dialect: "openai-responses", kind: "web_search_call", value: {} },
          ],
        },
      ],
    });
    expect(body?.messages).toEqual([{ role: "user", content: [{ type: "text", text: "Listen." }] }]);
    expect(warnings.map((warning) => warning.path)).toEqual(["messages[0].name", "messages[0].parts[1]", "messages[0].parts[2]"]);
  });

  it("sends structured results as JSON text and says so", () => {
    const messages: Message[] = [
      question,
      { role: "assistant", parts: [call] },
      {
        role: "tool",
        parts: [{ type: "tool-result", toolCallId: "toolu_1", content: [{ type: "json", value: { degrees: 18 } }] }],
      },
    ];
    const { body, warnings } = render({ messages });
    expect(body?.messages).toMatchObject([{}, {}, { content: [{ content: [{ type: "text", text: '{"degrees":18}' }] }] }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[2].parts[0].content[0]" }]);
  });
});

describe("max_tokens", () => {
  it("is the caller's bound where there is one", () => {
    expect(renderBody({ maxOutputTokens: 77 }).max_tokens).toBe(77);
  });

  it.each([
    ["claude-opus-4-8", 128_000],
    ["claude-sonnet-4-5", 64_000],
    ["claude-opus-4-1-20250805", 32_000],
    ["claude-3-haiku-20240307", 4096],
    ["claude-3-5-haiku-latest", 8192],
    ["anthropic/claude-haiku-4.5", 64_000],
  ])("is the ceiling of %s otherwise", (model, tokens) => {
    expect(renderBody({ model }).max_tokens).toBe(tokens);
  });

  it("adds the thinking budget to the default of a model whose ceiling is unknown", () => {
    expect(renderBody({ model: "qwen3", reasoning: { budgetTokens: 2000 } }).max_tokens).toBe(8192 + 2000);
  });

  it("goes by the catalogue's ceiling where it has one", () => {
    const dialect = createAnthropicMessagesDialect();
    const capabilities = { ...UNKNOWN_CAPABILITIES, outputTokensMax: 1234 };
    expect(
      dialect.renderRequest({ model: "qwen3", messages: [question] }, { stream: false, capabilities }).body?.max_tokens,
    ).toBe(1234);
  });
});

describe("thinking in a request", () => {
  it("is a budget on older models", () => {
    const body = renderBody({ reasoning: { effort: "high" }, maxOutputTokens: 32_000 });
    expect(body.thinking).toEqual({ type: "enabled", budget_tokens: 16_384 });
    expect(body).not.toHaveProperty("output_config");
  });

  it("is adaptive with an effort on newer models", () => {
    const body = renderBody({ model: "claude-opus-4-8", reasoning: { effort: "xhigh", summary: "auto" } });
    expect(body).toMatchObject({ thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "xhigh" } });
  });

  it("turns a budget into an effort, with a warning, where the model takes no budget", () => {
    const { body, warnings } = render({ model: "claude-sonnet-5", reasoning: { budgetTokens: 8000 } });
    expect(body).toMatchObject({ thinking: { type: "adaptive" }, output_config: { effort: "medium" } });
    expect(warnings).toMatchObject([{ type: "lossy", path: "reasoning.budgetTokens" }]);
  });

  it("sends the nearest lower effort, with a warning, where the model lacks the one asked for", () => {
    const { body, warnings } = render({ model: "claude-opus-4-6", reasoning: { effort: "xhigh" } });
    expect(body?.output_config).toEqual({ effort: "high" });
    expect(warnings).toMatchObject([{ type: "lossy", path: "reasoning.effort" }]);
  });

  it("is disabled for the effort none, and reported where the model always thinks", () => {
    expect(renderBody({ reasoning: { effort: "none" } }).thinking).toEqual({ type: "disabled" });
    const { body, warnings } = render({ model: "claude-fable-5", reasoning: { effort: "none" } });
    expect(body).not.toHaveProperty("thinking");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "reasoning.effort" }]);
  });

  it("keeps its budget below the bound of the answer", () => {
    const { body, warnings } = render({ reasoning: { budgetTokens: 5000 }, maxOutputTokens: 4000 });
    expect(body).toMatchObject({ max_tokens: 4000, thinking: { budget_tokens: 2000 } });
    expect(warnings).toMatchObject([{ type: "lossy", path: "reasoning.budgetTokens" }]);
    expect(render({ reasoning: { budgetTokens: 5000 }, maxOutputTokens: 500 }).body).not.toHaveProperty("thinking");
  });

  it("gives way to a forced tool choice", () => {
    const { body, warnings } = render({ tools: [weather], toolChoice: "required", reasoning: { effort: "low" } });
    expect(body).toMatchObject({ tool_choice: { type: "any" } });
    expect(body).not.toHaveProperty("thinking");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "reasoning" }]);
  });

  it("goes back byte for byte and in order, also empty or redacted", () => {
    const own = (data: AnthropicVendorData) => ({ "anthropic-messages": data });
    const messages: Message[] = [
      question,
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: " Let me\nthink. ", vendor: own({ signature: "sig+/=1" }) },
          { type: "reasoning", text: "", vendor: own({ signature: "sig2" }) },
          { type: "reasoning", text: "", vendor: own({ data: "encrypted" }) },
          { type: "text", text: "Done." },
        ],
      },
      question,
    ];
    expect(renderBody({ messages }).messages).toMatchObject([
      {},
      {
        content: [
          { type: "thinking", thinking: " Let me\nthink. ", signature: "sig+/=1" },
          { type: "thinking", thinking: "", signature: "sig2" },
          { type: "redacted_thinking", data: "encrypted" },
          { type: "text", text: "Done." },
        ],
      },
      {},
    ]);
  });

  it("without a signature is left out with a warning, unless the server takes it", () => {
    const messages: Message[] = [
      question,
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "a" },
        ],
      },
    ];
    const { body, warnings } = render({ messages });
    expect(body?.messages).toMatchObject([{}, { content: [{ type: "text" }] }]);
    expect(warnings).toMatchObject([{ type: "handoff", path: "messages[1].parts[0]" }]);
    const lenient = createAnthropicMessagesDialect({ unsignedThinking: "send" });
    expect(render({ messages }, false, lenient).body?.messages).toMatchObject([
      {},
      { content: [{ type: "thinking", thinking: "hm" }, {}] },
    ]);
    expect(lenient.constraints.reasoning).toBe("text");
  });
});

describe("sampling settings", () => {
  it("are left out with warnings where the model refuses them", () => {
    const { body, warnings } = render({ model: "claude-opus-4-7", temperature: 0.5, topP: 0.9, topK: 4 });
    expect(Object.keys(body ?? {})).toEqual(["model", "max_tokens", "messages"]);
    expect(warnings.map((warning) => warning.path)).toEqual(["temperature", "topP", "topK"]);
  });

  it("are left out beside thinking", () => {
    const { body, warnings } = render({ temperature: 0.5, topK: 4, topP: 0.97, reasoning: { effort: "low" } });
    expect(body).toMatchObject({ top_p: 0.97 });
    expect(body).not.toHaveProperty("temperature");
    expect(warnings.map((warning) => warning.path)).toEqual(["temperature", "topK"]);
  });

  it("are temperature or top_p on models that take one, and both on older ones", () => {
    expect(render({ temperature: 0.5, topP: 0.9 }).body).not.toHaveProperty("top_p");
    const older = renderBody({ model: "claude-3-haiku-20240307", temperature: 0.5, topP: 0.9 });
    expect(older).toMatchObject({ temperature: 0.5, top_p: 0.9 });
  });

  it("go by the thinking in the vendor options, which replaces the canonical one", () => {
    const request = { model: "claude-opus-4-6", temperature: 0.5, reasoning: { effort: "xhigh" } } as const;
    const options = { thinking: null, output_config: { effort: "max" } };
    const { body, warnings } = render({ ...request, vendorOptions: { "anthropic-messages": options } });
    expect(body).toMatchObject({ temperature: 0.5, output_config: { effort: "max" } });
    expect(body).not.toHaveProperty("thinking");
    expect(warnings).toEqual([]);
  });

  it("cap the temperature at 1 and report what has no field at all", () => {
    const { body, warnings } = render({ temperature: 1.5, seed: 7, presencePenalty: 1 });
    expect(body).toMatchObject({ temperature: 1 });
    expect(warnings.map((warning) => warning.path)).toEqual(["temperature", "seed", "presencePenalty"]);
  });
});

describe("tools in a request", () => {
  it.each([
    ["auto", { type: "auto" }],
    ["required", { type: "any" }],
    ["none", { type: "none" }],
    [{ tool: "weather" }, { type: "tool", name: "weather" }],
  ] as const)("map the choice %j", (toolChoice, expected) => {
    expect(renderBody({ tools: [weather], toolChoice }).tool_choice).toEqual(expected);
  });

  it("forbid parallel calls where the caller does", () => {
    const body = renderBody({ tools: [weather], parallelToolCalls: false });
    expect(body.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
  });

  it("are dropped for the choice none on a server without the word, unless the history has calls", () => {
    const server = createAnthropicMessagesDialect({ toolChoiceNone: "drop-tools" });
    expect(render({ tools: [weather], toolChoice: "none" }, false, server).body).not.toHaveProperty("tools");
    const messages: Message[] = [question, { role: "assistant", parts: [call] }, result("toolu_1", "18")];
    expect(render({ messages, tools: [weather], toolChoice: "none" }, false, server).body).toHaveProperty("tools");
  });

  it("go out in the vendor's own words where they are the vendor's, with the beta that they need", () => {
    const { body, headers, warnings } = render({
      tools: [
        {
          type: "vendor",
          dialect: "anthropic-messages",
          name: "web_search",
          value: { type: "web_search_20250305", name: "web_search" },
        },
        {
          type: "vendor",
          dialect: "anthropic-messages",
          name: "computer",
          value: { type: "computer_20250124", name: "computer" },
        },
        { type: "vendor", dialect: "gemini", name: "googleSearch", value: {} },
      ],
    });
    expect(body?.tools).toEqual([
      { type: "web_search_20250305", name: "web_search" },
      { type: "computer_20250124", name: "computer" },
    ]);
    expect(headers["anthropic-beta"]).toBe("computer-use-2025-01-24");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "tools[2]" }]);
  });

  it("lower the schema of a strict tool and report what was lost", () => {
    const inputSchema = { type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"] };
    const { body, warnings } = render({ tools: [{ name: "f", inputSchema, strict: true }] });
    expect(JSON.stringify(body?.tools)).not.toContain('"minimum"');
    expect(body?.tools).toMatchObject([{ strict: true, input_schema: { additionalProperties: false } }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: expect.stringContaining("tools[0].inputSchema") }]);
  });

  it("reports a forced choice without tools", () => {
    const { body, warnings } = render({ toolChoice: "required" });
    expect(body).not.toHaveProperty("tool_choice");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "toolChoice" }]);
  });

  it("wraps arguments that are no object, and reports arguments that are no JSON", () => {
    const parts = [
      { type: "tool-call", id: "a", name: "f", arguments: [1] },
      { type: "tool-call", id: "b", name: "f", arguments: {}, argumentsText: "{", invalid: "not JSON" },
    ] as const;
    const { body, warnings } = render({ messages: [question, { role: "assistant", parts }] });
    expect(body?.messages).toMatchObject([{}, { content: [{ input: { value: [1] } }, { input: {} }] }]);
    expect(warnings.map((warning) => warning.path)).toEqual(["messages[1].parts[0].arguments", "messages[1].parts[1].arguments"]);
  });
});

describe("output and options in a request", () => {
  it("carries a schema in output_config beside the effort", () => {
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
    const body = renderBody({ model: "claude-opus-4-8", output: { type: "json", schema }, reasoning: { effort: "low" } });
    expect(body.output_config).toEqual({ effort: "low", format: { type: "json_schema", schema } });
  });

  it("reports JSON output without a schema", () => {
    const { body, warnings } = render({ output: { type: "json" } });
    expect(body).not.toHaveProperty("output_config");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "output" }]);
  });

  it("lays vendor options over the body, takes fields out with null, and sends betas as a header", () => {
    const options = { max_tokens: 5, thinking: null, betas: ["context-1m-2025-08-07"], context_management: { edits: [] } };
    const { body, headers, warnings } = render({
      reasoning: { effort: "low" },
      vendorOptions: { "anthropic-messages": options, "openai-chat": { user: "x" } },
    });
    expect(body).toMatchObject({ max_tokens: 5, context_management: { edits: [] } });
    expect(body).not.toHaveProperty("thinking");
    expect(body).not.toHaveProperty("betas");
    expect(headers["anthropic-beta"]).toBe("context-1m-2025-08-07,context-management-2025-06-27");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "vendorOptions.openai-chat" }]);
  });

  it("keeps the caller's version of a beta that a field needs", () => {
    const options = { betas: ["mcp-client-2025-11-20"], mcp_servers: [] };
    expect(render({ vendorOptions: { "anthropic-messages": options } }).headers["anthropic-beta"]).toBe("mcp-client-2025-11-20");
  });

  it("sends stop sequences and the end user", () => {
    const body = renderBody({ stopSequences: ["END"], metadata: { user: "u1", session: "s" } });
    expect(body).toMatchObject({ stop_sequences: ["END"], metadata: { user_id: "u1" } });
  });
});
