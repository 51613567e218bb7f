/** What goes to Bedrock, and what is said of what does not. */
import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import { createBedrockConverseDialect } from "../../src/dialects/bedrock-converse/index.ts";
import { assistantMessage, type Message, systemMessage, toolResult, type UserPart, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";

const dialect = createBedrockConverseDialect();
const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NEW_CLAUDE = "global.anthropic.claude-opus-4-8";
const NOVA = "us.amazon.nova-lite-v1:0";
const NOVA_2 = "us.amazon.nova-2-lite-v1:0";
const LLAMA = "us.meta.llama3-3-70b-instruct-v1:0";
const TOOL = { name: "get_weather", description: "", inputSchema: { properties: { city: { type: "string" } } } } as const;
const CALL = { type: "tool-call", id: "call_1", name: "get_weather", arguments: { city: "Oslo" } } as const;
const HELLO = [userMessage("Hello.")];

interface Rendered {
  readonly body: Record<string, unknown>;
  readonly path: string;
  /** Paths of the warnings. */
  readonly warned: readonly (string | undefined)[];
}

function render(request: Partial<CompletionRequest>, capabilities = UNKNOWN_CAPABILITIES): Rendered {
  const whole = { model: CLAUDE, messages: HELLO, ...request };
  const { body, path, warnings } = dialect.renderRequest(whole, { stream: false, capabilities });
  return { body: JSON.parse(JSON.stringify(body)), path, warned: warnings.map((warning) => warning.path) };
}

function contents(messages: readonly Message[], model = CLAUDE) {
  const { body, warned } = render({ model, messages, tools: [TOOL] });
  return { messages: body.messages, warned };
}

describe("the address", () => {
  test.each([
    ["anthropic.claude-3-haiku-20240307-v1:0", "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse"],
    [CLAUDE, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"],
    [
      "arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/abc",
      "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A000000000000%3Aapplication-inference-profile%2Fabc/converse",
    ],
  ])("holds %s encoded", (model, path) => {
    expect(render({ model }).path).toBe(path);
    expect(dialect.renderRequest({ model, messages: HELLO }, { stream: true, capabilities: UNKNOWN_CAPABILITIES }).path).toBe(
      `${path}-stream`,
    );
  });
});

describe("the conversation", () => {
  test("has what opens it as system, and later system messages as the user's words", () => {
    const { body, warned } = render({ messages: [systemMessage("A."), systemMessage("B."), ...HELLO, systemMessage("C.")] });
    expect(body.system).toEqual([{ text: "A." }, { text: "B." }]);
    expect(body.messages).toEqual([{ role: "user", content: [{ text: "Hello." }, { text: "C." }] }]);
    expect(warned).toEqual(["messages[3]"]);
  });

  test("has a system prompt as the user's words for a model without one", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { systemPrompt: false }, "family");
    const { body, warned } = render({ messages: [systemMessage("A."), ...HELLO] }, capabilities);
    expect(body).toEqual({ messages: [{ role: "user", content: [{ text: "A." }, { text: "Hello." }] }] });
    expect(warned).toEqual(["messages[0]"]);
  });

  test("begins with the user, alternates, and holds no blank text", () => {
    const { messages, warned } = contents([
      assistantMessage("Welcome."),
      userMessage("One."),
      userMessage([
        { type: "text", text: " \n" },
        { type: "text", text: "Two." },
      ]),
    ]);
    expect(messages).toEqual([
      { role: "user", content: [{ text: "(continue)" }] },
      { role: "assistant", content: [{ text: "Welcome." }] },
      { role: "user", content: [{ text: "One." }, { text: "Two." }] },
    ]);
    expect(warned).toEqual(["messages[2].parts[0]", "messages"]);
  });

  test("goes on from the assistant's last words without the white space at their end", () => {
    const { messages, warned } = contents([...HELLO, assistantMessage('{"name": ')]);
    expect(messages).toEqual([
      { role: "user", content: [{ text: "Hello." }] },
      { role: "assistant", content: [{ text: '{"name":' }] },
    ]);
    expect(warned).toEqual(["messages"]);
  });

  test("replays reasoning that is signed, to models that sign", () => {
    const signed = { type: "reasoning", text: "Hm.", vendor: { "bedrock-converse": { signature: "c2ln" } } } as const;
    const sealed = { type: "reasoning", text: "", vendor: { "bedrock-converse": { redactedContent: "c2VhbA==" } } } as const;
    const bare = { type: "reasoning", text: "Bare." } as const;
    const history = [...HELLO, assistantMessage([signed, sealed, bare, { type: "text", text: "Yes." }]), userMessage("Go on.")];
    const { messages, warned } = contents(history);
    expect(messages).toHaveProperty("1.content", [
      { reasoningContent: { reasoningText: { text: "Hm.", signature: "c2ln" } } },
      { reasoningContent: { redactedContent: "c2VhbA==" } },
      { text: "Yes." },
    ]);
    expect(warned).toEqual(["messages[1].parts[2]"]);
    const elsewhere = contents(history, NOVA);
    expect(elsewhere.messages).toHaveProperty("1.content", [{ text: "Yes." }]);
    expect(elsewhere.warned).toEqual(["messages[1].parts[0]", "messages[1].parts[1]", "messages[1].parts[2]"]);
  });
});

