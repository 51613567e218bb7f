import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import type { RenderContext } from "../../src/dialect.ts";
import { createOllamaDialect, type OllamaQuirks } from "../../src/dialects/ollama/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { type Message, toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";

const CONTEXT: RenderContext = { stream: false, capabilities: UNKNOWN_CAPABILITIES };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";

function render(request: Partial<CompletionRequest>, quirks: OllamaQuirks = {}, context: RenderContext = CONTEXT) {
  const full: CompletionRequest = { model: "qwen3:4b", messages: [userMessage("Hi")], ...request };
  const rendered = createOllamaDialect(quirks).renderRequest(full, context);
  return { ...rendered, body: rendered.body ?? {}, paths: rendered.warnings.map((warning) => warning.path) };
}

function messagesOf(...messages: readonly Message[]) {
  const { body, paths } = render({ messages });
  return { messages: body.messages, paths };
}

describe("a request to /api/chat", () => {
  test("says whether to stream, and sends nothing that was not set", () => {
    expect(render({})).toMatchObject({
      method: "POST",
      path: "/api/chat",
      body: { model: "qwen3:4b", messages: [{ role: "user", content: "Hi" }], stream: false },
      warnings: [],
    });
    expect(Object.keys(render({}).body)).toEqual(["model", "messages", "stream"]);
    expect(render({}, {}, { ...CONTEXT, stream: true }).body.stream).toBe(true);
  });

  test("puts sampling under options, with the vendor's own beside it", () => {
    const { body } = render({
      temperature: 0,
      topP: 0.9,
      topK: 40,
      seed: 7,
      stopSequences: ["END"],
      maxOutputTokens: 100,
      presencePenalty: 0.5,
      frequencyPenalty: 0.25,
      vendorOptions: { ollama: { keep_alive: "10m", truncate: false, options: { num_ctx: 8192, top_k: 20 } } },
    });
    expect(body).toEqual({
      model: "qwen3:4b",
      messages: [{ role: "user", content: "Hi" }],
      stream: false,
      keep_alive: "10m",
      truncate: false,
      options: {
        temperature: 0,
        top_p: 0.9,
        top_k: 20,
        seed: 7,
        stop: ["END"],
        num_predict: 100,
        presence_penalty: 0.5,
        frequency_penalty: 0.25,
        num_ctx: 8192,
      },
    });
  });

  test("reports options of other dialects and settings that the wire lacks", () => {
    const { paths } = render({
      vendorOptions: { "openai-chat": { store: true } },
      parallelToolCalls: false,
      metadata: { session: "s", user: "u", tags: { team: "x" } },
    });
    expect(paths).toEqual(["parallelToolCalls", "metadata.user", "metadata.tags", "vendorOptions.openai-chat"]);
  });
});

describe("messages", () => {
  test("carry thinking, calls and results, each result on its own", () => {
    const call = { type: "tool-call", id: "call_a", name: "add", arguments: { a: 1 } } as const;
    const { messages, paths } = messagesOf(
      { role: "system", parts: [{ type: "text", text: "Be brief." }] },
      userMessage("Add."),
      { role: "assistant", parts: [{ type: "reasoning", text: "Use add." }, { type: "text", text: "So:" }, call] },
      toolResult(call, "1"),
    );
    expect(messages).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Add." },
      {
        role: "assistant",
        content: "So:",
        thinking: "Use add.",
        tool_calls: [{ id: "call_a", function: { name: "add", arguments: { a: 1 } } }],
      },
      { role: "tool", content: "1", tool_name: "add", tool_call_id: "call_a" },
    ]);
    expect(paths).toEqual([]);
  });

  test("carry images as bare base64, and only those given as data", () => {
    const { messages, paths } = messagesOf(
      userMessage([
        { type: "text", text: "What is it?" },
        { type: "image", source: { type: "data", data: PNG }, mediaType: "image/png" },
        { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
        { type: "file", source: { type: "data", data: "JVBERi0=" }, mediaType: "application/pdf" },
      ]),
    );
    expect(messages).toEqual([{ role: "user", content: "What is it?", images: [PNG] }]);
    expect(paths).toEqual(["messages[0].parts[2]", "messages[0].parts[3]"]);
  });

  test("report what does not come back as it was", () => {
    const call = { type: "tool-call", id: "c", name: "add", arguments: [1] } as const;
    const broken = { type: "tool-call", id: "d", name: "add", arguments: {}, argumentsText: "{", invalid: "not JSON" } as const;
    const { messages, paths } = messagesOf(
      userMessage([
        { type: "image", source: { type: "data", data: PNG }, mediaType: "image/webp" },
        { type: "text", text: "one" },
        { type: "text", text: "two" },
      ]),
      { role: "assistant", parts: [call, broken, { type: "refusal", text: "No." }] },
      toolResult(call, { sum: 1 }, { isError: true }),
    );
    expect(messages).toMatchObject([
      { role: "user", content: "one\ntwo", images: [PNG] },
      {
        role: "assistant",
        content: "No.",
        tool_calls: [{ function: { arguments: { value: [1] } } }, { function: { arguments: {} } }],
      },
      { role: "tool", content: '{"sum":1}' },
    ]);
    expect(paths).toEqual([
      "messages[0].parts[0].mediaType",
      "messages[0].parts[1]",
      "messages[0].parts[2]",
      "messages[0]",
      "messages[1].parts[0].arguments",
      "messages[1].parts[1].arguments",
      "messages[1].parts[2]",
      "messages[1]",
      "messages[2].parts[0].content[0]",
      "messages[2].parts[0].isError",
    ]);
  });

  test("with half a surrogate pair are made readable, with a warning", () => {
    const { messages, paths } = messagesOf(userMessage("a\ud800b"));
    expect(messages).toEqual([{ role: "user", content: "a\ufffdb" }]);
    expect(paths).toEqual(["messages[0]"]);
  });
});

