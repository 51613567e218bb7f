import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import { createOpenAIChatDialect, type OpenAIChatQuirks } from "../../src/dialects/openai-chat/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { type AssistantMessage, type Message, toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";
import { compareJson } from "../../src/testing/laws.ts";

const WEATHER = {
  name: "weather",
  description: "Weather of a city",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
};

function render(request: Partial<CompletionRequest>, quirks: OpenAIChatQuirks = {}, stream = false) {
  const dialect = createOpenAIChatDialect(quirks);
  const whole = { model: "gpt-4o", messages: [userMessage("hi")], ...request };
  const rendered = dialect.renderRequest(whole, { stream, capabilities: UNKNOWN_CAPABILITIES });
  return { body: rendered.body ?? {}, warnings: rendered.warnings };
}

function parse(body: JsonObject, quirks: OpenAIChatQuirks = {}) {
  return createOpenAIChatDialect(quirks).parseRequest({ path: "/v1/chat/completions", query: {}, headers: {}, body });
}

function differences(expected: unknown, actual: unknown): string[] {
  const found: string[] = [];
  compareJson(expected, actual, "", found);
  return found;
}

const call: AssistantMessage = {
  role: "assistant",
  parts: [
    { type: "text", text: "Let me see." },
    { type: "tool-call", id: "call_1", name: "weather", arguments: { city: "Oslo" } },
    { type: "tool-call", id: "call_2", name: "weather", arguments: { city: "Bergen" } },
  ],
};
const results: readonly Message[] = [
  toolResult({ id: "call_2", name: "weather" }, "rain"),
  toolResult({ id: "call_1", name: "weather" }, "sun"),
];