describe("media", () => {
  const png = { type: "image", mediaType: "image/jpg", source: { type: "data", data: "iVBORw0=" } } as const;

  function user(...parts: UserPart[]) {
    const { body, warned } = render({ messages: [userMessage(parts)] });
    return { content: Object(body.messages)[0].content, warned };
  }

  test("go as bytes or as a place in a bucket", () => {
    const { content, warned } = user(
      png,
      { type: "file", mediaType: "video/mp4", source: { type: "reference", provider: "s3", id: "s3://films/a.mp4" } },
      { type: "audio", mediaType: "audio/wav", source: { type: "url", url: "s3://sounds/a.wav" } },
      { type: "text", text: "What is it?" },
    );
    expect(content).toEqual([
      { image: { format: "jpeg", source: { bytes: "iVBORw0=" } } },
      { video: { format: "mp4", source: { s3Location: { uri: "s3://films/a.mp4" } } } },
      { audio: { format: "wav", source: { s3Location: { uri: "s3://sounds/a.wav" } } } },
      { text: "What is it?" },
    ]);
    expect(warned).toEqual([]);
  });

  test("of another format or place are left out, and said to be", () => {
    const { content, warned } = user(
      { type: "image", mediaType: "image/tiff", source: { type: "data", data: "SUkq" } },
      { type: "image", mediaType: "image/png", source: { type: "reference", provider: "openai", id: "file-1" } },
      { type: "text", text: "Hm." },
    );
    expect(content).toEqual([{ text: "Hm." }]);
    expect(warned).toEqual(["messages[0].parts[0]", "messages[0].parts[1]"]);
  });

  test("of any kind of text go as plain text", () => {
    const { content, warned } = user(
      { type: "file", mediaType: "application/json", source: { type: "data", data: "e30=" } },
      { type: "text", text: "A." },
    );
    expect(content[0]).toEqual({ document: { format: "txt", name: "document-1", source: { bytes: "e30=" } } });
    expect(warned).toEqual(["messages[0].parts[0].mediaType"]);
  });

  test("that are documents have names that Bedrock takes, no two alike, and text beside them", () => {
    const pdf = (name?: string): UserPart => ({
      type: "file",
      mediaType: "application/pdf",
      source: { type: "data", data: "JVBERi0=" },
      ...(name === undefined ? {} : { name }),
    });
    const { content, warned } = user(pdf("q3_report (v2).final.pdf"), pdf("notes"), pdf("notes"), pdf(), pdf("世界 [1]"));
    const names = content.slice(0, 5).map((block: { document: { name: string } }) => block.document.name);
    expect(names).toEqual(["q3-report (v2)-final", "notes", "notes (2)", "document-1", "世界 [1]"]);
    expect(content[5]).toEqual({ text: "(document)" });
    expect(warned).toEqual(["messages[0].parts[0].name", "messages[0].parts[2].name", "messages"]);
  });
});

