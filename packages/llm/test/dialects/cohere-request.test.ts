import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import type { RenderContext } from "../../src/dialect.ts";
import { createCohereDialect } from "../../src/dialects/cohere/index.ts";
import { type AssistantMessage, type Message, systemMessage, toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";
import type { ToolDefinition } from "../../src/tool.ts";

const CONTEXT: RenderContext = { stream: false, capabilities: UNKNOWN_CAPABILITIES };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";
const CALL = { type: "tool-call", id: "f_1", name: "f", arguments: { a: 1 } } as const;
const RENDERED_CALL = { id: "f_1", type: "function", function: { name: "f", arguments: '{"a":1}' } };

function render(request: Partial<CompletionRequest>, context: RenderContext = CONTEXT) {
  const full: CompletionRequest = { model: "command-a-03-2025", messages: [userMessage("Hi")], ...request };
  const rendered = createCohereDialect().renderRequest(full, context);
  return { ...rendered, body: rendered.body ?? {}, paths: rendered.warnings.map((warning) => warning.path) };
}

function messagesOf(...messages: readonly Message[]) {
  const { body, paths } = render({ messages });
  return { messages: body.messages, paths };
}

function tool(name: string, rest: Partial<ToolDefinition> = {}): ToolDefinition {
  return { name, inputSchema: { type: "object", properties: { a: { type: "integer", minimum: 1 } }, required: ["a"] }, ...rest };
}

describe("a request to /v2/chat", () => {
  test("sends nothing that was not set", () => {
    expect(render({})).toMatchObject({ method: "POST", path: "/v2/chat", headers: {}, warnings: [] });
    expect(render({}).body).toEqual({ model: "command-a-03-2025", messages: [{ role: "user", content: "Hi" }] });
    expect(render({}, { ...CONTEXT, stream: true }).body.stream).toBe(true);
  });

  test("names the settings as Cohere does, with the vendor's own beside them", () => {
    const { body, warnings } = render({
      maxOutputTokens: 100,
      temperature: 0,
      topP: 0.9,
      topK: 40,
      seed: 7,
      stopSequences: ["END"],
      presencePenalty: 0.5,
      frequencyPenalty: 0.25,
      vendorOptions: { cohere: { documents: [{ id: "d", data: { text: "x" } }], safety_mode: "STRICT", logprobs: true } },
    });
    expect(body).toMatchObject({
      max_tokens: 100,
      temperature: 0,
      p: 0.9,
      k: 40,
      seed: 7,
      stop_sequences: ["END"],
      presence_penalty: 0.5,
      frequency_penalty: 0.25,
      documents: [{ id: "d", data: { text: "x" } }],
      safety_mode: "STRICT",
      logprobs: true,
    });
    expect(warnings).toEqual([]);
  });

  test("keeps p within what Cohere takes, and says so", () => {
    expect(render({ topP: 1 })).toMatchObject({ body: { p: 0.99 }, paths: ["topP"] });
    expect(render({ topP: 0 })).toMatchObject({ body: { p: 0.01 }, paths: ["topP"] });
  });

  test("reports each setting that the wire does not have", () => {
    const { paths, body } = render({
      parallelToolCalls: false,
      metadata: { user: "u", tags: { a: "b" } },
      cache: [{ stable: "system" }],
      vendorOptions: { gemini: { x: 1 } },
    });
    expect(paths).toEqual(["parallelToolCalls", "metadata.user", "metadata.tags", "cache", "vendorOptions.gemini"]);
    expect(Object.keys(body)).toEqual(["model", "messages"]);
  });
});

describe("messages to Cohere", () => {
  test("open with one system message; a later one goes as a user's", () => {
    const { messages, paths } = messagesOf(systemMessage("A."), systemMessage("B."), userMessage("Hi"), systemMessage("C."));
    expect(messages).toEqual([
      {
        role: "system",
        content: [
          { type: "text", text: "A." },
          { type: "text", text: "B." },
        ],
      },
      { role: "user", content: "Hi" },
      { role: "user", content: "C." },
    ]);
    expect(paths).toEqual(["messages[3]"]);
  });

  test("carry images by value and by address, and no other media", () => {
    const { messages, paths } = messagesOf(
      userMessage([
        { type: "text", text: "What?" },
        { type: "image", mediaType: "image/png", source: { type: "data", data: PNG }, detail: "low" },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        { type: "file", mediaType: "application/pdf", source: { type: "data", data: "JVBERi0=" } },
      ]),
    );
    expect(messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "What?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}`, detail: "low" } },
          { type: "image_url", image_url: { url: "https://example.com/a.png" } },
        ],
      },
    ]);
    expect(paths).toEqual(["messages[0].parts[3]"]);
  });

  test("replace half of a surrogate pair, and say so", () => {
    const { messages, paths } = messagesOf(userMessage("a\ud800b"));
    expect(messages).toEqual([{ role: "user", content: "a\ufffdb" }]);
    expect(paths).toEqual(["messages[0]"]);
  });

  test("put what another vendor's model said before its calls into the plan", () => {
    const { messages, paths } = messagesOf({ role: "assistant", parts: [{ type: "text", text: "One moment." }, CALL] });
    expect(messages).toEqual([{ role: "assistant", tool_plan: "One moment.", tool_calls: [RENDERED_CALL] }]);
    expect(paths).toEqual([]);
  });

  test("send Cohere's own turn back as it came: thinking, plan, content and citations", () => {
    const citations = [{ start: 0, end: 2, text: "Hi", sources: [{ type: "document", id: "d", document: { id: "d" } }] }];
    const own: AssistantMessage = {
      role: "assistant",
      origin: { dialect: "cohere", provider: "cohere", model: "command-a-03-2025" },
      vendor: { cohere: { citations } },
      parts: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "Hi" },
        { type: "text", text: "I will call f.", vendor: { cohere: { toolPlan: true } } },
        CALL,
        { type: "source", documentId: "d" },
      ],
    };
    const { messages, paths } = messagesOf(own);
    expect(messages).toEqual([
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm." },
          { type: "text", text: "Hi" },
        ],
        tool_plan: "I will call f.",
        tool_calls: [RENDERED_CALL],
        citations,
      },
    ]);
    expect(paths).toEqual([]);
  });

  test("leave the content out beside calls, and say when words came after a call", () => {
    expect(messagesOf({ role: "assistant", parts: [CALL] }).messages).toEqual([
      { role: "assistant", tool_calls: [RENDERED_CALL] },
    ]);
    const after = messagesOf({ role: "assistant", parts: [CALL, { type: "text", text: "Later." }] });
    expect(after.messages).toEqual([{ role: "assistant", tool_plan: "Later.", tool_calls: [RENDERED_CALL] }]);
    expect(after.paths).toEqual(["messages[0]"]);
  });

  test("carry results of tools as text, or as a document that can be cited", () => {
    const { messages, paths } = messagesOf(
      { role: "assistant", parts: [CALL] },
      toolResult(CALL, "sunny"),
      toolResult(CALL, { celsius: 21 }),
      toolResult(CALL, [1, 2]),
      toolResult(CALL, ""),
      toolResult(CALL, "no", { isError: true }),
    );
    expect((messages as readonly { content: unknown }[]).slice(1).map((message) => message.content)).toEqual([
      "sunny",
      [{ type: "document", document: { data: { celsius: 21 } } }],
      "[1,2]",
      "(no tool output)",
      "no",
    ]);
    expect(paths).toEqual(["messages[3].parts[0].content[0]", "messages[4].parts[0].content", "messages[5].parts[0].isError"]);
  });
});