describe("rendering a request", () => {
  it("sends nothing that the caller did not set", () => {
    expect(render({}).body).toEqual({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] });
  });

  it("comes back as it was, without a warning, when everything has a place on the wire", () => {
    const request: CompletionRequest = {
      model: "gpt-4o",
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be brief." }] },
        {
          role: "user",
          name: "ann",
          parts: [
            { type: "text", text: "What is this?" },
            { type: "image", source: { type: "url", url: "https://example.com/a.png" }, detail: "low" },
            { type: "image", source: { type: "data", data: "aGk=" }, mediaType: "image/png" },
            { type: "audio", source: { type: "data", data: "aGk=" }, mediaType: "audio/wav" },
            { type: "file", source: { type: "data", data: "aGk=" }, mediaType: "application/pdf", name: "a.pdf" },
            { type: "file", source: { type: "reference", provider: "openai", id: "file-1" }, mediaType: "application/pdf" },
          ],
        },
        call,
        ...results,
        { role: "assistant", parts: [{ type: "refusal", text: "I will not." }] },
      ],
      tools: [{ ...WEATHER, strict: true }],
      toolChoice: { tool: "weather" },
      parallelToolCalls: false,
      maxOutputTokens: 100,
      temperature: 0,
      topP: 0.5,
      stopSequences: ["END"],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: -0.1,
      reasoning: { effort: "low" },
      output: {
        type: "json",
        schema: { type: "object", properties: {}, required: [], additionalProperties: false },
        name: "answer",
      },
      metadata: { user: "u1", tags: { team: "blue" } },
      vendorOptions: { "openai-chat": { store: true, logit_bias: { "50256": -100 } } },
    };
    const { body, warnings } = render(request);
    expect(warnings).toEqual([]);
    const again = parse(JSON.parse(JSON.stringify(body)));
    expect(again.warnings).toEqual([]);
    expect(differences(request, again.request)).toEqual([]);
  });

  it("names the system role as the model's family wants it", () => {
    const messages: readonly Message[] = [{ role: "system", parts: [{ type: "text", text: "x" }] }];
    const role = (model: string, quirks: OpenAIChatQuirks = {}): unknown => {
      const [first] = render({ model, messages }, quirks).body.messages as readonly JsonObject[];
      return first?.role;
    };
    expect(role("gpt-4o")).toBe("system");
    expect(role("o3-mini")).toBe("developer");
    expect(role("openai/gpt-5-mini")).toBe("developer");
    expect(role("o1-mini")).toBe("user");
    expect(role("gpt-5", { systemRoles: [] })).toBe("system");
  });

  it("asks for usage in a stream unless the vendor refuses the field", () => {
    expect(render({}, {}, true).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(render({}, { streamOptions: false }, true).body.stream_options).toBeUndefined();
    const vendorOptions = { "openai-chat": { stream_options: { include_obfuscation: false } } };
    expect(render({ vendorOptions }, {}, true).body.stream_options).toEqual({ include_usage: true, include_obfuscation: false });
  });

  it("names the field of the token limit as the quirk says", () => {
    expect(render({ maxOutputTokens: 5 }).body.max_completion_tokens).toBe(5);
    expect(render({ maxOutputTokens: 5 }, { maxTokensField: "max_tokens" }).body).toMatchObject({ max_tokens: 5 });
  });

  it("leaves out what the model is known to refuse, with a warning", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { temperature: false, seed: false }, "catalogue");
    const request = { model: "o3", messages: [userMessage("hi")], temperature: 1, seed: 1 };
    const rendered = createOpenAIChatDialect().renderRequest(request, { stream: false, capabilities });
    expect(rendered.body).not.toHaveProperty("temperature");
    expect(rendered.warnings.map((warning) => warning.path)).toEqual(["temperature", "seed"]);
  });

  it("asks for reasoning in each vendor's form", () => {
    const form = (quirks: OpenAIChatQuirks["reasoningRequest"], reasoning: CompletionRequest["reasoning"]): JsonObject => {
      const {
        model: _model,
        messages: _messages,
        ...rest
      } = render(
        { ...(reasoning === undefined ? {} : { reasoning }) },
        quirks === undefined ? {} : { reasoningRequest: quirks },
      ).body;
      return rest;
    };
    expect(form(undefined, { effort: "high" })).toEqual({ reasoning_effort: "high" });
    expect(form({ form: "thinking" }, { effort: "none" })).toEqual({ thinking: { type: "disabled" } });
    expect(form({ form: "thinking" }, { budgetTokens: 500 })).toEqual({ thinking: { type: "enabled", budget_tokens: 500 } });
    expect(form({ form: "thinking", withEffort: true, effortNames: { xhigh: "max" } }, { effort: "xhigh" })).toEqual({
      thinking: { type: "enabled" },
      reasoning_effort: "max",
    });
    expect(form({ form: "enable_thinking", budgetField: "thinking_budget" }, { budgetTokens: 9 })).toEqual({
      enable_thinking: true,
      thinking_budget: 9,
    });
    expect(form({ form: "chat_template_kwargs" }, { effort: "none" })).toEqual({
      chat_template_kwargs: { enable_thinking: false },
    });
    expect(form({ form: "reasoning" }, { budgetTokens: 2000 })).toEqual({ reasoning: { max_tokens: 2000 } });
    expect(form({ form: "reasoning" }, { effort: "low" })).toEqual({ reasoning: { effort: "low" } });
    expect(form({ form: "reasoning-enabled" }, { effort: "none" })).toEqual({ reasoning: { enabled: false } });
    expect(form({ form: "none" }, { effort: "low" })).toEqual({});
  });

  it("takes the nearest effort that the vendor has, and says so", () => {
    const { body, warnings } = render(
      { reasoning: { effort: "max" } },
      { reasoningRequest: { form: "reasoning_effort", efforts: ["low", "medium", "high"] } },
    );
    expect(body.reasoning_effort).toBe("high");
    expect(warnings).toMatchObject([{ type: "lossy", path: "reasoning.effort" }]);
  });

  it("does not send back reasoning to a vendor that refuses it, and says so", () => {
    const messages: readonly Message[] = [{ role: "assistant", parts: [{ type: "reasoning", text: "hm" }] }, userMessage("go")];
    expect(render({ messages }).warnings).toMatchObject([{ type: "unsupported", path: "messages[0]" }]);
    const kept = render({ messages }, { reasoningReplay: "reasoning" });
    expect(kept.body.messages).toMatchObject([{ role: "assistant", content: "", reasoning: "hm" }, {}]);
    expect(kept.warnings).toEqual([]);
  });

  it("fills in empty reasoning on every turn of a tool loop where the vendor demands it", () => {
    const messages: readonly Message[] = [userMessage("go"), call, ...results];
    const { body } = render({ messages }, { reasoningReplay: "reasoning_content", reasoningReplayRequired: true });
    expect(body.messages).toMatchObject([{}, { reasoning_content: "" }, {}, {}]);
  });

  it("joins the pieces of reasoning details from several parts", () => {
    const piece = (detail: JsonObject) => ({ "openai-chat": { reasoningDetails: [detail] } });
    const assistant: AssistantMessage = {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "hm", vendor: piece({ type: "reasoning.text", index: 0, text: "hm" }) },
        { type: "reasoning", text: "", vendor: piece({ type: "reasoning.text", index: 0, signature: "sig" }) },
      ],
    };
    const { body } = render({ messages: [assistant] }, { reasoningReplay: "reasoning_details" });
    expect(body.messages).toMatchObject([
      { reasoning_details: [{ type: "reasoning.text", index: 0, text: "hm", signature: "sig" }] },
    ]);
  });

  it("falls back from a forced tool call where the vendor cannot be forced, and says so", () => {
    const required = render({ tools: [WEATHER], toolChoice: "required" }, { toolChoiceRequired: false });
    expect(required.body.tool_choice).toBe("auto");
    expect(required.warnings).toMatchObject([{ type: "unsupported", path: "toolChoice" }]);
    const named = render({ tools: [WEATHER], toolChoice: { tool: "weather" } }, { toolChoiceNamed: false });
    expect(named.body.tool_choice).toBe("required");
    expect(render({ tools: [WEATHER], toolChoice: "required" }, { toolChoice: false }).body).not.toHaveProperty("tool_choice");
  });

  it("leaves out an empty list of tools", () => {
    expect(render({ tools: [] }).body).not.toHaveProperty("tools");
  });

  it("lowers the schema of a strict tool and leaves the others alone", () => {
    const open = { type: "object", properties: { n: { type: "integer" } } };
    const rendered = (strict: boolean): unknown => render({ tools: [{ name: "t", inputSchema: open, strict }] }).body.tools;
    expect(rendered(false)).toEqual([{ type: "function", function: { name: "t", parameters: open, strict: false } }]);
    expect(rendered(true)).toMatchObject([{ function: { parameters: { required: ["n"], additionalProperties: false } } }]);
  });

  it("tells a schema in a system message where the vendor enforces none", () => {
    const output = { type: "json" as const, schema: { type: "object", properties: {} } };
    const { body, warnings } = render({ output }, { responseFormat: "json_object" });
    expect(body.response_format).toEqual({ type: "json_object" });
    const [, instruction] = body.messages as readonly JsonObject[];
    expect(instruction?.content).toContain('{"type":"object"');
    expect(warnings).toMatchObject([{ type: "lossy", path: "output.schema" }]);
    expect(render({ output }, { responseFormat: "top-level" }).body.response_format).toEqual({
      type: "json_schema",
      schema: output.schema,
    });
  });

  it("sends images of a tool's result in a user message after all results", () => {
    const image = { type: "image" as const, source: { type: "data" as const, data: "aGk=" }, mediaType: "image/png" };
    const messages = [call, toolResult({ id: "call_1", name: "weather" }, [image]), ...results.slice(0, 1)];
    const { body, warnings } = render({ messages });
    expect(body.messages).toMatchObject([
      { role: "assistant" },
      { role: "tool", tool_call_id: "call_1", content: "(see the image below)" },
      { role: "tool", tool_call_id: "call_2", content: "rain" },
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }] },
    ]);
    expect(warnings).toMatchObject([{ type: "lossy" }]);
  });

  it("says that structured results and failures lose their form", () => {
    const messages = [call, toolResult({ id: "call_1", name: "weather" }, { degrees: 3 }, { isError: true })];
    const { body, warnings } = render({ messages });
    expect(body.messages).toMatchObject([{}, { content: '{"degrees":3}' }]);
    expect(warnings.map((warning) => warning.type)).toEqual(["lossy", "lossy"]);
  });

  it("keeps the order rules of vendors that have some", () => {
    const messages = [userMessage("go"), call, ...results, userMessage("and now?")];
    const rendered = render(
      { messages },
      { toolResultsInCallOrder: true, assistantAfterToolResult: "Noted.", toolMessageName: true },
    );
    expect(rendered.body.messages).toMatchObject([
      { role: "user" },
      { role: "assistant" },
      { role: "tool", tool_call_id: "call_1", name: "weather", content: "sun" },
      { role: "tool", tool_call_id: "call_2", content: "rain" },
      { role: "assistant", content: "Noted." },
      { role: "user" },
    ]);
  });

  it("puts a placeholder for an empty tool output where the vendor refuses an empty one", () => {
    const messages = [call, toolResult({ id: "call_1", name: "weather" }, "")];
    expect(render({ messages }).body.messages).toMatchObject([{}, { content: "" }]);
    expect(render({ messages }, { emptyToolOutput: "(no tool output)" }).body.messages).toMatchObject([
      {},
      { content: "(no tool output)" },
    ]);
  });

  it("gathers system messages at the start for templates that allow one", () => {
    const system = (text: string): Message => ({ role: "system", parts: [{ type: "text", text }] });
    const { body, warnings } = render(
      { messages: [system("a"), system("b"), userMessage("hi"), system("c")] },
      { systemMessages: "leading" },
    );
    expect(body.messages).toEqual([
      { role: "system", content: "a\n\nb" },
      { role: "user", content: "hi" },
      { role: "user", content: "c" },
    ]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[3]" }]);
  });

  it("replaces half a surrogate pair and says so", () => {
    const { body, warnings } = render({ messages: [userMessage("a\ud83d")] });
    expect(body.messages).toEqual([{ role: "user", content: "a\ufffd" }]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[0]" }]);
  });

  it("leaves out media in a form that the vendor does not take, and says so", () => {
    const image = { type: "image" as const, source: { type: "url" as const, url: "https://example.com/a.png" } };
    const { body, warnings } = render({ messages: [userMessage([image])] }, { media: { image: ["data"] } });
    expect(body.messages).toEqual([{ role: "user", content: "" }]);
    expect(warnings).toMatchObject([{ type: "unsupported", path: "messages[0].parts[0]" }]);
  });

  it("compiles cache directives to a key, or to marks on the stable part", () => {
    const cache = [{ stable: "system" as const, key: "k1", timeToLive: "24h" as const }];
    expect(render({ cache }).body).toMatchObject({ prompt_cache_key: "k1", prompt_cache_retention: "24h" });
    const messages: readonly Message[] = [{ role: "system", parts: [{ type: "text", text: "long" }] }, userMessage("hi")];
    const marked = render({ messages, cache: [{ stable: "system", timeToLive: "1h" }] }, { cache: "cache_control" });
    expect(marked.body.messages).toMatchObject([
      { content: [{ type: "text", text: "long", cache_control: { type: "ephemeral", ttl: "1h" } }] },
      { content: "hi" },
    ]);
  });

  it("reports what is meant for other dialects instead of sending it", () => {
    const { body, warnings } = render({
      vendorOptions: { "anthropic-messages": { thinking: {} }, "openai-chat": { n: 2 } },
      tools: [{ type: "vendor", dialect: "gemini", name: "google_search", value: {} }],
    });
    expect(body).toMatchObject({ n: 2 });
    expect(body).not.toHaveProperty("thinking");
    expect(body).not.toHaveProperty("tools");
    expect(warnings.map((warning) => warning.path)).toEqual(["tools[0]", "vendorOptions.anthropic-messages"]);
  });
});