describe("tools", () => {
  const loop: readonly Message[] = [
    ...HELLO,
    assistantMessage([CALL, { ...CALL, id: "call_2" }]),
    toolResult(CALL, { celsius: 21 }),
    toolResult({ ...CALL, id: "call_2" }, "no such city", { isError: true }),
    userMessage("Thanks."),
  ];

  test("have an object schema, and no description where it is empty", () => {
    expect(render({ tools: [TOOL] }).body.toolConfig).toEqual({
      tools: [
        {
          toolSpec: { name: "get_weather", inputSchema: { json: { type: "object", properties: { city: { type: "string" } } } } },
        },
      ],
    });
  });

  test("answer in one user's message, before what else it says", () => {
    expect(contents(loop).messages).toHaveProperty("2", {
      role: "user",
      content: [
        { toolResult: { toolUseId: "call_1", content: [{ json: { celsius: 21 } }] } },
        { toolResult: { toolUseId: "call_2", content: [{ text: "no such city" }], status: "error" } },
        { text: "Thanks." },
      ],
    });
  });

  test("of the history are declared where the request has none", () => {
    const { body, warned } = render({ messages: loop });
    expect(body.toolConfig).toEqual({
      tools: [{ toolSpec: { name: "get_weather", inputSchema: { json: { type: "object" } } } }],
    });
    expect(warned).toEqual(["tools"]);
  });

  test("that may not be called are left out, unless the history needs them", () => {
    const fresh = render({ tools: [TOOL], toolChoice: "none" });
    expect(fresh.body.toolConfig).toBeUndefined();
    const used = render({ messages: loop, tools: [TOOL], toolChoice: "none" });
    expect(used.body.toolConfig).toHaveProperty("tools");
    expect([fresh.warned, used.warned]).toEqual([["toolChoice"], ["toolChoice"]]);
  });

  test("with an empty result or one that is no object say so in words", () => {
    const empty = contents([...HELLO, assistantMessage([CALL]), toolResult(CALL, "")]);
    expect(empty.messages).toHaveProperty("2.content.0.toolResult.content", [{ text: "(no tool output)" }]);
    const list = contents([...HELLO, assistantMessage([CALL]), toolResult(CALL, [1, 2])]);
    expect(list.messages).toHaveProperty("2.content.0.toolResult.content", [{ text: "[1,2]" }]);
    expect(list.warned).toEqual(["messages[2].parts[0].content[0]"]);
  });

  test("with other names than the wire takes are called by a spelling that can be read back", () => {
    const name = "math.add/zwei ½_x2e_";
    const { body } = render({
      messages: [...HELLO, assistantMessage([{ ...CALL, name }]), toolResult({ ...CALL, name }, "3")],
      tools: [{ ...TOOL, name }],
      toolChoice: { tool: name },
    });
    const written = Object(body.toolConfig).tools[0].toolSpec.name;
    expect(written).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(body.messages).toHaveProperty("1.content.0.toolUse.name", written);
    expect(body.toolConfig).toHaveProperty("toolChoice.tool.name", written);
    const answer = { output: { message: { content: [{ toolUse: { toolUseId: "a", name: written, input: {} } }] } } };
    const { message } = dialect.parseResponse(answer, { provider: "bedrock", model: CLAUDE });
    expect(message.parts).toEqual([{ type: "tool-call", id: "a", name, arguments: {} }]);
  });

  test.each([
    [CLAUDE, { any: {} }, { tool: { name: "get_weather" } }, 2, []],
    ["mistral.mistral-large-2407-v1:0", { any: {} }, { any: {} }, 1, ["toolChoice"]],
    [LLAMA, undefined, undefined, 1, ["toolChoice", "toolChoice"]],
  ])("are chosen as %s takes it", (model, required, named, offered, warned) => {
    const tools = [TOOL, { ...TOOL, name: "get_time" }];
    expect(Object(render({ model, tools, toolChoice: "required" }).body.toolConfig).toolChoice).toEqual(required);
    const one = render({ model, tools, toolChoice: { tool: "get_weather" } });
    expect(Object(one.body.toolConfig).toolChoice).toEqual(named);
    expect(Object(one.body.toolConfig).tools).toHaveLength(offered);
    expect(one.warned).toEqual(warned);
  });

  test("stand alone where a family wants it, under ids that Mistral takes", () => {
    const model = "mistral.mistral-large-2407-v1:0";
    const { messages, warned } = contents(loop, model);
    const ids = JSON.stringify(messages).match(/"toolUseId":"[^"]*"/g) ?? [];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^"toolUseId":"[a-zA-Z0-9]{9}"$/);
    expect(messages).toHaveProperty("3", { role: "assistant", content: [{ text: "(continue)" }] });
    expect(messages).toHaveProperty("4", { role: "user", content: [{ text: "Thanks." }] });
    expect(warned).toEqual(["messages[4]"]);
  });
});