describe("tools at Cohere", () => {
  test("go with their whole schema, which nobody enforces", () => {
    const { body, warnings } = render({ tools: [tool("f", { description: "Does f." })] });
    const { inputSchema } = tool("f");
    const target = { name: "f", description: "Does f.", parameters: inputSchema };
    expect(body.tools).toEqual([{ type: "function", function: target }]);
    expect(warnings).toEqual([]);
  });

  test("are enforced all together or not at all", () => {
    const strict = render({ tools: [tool("f", { strict: true }), tool("g", { strict: true })] });
    expect(strict.body.strict_tools).toBe(true);
    expect(strict.body.tools).toMatchObject([{ function: { parameters: { properties: { a: { type: "integer" } } } } }, {}]);
    expect(strict.paths.every((path) => path?.endsWith("minimum"))).toBe(true);
    const mixed = render({ tools: [tool("f", { strict: true }), tool("g")] });
    expect(mixed.body).not.toHaveProperty("strict_tools");
    expect(mixed.paths).toEqual(["tools"]);
  });

  test("are chosen among in Cohere's words", () => {
    const tools = [tool("f"), tool("g")];
    expect(render({ tools, toolChoice: "auto" }).body).not.toHaveProperty("tool_choice");
    expect(render({ tools, toolChoice: "required" }).body.tool_choice).toBe("REQUIRED");
    expect(render({ tools, toolChoice: "none" }).body.tool_choice).toBe("NONE");
    expect(render({ toolChoice: "required" })).toMatchObject({ paths: ["toolChoice"] });
  });

  test("are offered alone when one is named, with a warning", () => {
    const { body, paths } = render({ tools: [tool("f"), tool("g")], toolChoice: { tool: "g" } });
    expect(body).toMatchObject({ tools: [{ function: { name: "g" } }], tool_choice: "REQUIRED" });
    expect(paths).toEqual(["toolChoice"]);
    expect(render({ tools: [tool("f")], toolChoice: { tool: "missing" } })).toMatchObject({
      body: { tools: [{ function: { name: "f" } }], tool_choice: "REQUIRED" },
      paths: ["toolChoice"],
    });
  });

  test("are not required of a model that is known not to take it", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { toolChoiceRequired: false }, "family");
    const { body, paths } = render({ tools: [tool("f")], toolChoice: "required" }, { stream: false, capabilities });
    expect(body).not.toHaveProperty("tool_choice");
    expect(paths).toEqual(["toolChoice"]);
  });
});

