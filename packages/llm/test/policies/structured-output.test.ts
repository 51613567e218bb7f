import { createScriptedProvider, type ScriptedAnswer, startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import {
  type CapabilityFacts,
  type CompletionCall,
  checkOutput,
  fold,
  openaiCompatible,
  type Provider,
  Secret,
  type StreamEvent,
  structuredOutput,
  textOf,
  UNKNOWN_CAPABILITIES,
  userMessage,
  withCapabilities,
  wrapProvider,
} from "../../src/index.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
  required: ["name", "age"],
} as const;
const CALL: CompletionCall = {
  model: "m",
  messages: [userMessage("Who?")],
  output: { type: "json", schema: SCHEMA, name: "person" },
};
const GOOD = '{"name":"Ada","age":36}';

function scripted(script: readonly ScriptedAnswer[], facts: CapabilityFacts = {}) {
  const inner = createScriptedProvider(script);
  const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, facts, "configuration");
  const provider: Provider = wrapProvider(inner, { capabilities: () => capabilities, stream: (call) => inner.stream(call) });
  return { inner, provider };
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("the way is chosen by capability", () => {
  test("natively where the model follows schemas, or nobody knows", async () => {
    const { inner, provider } = scripted([{ text: GOOD }]);
    const completion = await structuredOutput(provider).complete(CALL);
    expect(inner.requests[0]?.output).toEqual(CALL.output);
    expect(completion.warnings).toEqual([]);
  });

  test("through a tool where it follows none but calls tools", async () => {
    const { inner, provider } = scripted([{ toolCalls: [{ name: "person", arguments: { name: "Ada", age: 36 } }] }], {
      jsonSchema: false,
      tools: true,
    });
    const completion = await structuredOutput(provider).complete(CALL);
    expect(inner.requests[0]).toMatchObject({ toolChoice: { tool: "person" }, tools: [{ name: "person", inputSchema: SCHEMA }] });
    expect(inner.requests[0]?.output).toBeUndefined();
    expect(JSON.parse(textOf(completion.message))).toEqual({ name: "Ada", age: 36 });
    expect(completion.finish.reason).toBe("stop");
    expect(completion.warnings).toMatchObject([{ type: "lossy", path: "output.schema" }]);
  });

  test("asks for the tool in words where it cannot be forced", async () => {
    const { inner, provider } = scripted([{ toolCalls: [{ name: "person", arguments: { name: "Ada", age: 36 } }] }], {
      jsonSchema: false,
      tools: true,
      toolChoiceRequired: false,
    });
    await structuredOutput(provider).complete(CALL);
    expect(inner.requests[0]?.toolChoice).toBeUndefined();
    expect(inner.requests[0]?.messages[0]?.role).toBe("system");
  });

  test.each([
    ["bare", GOOD],
    ["in a fence", `\`\`\`json\n${GOOD}\n\`\`\``],
    ["between words", `Here you are: ${GOOD} Anything else?`],
  ])("in words where it can do neither, and takes the JSON %s", async (_name, text) => {
    const { inner, provider } = scripted([{ text }], { jsonSchema: false, tools: false });
    const completion = await structuredOutput(provider).complete(CALL);
    expect(await checkOutput(completion, CALL)).toEqual({ name: "Ada", age: 36 });
    expect(textOf(inner.requests[0]?.messages[0] ?? userMessage(""))).toContain(JSON.stringify(SCHEMA));
  });

  test("a request without a schema passes untouched", async () => {
    const { inner, provider } = scripted([{ text: "Hello." }], { jsonSchema: false });
    await structuredOutput(provider).complete({ model: "m", messages: CALL.messages });
    expect(inner.requests[0]).toEqual({ model: "m", messages: CALL.messages });
  });
});

describe("a wrong answer", () => {
  test("is sent back with what is wrong, and the sum of both is told", async () => {
    const { inner, provider } = scripted([
      { text: '{"name":"Ada","age":-1}', usage: { inputTokens: 10, outputTokens: 5 } },
      { text: GOOD, usage: { inputTokens: 30, outputTokens: 6 } },
    ]);
    const completion = await structuredOutput(provider).complete(CALL);
    expect(textOf(inner.requests[1]?.messages.at(-1) ?? userMessage(""))).toMatch(/age/);
    expect(completion.usage).toMatchObject({ inputTokens: 40, outputTokens: 11 });
    expect(completion.warnings).toMatchObject([{ type: "other" }]);
    inner.assertUsedUp();
  });

  test("is an error once it has been sent back often enough", async () => {
    const { inner, provider } = scripted([{ text: "no" }, { text: "no" }, { text: "no" }, { text: GOOD }]);
    await expect(structuredOutput(provider, { repairsMax: 2 }).complete(CALL)).rejects.toMatchObject({ code: "invalid_output" });
    expect(inner.remaining).toBe(1);
  });

  test("is not asked for again where the vendor refused", async () => {
    const { inner, provider } = scripted([{ text: "I must not.", finish: { reason: "content-filter" } }, { text: GOOD }]);
    await expect(structuredOutput(provider).complete(CALL)).rejects.toMatchObject({ code: "content_refused" });
    expect(inner.remaining).toBe(1);
  });

  test("is none while the model waits for other tools", async () => {
    const { provider } = scripted([{ toolCalls: [{ name: "look_up" }] }]);
    const completion = await structuredOutput(provider).complete({
      ...CALL,
      tools: [{ name: "look_up", inputSchema: { type: "object" } }],
    });
    expect(completion.finish.reason).toBe("tool-calls");
  });
});

describe("a stream", () => {
  test("gives a tool's arguments out as text", async () => {
    const { provider } = scripted([{ toolCalls: [{ name: "person", arguments: { name: "Ada", age: 36 } }] }], {
      jsonSchema: false,
      tools: true,
    });
    const completion = await fold(structuredOutput(provider).stream(CALL));
    expect(completion.message.parts).toMatchObject([{ type: "text", text: GOOD }]);
    expect(completion.finish.reason).toBe("stop");
  });

  test("ends in an error when what was said breaks the schema", async () => {
    const { provider } = scripted([{ text: '{"name":7}' }]);
    const events = await collect(structuredOutput(provider).stream(CALL));
    expect(events.at(-1)).toMatchObject({
      type: "error",
      error: { code: "invalid_output" },
      partial: { message: { parts: [{ type: "text" }] } },
    });
  });

  test("asked for in words comes whole, and says so", async () => {
    const { provider } = scripted([{ text: `\`\`\`json\n${GOOD}\n\`\`\`` }], { jsonSchema: false, tools: false });
    const completion = await fold(structuredOutput(provider).stream(CALL));
    expect(textOf(completion.message)).toBe(GOOD);
    expect(completion.warnings).toContainEqual(expect.objectContaining({ type: "simulated" }));
  });
});

test("works over a real wire in each way", async () => {
  const fake = await startFakeVendor("openai-compatible");
  try {
    for (const mode of ["native", "tool"] as const) {
      const inner = openaiCompatible({
        id: "example",
        baseUrl: fake.baseUrl,
        key: "env:NONE",
        options: { key: new Secret("any-key") },
      });
      const call = { ...CALL, model: "plain-model" };
      const completion = await structuredOutput(inner, { mode }).complete(call);
      expect(await checkOutput(completion, call)).toMatchObject({ name: expect.any(String), age: expect.any(Number) });
    }
  } finally {
    await fake.close();
  }
});