describe("settings", () => {
  test("stand in inferenceConfig, what the wire lacks is reported", () => {
    const { body, warned } = render({
      model: NOVA,
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      topK: 20,
      stopSequences: ["END"],
      seed: 7,
      metadata: { user: "u", tags: { team: "a" } },
    });
    expect(body.inferenceConfig).toEqual({ maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ["END"] });
    expect(body.additionalModelRequestFields).toEqual({ inferenceConfig: { topK: 20 } });
    expect(body.requestMetadata).toEqual({ team: "a" });
    expect(warned).toEqual(["seed", "metadata.user"]);
  });

  test.each([
    [CLAUDE, { top_k: 20 }, []],
    ["cohere.command-r-v1:0", { k: 20 }, []],
    [LLAMA, undefined, ["topK"]],
  ])("have topK where %s takes it", (model, fields, warned) => {
    const { body, warned: paths } = render({ model, topK: 20 });
    expect(body.additionalModelRequestFields).toEqual(fields);
    expect(paths).toEqual(warned);
  });

  test("are by nobody but the caller", () => {
    expect(Object.keys(render({}).body)).toEqual(["messages"]);
  });

  test("have a schema as text, and none where the model follows none", () => {
    const output = {
      type: "json",
      name: "person",
      schema: { type: "object", properties: { age: { type: "integer", minimum: 1 } } },
    } as const;
    const { body, warned } = render({ output });
    const { textFormat } = Object(body.outputConfig);
    expect(textFormat).toMatchObject({ type: "json_schema", structure: { jsonSchema: { name: "person" } } });
    expect(JSON.parse(textFormat.structure.jsonSchema.schema)).toMatchObject({ type: "object", additionalProperties: false });
    expect(warned.length).toBeGreaterThan(0);
    const refused = render({ output }, withCapabilities(UNKNOWN_CAPABILITIES, { jsonSchema: false }, "family"));
    expect(refused.body.outputConfig).toBeUndefined();
    expect(refused.warned).toEqual(["output.schema"]);
  });
});

describe("thinking", () => {
  test.each([
    [
      "a budget for Claude",
      { model: CLAUDE, reasoning: { budgetTokens: 2048 } },
      { thinking: { type: "enabled", budget_tokens: 2048 } },
    ],
    [
      "a newer Claude",
      { model: NEW_CLAUDE, reasoning: { effort: "high" } },
      { thinking: { type: "adaptive" }, output_config: { effort: "high" } },
    ],
    [
      "Nova 2",
      { model: NOVA_2, reasoning: { effort: "medium" } },
      { reasoningConfig: { maxReasoningEffort: "medium", type: "enabled" } },
    ],
    ["Nova 2 turned off", { model: NOVA_2, reasoning: { effort: "none" } }, { reasoningConfig: { type: "disabled" } }],
    ["gpt-oss", { model: "openai.gpt-oss-120b-1:0", reasoning: { effort: "low" } }, { reasoning_effort: "low" }],
    ["Qwen", { model: "qwen.qwen3-32b-v1:0", reasoning: { effort: "high" } }, { reasoning_config: "high" }],
  ] as const)("is asked for in the words of %s", (_name, request, fields) => {
    const { body, warned } = render(request);
    expect(body.additionalModelRequestFields).toEqual(fields);
    expect(warned).toEqual([]);
  });

  test.each([
    ["a model without it", { model: LLAMA, reasoning: { effort: "high" } }, ["reasoning"]],
    ["a grade that is not there", { model: "openai.gpt-oss-120b-1:0", reasoning: { effort: "max" } }, ["reasoning.effort"]],
    ["a budget where grades are", { model: NOVA_2, reasoning: { budgetTokens: 5000 } }, ["reasoning.budgetTokens"]],
    ["a model that cannot stop", { model: "us.deepseek.r1-v1:0", reasoning: { effort: "none" } }, ["reasoning.effort"]],
    ["settings beside Nova's highest effort", { model: NOVA_2, reasoning: { effort: "high" }, temperature: 1 }, ["temperature"]],
    ["a temperature beside Claude's", { model: CLAUDE, reasoning: { budgetTokens: 2048 }, temperature: 0.3 }, ["temperature"]],
  ] as const)("is reported for %s", (_name, request, warned) => {
    expect(render(request).warned).toEqual(warned);
  });

  test("of a large budget brings a bound with it, as the default would be below it", () => {
    expect(render({ reasoning: { budgetTokens: 8000 } }).body.inferenceConfig).toEqual({ maxTokens: 12_096 });
    expect(render({ reasoning: { budgetTokens: 2000 } }).body.inferenceConfig).toBeUndefined();
  });
});