describe("the form of Cohere's answer", () => {
  test("is a schema within json_object, in the subset that Cohere enforces", () => {
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", minLength: 1, pattern: "^[a-z]+$" },
        when: { type: "string", format: "date" },
        code: { type: "string", pattern: "[a-z]{3}" },
      },
      required: ["name"],
    };
    const { body, paths } = render({ output: { type: "json", schema } });
    expect(body.response_format).toMatchObject({
      type: "json_object",
      json_schema: { properties: { when: { format: "date" }, code: { pattern: "[a-z]{3}" } }, required: ["name"] },
    });
    expect(JSON.stringify(body)).not.toContain('"minLength"');
    expect(paths).toEqual(["output.schema.properties.name.minLength", "output.schema.properties.name.pattern"]);
    expect(render({ output: { type: "json" } }).body.response_format).toEqual({ type: "json_object" });
  });
});

describe("thinking at Cohere", () => {
  test("is a budget; a grade becomes on, and says so", () => {
    expect(render({ reasoning: { budgetTokens: 500 } })).toMatchObject({
      body: { thinking: { type: "enabled", token_budget: 500 } },
      paths: [],
    });
    expect(render({ reasoning: { effort: "high" } })).toMatchObject({
      body: { thinking: { type: "enabled" } },
      paths: ["reasoning.effort"],
    });
    expect(render({ reasoning: { effort: "none" } }).body.thinking).toEqual({ type: "disabled" });
  });

  test("is not asked of a model that does not think", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { reasoning: false }, "family");
    const off = render({ reasoning: { effort: "none" } }, { stream: false, capabilities });
    expect(off).toMatchObject({ paths: [] });
    expect(off.body).not.toHaveProperty("thinking");
    const on = render({ reasoning: { budgetTokens: 5 } }, { stream: false, capabilities });
    expect(on).toMatchObject({ paths: ["reasoning"] });
    expect(on.body).not.toHaveProperty("thinking");
  });
});