describe("tools", () => {
  const inputSchema: JsonObject = { type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"] };
  const add = { name: "add", description: "Adds.", inputSchema };
  const other = { name: "other", inputSchema: { type: "object", properties: {} } };

  test("go with their schema lowered, each loss reported", () => {
    const { body, paths } = render({ tools: [add] });
    expect(body.tools).toEqual([
      {
        type: "function",
        function: {
          name: "add",
          description: "Adds.",
          parameters: {
            type: "object",
            properties: { n: { type: "integer", description: "(minimum: 1)" } },
            required: ["n"],
          },
        },
      },
    ]);
    expect(paths).toEqual(["tools[0].inputSchema.properties.n.minimum"]);
  });

  test("take over what the root of the schema says, which the engine forgets there", () => {
    const schema = { ...inputSchema, description: "A number.", minProperties: 1, anyOf: [{ required: ["n"] }] };
    const { body, paths } = render({ tools: [{ name: "add", inputSchema: schema }] });
    expect(body.tools).toMatchObject([{ function: { description: "A number.\n(minProperties: 1)" } }]);
    expect(JSON.stringify(body.tools)).not.toContain("anyOf");
    expect(paths).toContain("tools[0].inputSchema.anyOf");
    expect(paths).toContain("tools[0].inputSchema.description");
  });

  test("stand in for a tool choice, which the wire does not have", () => {
    const named = render({ tools: [other, add], toolChoice: { tool: "add" } });
    expect(named.body.tools).toMatchObject([{ function: { name: "add" } }]);
    expect(named.paths).toContain("toolChoice");
    const none = render({ tools: [other], toolChoice: "none" });
    expect(none.body).not.toHaveProperty("tools");
    expect(none.paths).toEqual(["toolChoice"]);
    const required = render({ tools: [other], toolChoice: "required" });
    expect(required.body.tools).toHaveLength(1);
    expect(required.paths).toEqual(["toolChoice"]);
    expect(render({ tools: [other], toolChoice: "auto" }).paths).toEqual([]);
  });

  test("of other vendors are left out, and strict is reported", () => {
    const foreign = { type: "vendor", dialect: "gemini", name: "googleSearch", value: {} } as const;
    expect(render({ tools: [foreign, { ...other, strict: true }] }).paths).toEqual(["tools[0]", "tools[1].strict"]);
  });
});

describe("format", () => {
  const schema = { type: "object", properties: { n: { type: "integer", minimum: 1 } } };

  test("is the word json, or the schema whole", () => {
    expect(render({ output: { type: "json" } }).body.format).toBe("json");
    expect(render({ output: { type: "json", schema, name: "n" } })).toMatchObject({ body: { format: schema }, warnings: [] });
    expect(render({ output: { type: "text" } }).body).not.toHaveProperty("format");
  });

  test("comes with a warning where the server does not enforce it", () => {
    expect(render({ output: { type: "json", schema } }, { format: "ignored" }).paths).toEqual(["output.schema"]);
  });
});

describe("thinking", () => {
  const think = (request: Partial<CompletionRequest>, context: RenderContext = CONTEXT) => {
    const { body, paths } = render(request, {}, context);
    return [body.think, ...paths];
  };

  test("is on or off for most models, and graded for gpt-oss", () => {
    expect(think({ reasoning: { effort: "medium" } })).toEqual([true]);
    expect(think({ reasoning: { effort: "high" } })).toEqual([true, "reasoning.effort"]);
    expect(think({ reasoning: { effort: "none" } })).toEqual([false]);
    expect(think({ model: "gpt-oss:20b", reasoning: { effort: "high" } })).toEqual(["high"]);
    expect(think({ model: "gpt-oss:20b", reasoning: { effort: "xhigh" } })).toEqual(["high", "reasoning.effort"]);
    expect(think({ reasoning: { budgetTokens: 500 } })).toEqual([true, "reasoning.budgetTokens"]);
    expect(think({ reasoning: { summary: "auto" } })).toEqual([undefined]);
  });

  test("is not asked of a model that is known not to think, which the server would refuse", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { reasoning: false }, "vendor");
    expect(think({ reasoning: { effort: "medium" } }, { ...CONTEXT, capabilities })).toEqual([undefined, "reasoning"]);
  });
});