describe("cache points", () => {
  const messages = [systemMessage("Long."), ...HELLO, assistantMessage("Yes."), userMessage("And?")];
  const cache = [
    { stable: "tools" },
    { stable: "system", timeToLive: "1h" },
    { stable: { messages: 2 } },
    { stable: { messages: 4 } },
  ] as const;

  test("stand after what is stable", () => {
    const { body, warned } = render({ messages, tools: [TOOL], cache });
    const point = { cachePoint: { type: "default" } };
    expect(Object(body.toolConfig).tools[1]).toEqual(point);
    expect(body.system).toEqual([{ text: "Long." }, { cachePoint: { type: "default", ttl: "1h" } }]);
    expect(body.messages).toEqual([
      { role: "user", content: [{ text: "Hello." }, point] },
      { role: "assistant", content: [{ text: "Yes." }] },
      { role: "user", content: [{ text: "And?" }, point] },
    ]);
    expect(warned).toEqual([]);
  });

  test("go only where the family takes them, and no more than four", () => {
    const nova = render({ model: NOVA, messages, tools: [TOOL], cache });
    expect(Object(nova.body.toolConfig).tools).toHaveLength(1);
    expect(nova.warned).toEqual(["cache[0]"]);
    const llama = render({ model: LLAMA, messages, cache: [{ stable: "system" }] });
    expect(JSON.stringify(llama.body)).not.toContain("cachePoint");
    expect(llama.warned).toEqual(["cache[0]"]);
    const many = render({ messages, tools: [TOOL], cache: [...cache, { stable: { messages: 3 } }] });
    expect(JSON.stringify(many.body).match(/cachePoint/g)).toHaveLength(4);
    expect(many.warned).toEqual(["cache[2]"]);
  });
});

describe("vendor options", () => {
  test("lie over the body, into objects that both write, and a null takes a field out", () => {
    const { body, warned } = render({
      temperature: 0.5,
      topK: 20,
      vendorOptions: {
        "bedrock-converse": {
          guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
          performanceConfig: { latency: "optimized" },
          inferenceConfig: { temperature: null, maxTokens: 9 },
          additionalModelRequestFields: { anthropic_beta: ["x"] },
        },
        openai: { user: "u" },
      },
    });
    expect(body).toMatchObject({
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      performanceConfig: { latency: "optimized" },
      inferenceConfig: { maxTokens: 9 },
      additionalModelRequestFields: { top_k: 20, anthropic_beta: ["x"] },
    });
    expect(Object(body.inferenceConfig).temperature).toBeUndefined();
    expect(warned).toEqual(["vendorOptions.openai"]);
  });
});

test("counts the same prompt without what only an answer needs", () => {
  const rendered = dialect.countTokens?.renderRequest(
    { model: CLAUDE, messages: [systemMessage("A."), ...HELLO], tools: [TOOL], temperature: 1, maxOutputTokens: 5 },
    { stream: false, capabilities: UNKNOWN_CAPABILITIES },
  );
  expect(rendered?.path).toBe("/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens");
  expect(Object.keys(Object(rendered?.body).input.converse)).toEqual(["messages", "system", "toolConfig"]);
  expect(dialect.countTokens?.parseResponse({ inputTokens: 12 })).toBe(12);
  expect(() => dialect.countTokens?.parseResponse({})).toThrow("inputTokens");
});

describe("a turn whose tool calls are being answered", () => {
  const thought = { type: "reasoning", text: "Hm.", vendor: { "bedrock-converse": { signature: "c2ln" } } } as const;
  const answered = (...parts: readonly Parameters<typeof assistantMessage>[0][]) =>
    parts.flatMap((said) => [assistantMessage(said), toolResult(CALL, "Sunny.")]);
  const budget = { tools: [TOOL], reasoning: { budgetTokens: 2048 }, temperature: 0.3 } as const;

  test("gets no thinking budget where it began without thinking, and gives up the thoughts that came later", () => {
    const messages = [...HELLO, ...answered([CALL], [thought, CALL])];
    const { body, warned } = render({ ...budget, messages });
    expect(body.additionalModelRequestFields).toBeUndefined();
    expect(body.inferenceConfig).toEqual({ temperature: 0.3 });
    expect(JSON.stringify(body)).not.toContain("reasoningContent");
    expect(warned).toEqual(["reasoning"]);
  });

  test("keeps it where it began with thinking, though a later call has none, and a point for the cache stands between", () => {
    const cache = [{ stable: { messages: 3 } }] as const;
    const { body } = render({ ...budget, cache, messages: [...HELLO, ...answered([thought, CALL], [CALL])] });
    expect(JSON.stringify(body.messages)).toContain("cachePoint");
    expect(body.additionalModelRequestFields).toEqual({ thinking: { type: "enabled", budget_tokens: 2048 } });
  });
});
