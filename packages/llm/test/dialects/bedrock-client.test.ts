/** Clients of Bedrock in front of us: their requests read, and our answers as AWS's own client reads them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import { type ParsedRequest, wireBytes } from "../../src/dialect.ts";
import { createBedrockConverseDialect } from "../../src/dialects/bedrock-converse/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { streamFromCompletion } from "../../src/stream-from-completion.ts";
import { httpOneHandler } from "../http-one-handler.ts";

const dialect = createBedrockConverseDialect();
const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const HELLO = [{ role: "user", content: [{ text: "Hello." }] }];

function parse(body: unknown, model = CLAUDE, operation = "converse"): ParsedRequest {
  return dialect.parseRequest({ path: `/model/${encodeURIComponent(model)}/${operation}`, query: {}, headers: {}, body });
}

/** The body that goes on to Bedrock when a client's request is passed on. */
function passedOn(body: JsonObject, model = CLAUDE): unknown {
  const { request } = parse(body, model);
  return JSON.parse(JSON.stringify(dialect.renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES }).body));
}

describe("a request", () => {
  test("names its model and kind in the path, encoded or not", () => {
    const arn = "arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.amazon.nova-lite-v1:0";
    expect(parse({ messages: HELLO }, arn, "converse-stream")).toMatchObject({ stream: true, request: { model: arn } });
    const plain = dialect.parseRequest({ path: `/model/${arn}/converse`, query: {}, headers: {}, body: { messages: HELLO } });
    expect(plain).toMatchObject({ stream: false, request: { model: arn }, client: { model: arn } });
  });

  test("goes on as it came: conversation, tools, cache points, settings", () => {
    const point = { cachePoint: { type: "default" } };
    const body = {
      system: [{ text: "A." }, point, { text: "B." }, { cachePoint: { type: "default", ttl: "1h" } }],
      messages: [
        {
          role: "user",
          content: [
            { document: { format: "txt", name: "notes", source: { text: "Grüße" }, context: "c", citations: { enabled: true } } },
            { image: { format: "png", source: { s3Location: { uri: "s3://b/k", bucketOwner: "000000000000" } } } },
            { text: "Look." },
            point,
          ],
        },
        {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: "Hm.", signature: "c2ln" } } },
            { toolUse: { toolUseId: "a", name: "f", input: { x: 1 } } },
          ],
        },
        {
          role: "user",
          content: [
            {
              toolResult: {
                toolUseId: "a",
                content: [{ json: { y: 2 } }, { searchResult: { source: "s", title: "t", content: [{ text: "z" }] } }],
                status: "success",
              },
            },
            { guardContent: { text: { text: "Guard." } } },
            { text: "And?" },
          ],
        },
      ],
      inferenceConfig: { maxTokens: 4096, temperature: 1, stopSequences: ["END"] },
      toolConfig: {
        tools: [
          { toolSpec: { name: "f", description: "F.", inputSchema: { json: { type: "object" } } } },
          { systemTool: { name: "nova_code_interpreter" } },
        ],
        toolChoice: { auto: {} },
      },
      requestMetadata: { team: "a" },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2048 }, anthropic_beta: ["x"] },
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      performanceConfig: { latency: "optimized" },
      serviceTier: { type: "flex" },
      additionalModelResponseFieldPaths: ["/stop_sequence"],
    };
    expect(passedOn(body)).toEqual(body);
    const { request, warnings } = parse(body);
    expect(warnings).toEqual([]);
    expect(request).toMatchObject({
      reasoning: { budgetTokens: 2048 },
      cache: [{ stable: { messages: 1 } }, { stable: "system", timeToLive: "1h" }, { stable: { messages: 3 } }],
      metadata: { tags: { team: "a" } },
      toolChoice: "auto",
    });
  });

  test.each([
    [CLAUDE, { reasoning_config: { type: "enabled", budget_tokens: 1024 } }, { budgetTokens: 1024 }],
    [CLAUDE, { thinking: { type: "disabled" }, top_k: 7 }, { effort: "none" }],
    ["us.amazon.nova-2-lite-v1:0", { reasoningConfig: { type: "enabled", maxReasoningEffort: "low" } }, { effort: "low" }],
    ["us.amazon.nova-2-lite-v1:0", { reasoningConfig: { type: "disabled" } }, { effort: "none" }],
    ["qwen.qwen3-32b-v1:0", { reasoning_config: "high" }, { effort: "high" }],
    ["openai.gpt-oss-20b-1:0", { reasoning_effort: "extreme" }, undefined],
    ["meta.llama3-8b-instruct-v1:0", { anything: { goes: true } }, undefined],
  ])("to %s with %j is understood and goes on in the same words", (model, fields, reasoning) => {
    const body = { messages: HELLO, additionalModelRequestFields: fields as JsonValue };
    expect(passedOn(body, model)).toEqual(body);
    const read = parse(body, model).request.reasoning;
    if (reasoning === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(reasoning);
  });

  test("for a schema comes out as one", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
    const textFormat = { type: "json_schema", structure: { jsonSchema: { schema: JSON.stringify(schema), name: "n" } } };
    const body = { messages: HELLO, outputConfig: { textFormat, effort: "low" } };
    expect(parse(body).request.output).toEqual({ type: "json", schema, name: "n", strict: true });
    expect(passedOn(body)).toEqual(body);
  });

  test.each([
    [{}, "messages"],
    [{ messages: [{ role: "tool", content: [] }] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: "text" }] }, "messages[0].content"],
    [{ messages: [{ role: "user", content: [{}] }] }, "messages[0].content[0]"],
    [{ messages: [{ role: "user", content: [{ text: 7 }] }] }, "messages[0].content[0].text"],
    [{ messages: [{ role: "user", content: [{ image: { format: "png" } }] }] }, "messages[0].content[0].image.source"],
    [
      { messages: [{ role: "user", content: [{ toolResult: { toolUseId: "a" } }] }] },
      "messages[0].content[0].toolResult.content",
    ],
    [{ messages: HELLO, inferenceConfig: { maxTokens: "9" } }, "inferenceConfig.maxTokens"],
    [{ messages: HELLO, toolConfig: { tools: [{}] } }, "toolConfig.tools[0]"],
    [{ messages: HELLO, toolConfig: { tools: [], toolChoice: {} } }, "toolConfig.toolChoice"],
    [{ messages: HELLO, requestMetadata: { a: 1 } }, "requestMetadata.a"],
  ])("with %j is refused by the field's name", (body, field) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: "invalid_request", field }));
  });

  test("with any wrong value anywhere is refused by its name or understood, never a crash", () => {
    const body = {
      system: [{ text: "A." }],
      messages: [{ role: "user", content: [{ image: { format: "png", source: { bytes: "AA==" } } }, { text: "B." }] }],
      toolConfig: {
        tools: [{ toolSpec: { name: "f", inputSchema: { json: { type: "object" } } } }],
        toolChoice: { tool: { name: "f" } },
      },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2048 }, top_k: 4 },
      inferenceConfig: { maxTokens: 10, stopSequences: ["x"] },
    };
    let refused = 0;
    for (const path of pathsOf(body)) {
      for (const wrong of [null, true, 7, "text", [], [null], {}, { type: "unheard-of" }]) {
        try {
          passedOn(Object(replaced(body, path, wrong)));
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request" });
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  test("for a count of tokens holds the prompt under input.converse", () => {
    const body = { input: { converse: { messages: HELLO, system: [{ text: "A." }] } } };
    const path = `/model/${encodeURIComponent(CLAUDE)}/count-tokens`;
    const parsed = dialect.countTokens?.parseRequest({ path, query: {}, headers: {}, body });
    expect(parsed?.request).toMatchObject({ model: CLAUDE, messages: [{ role: "system" }, { role: "user" }] });
    expect(dialect.countTokens?.renderResponse(7)).toEqual({ inputTokens: 7 });
  });
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [...(path.length === 0 ? [] : [path]), ...entries.flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, wrong: unknown): unknown {
  if (key === undefined) return wrong;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === key ? replaced(item, rest, wrong) : item));
  return { ...Object(value), [key]: replaced(Reflect.get(Object(value), key), rest, wrong) };
}

// Our answers, read by AWS's client

const ORIGIN = { dialect: "openai-chat", provider: "openai", model: "gpt-x" };

const COMPLETION: Completion = {
  id: "x",
  origin: ORIGIN,
  message: {
    role: "assistant",
    origin: ORIGIN,
    parts: [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Grüße – 世界 👩‍🚀" },
      { type: "tool-call", id: "call_1", name: "get_weather", arguments: { city: "Zürich" } },
    ],
  },
  finish: { reason: "tool-calls" },
  usage: { inputTokens: 100, cacheReadTokens: 60, outputTokens: 20 },
  timing: { totalMs: 12.4 },
  warnings: [],
};

describe("AWS's own client", () => {
  let events: readonly StreamEvent[] = [];
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    const client = { model: "gpt-x", echo: {} };
    if (url.includes("throttled")) {
      const { status, headers, body } = dialect.renderError(new DragomanError({ code: "rate_limited", detail: "slow down" }));
      response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
    } else if (url.endsWith("/converse")) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(dialect.renderResponse(COMPLETION, client).body));
    } else {
      const renderer = dialect.renderStream(client);
      response.writeHead(200, { "content-type": renderer.contentType });
      for (const event of events) response.write(wireBytes(dialect.framing, renderer.push(event)));
      response.end();
    }
  });
  let client: BedrockRuntimeClient;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      maxAttempts: 1,
      requestHandler: httpOneHandler(),
    });
  });
  afterAll(() => {
    client.destroy();
    server.close();
  });

  const INPUT = { modelId: "gpt-x", messages: [{ role: "user" as const, content: [{ text: "Hi." }] }] };

  test("reads an answer", async () => {
    const answer = await client.send(new ConverseCommand(INPUT));
    expect(answer).toMatchObject({
      output: {
        message: {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: "Hm." } } },
            { text: "Grüße – 世界 👩‍🚀" },
            { toolUse: { toolUseId: "call_1", name: "get_weather", input: { city: "Zürich" } } },
          ],
        },
      },
      stopReason: "tool_use",
      usage: { inputTokens: 40, outputTokens: 20, totalTokens: 120, cacheReadInputTokens: 60 },
      metrics: { latencyMs: 12 },
    });
  });

  test("reads a stream", async () => {
    events = streamFromCompletion(COMPLETION);
    const { stream } = await client.send(new ConverseStreamCommand(INPUT));
    const names: string[] = [];
    let text = "";
    let input = "";
    for await (const event of stream ?? []) {
      names.push(Object.keys(event)[0] ?? "");
      text += event.contentBlockDelta?.delta?.text ?? "";
      input += event.contentBlockDelta?.delta?.toolUse?.input ?? "";
    }
    expect(text).toBe("Grüße – 世界 👩‍🚀");
    expect(JSON.parse(input)).toEqual({ city: "Zürich" });
    expect(names[0]).toBe("messageStart");
    expect(names.slice(-2)).toEqual(["messageStop", "metadata"]);
    expect(names.filter((name) => name === "contentBlockStop")).toHaveLength(3);
  });

  test("throws for an error, before the stream and within", async () => {
    await expect(client.send(new ConverseCommand({ ...INPUT, modelId: "throttled" }))).rejects.toMatchObject({
      name: "ThrottlingException",
    });
    events = [
      ...streamFromCompletion(COMPLETION).slice(0, 3),
      { type: "error", error: new DragomanError({ code: "rate_limited", detail: "slow down" }) },
    ];
    const { stream } = await client.send(new ConverseStreamCommand(INPUT));
    const reading = (async () => {
      for await (const event of stream ?? []) if (event.throttlingException) throw event.throttlingException;
    })();
    await expect(reading).rejects.toMatchObject({ name: "ThrottlingException" });
  });
});

describe("a stream for a client", () => {
  test("has one block at a time, though parts are open together", () => {
    const renderer = dialect.renderStream({ model: "gpt-x", echo: {} });
    const open: readonly StreamEvent[] = [
      { type: "start", id: "x", origin: ORIGIN },
      { type: "tool-call-start", index: 0, id: "a", name: "f" },
      { type: "tool-call-start", index: 1, id: "b", name: "g" },
      { type: "tool-call-delta", index: 1, text: "{}" },
      { type: "tool-call-delta", index: 0, text: "{}" },
      { type: "tool-call-end", index: 1 },
      { type: "tool-call-end", index: 0 },
      { type: "finish", finish: { reason: "tool-calls" }, usage: {} },
    ];
    const text = open.map((event) => renderer.push(event)).join("");
    const order = [...text.matchAll(/"contentBlockIndex":(\d)/g)].map(([, index]) => index);
    expect(order).toEqual(["0", "0", "0", "1", "1", "1"]);
  });

  test("says what it has no room for", () => {
    const renderer = dialect.renderStream({ model: "gpt-x", echo: {} });
    const parts: Completion["message"]["parts"] = [
      { type: "refusal", text: "No." },
      { type: "source", url: "https://example.com" },
      { type: "image", mediaType: "image/png", source: { type: "data", data: "AA==" } },
      { type: "reasoning", text: "Hm.", vendor: { "anthropic-messages": { signature: "c2ln" } } },
    ];
    const completion = { ...COMPLETION, message: { ...COMPLETION.message, parts }, usage: { reasoningTokens: 3 } };
    for (const event of streamFromCompletion(completion)) renderer.push(event);
    const whole = dialect.renderResponse(completion, { model: "gpt-x", echo: {} });
    const paths = (warnings: readonly { readonly path?: string }[]) => warnings.map(({ path }) => path).sort();
    expect(paths(renderer.warnings)).toEqual(paths(whole.warnings));
    expect(paths(whole.warnings)).toEqual([
      "message.parts",
      "message.parts[0]",
      "message.parts[2]",
      "message.parts[3]",
      "usage.inputTokens",
      "usage.outputTokens",
      "usage.reasoningTokens",
    ]);
  });

  test("cannot take back what was said, when another model begins", () => {
    const renderer = dialect.renderStream({ model: "gpt-x", echo: {} });
    renderer.push({ type: "start", id: "x", origin: ORIGIN });
    expect(renderer.push({ type: "restart", reason: "the first broke off" })).toBe("");
    renderer.push({ type: "text-start", index: 0 });
    renderer.push({ type: "text-delta", index: 0, text: "One" });
    expect(renderer.push({ type: "restart", reason: "the second broke off" })).toContain("serviceUnavailableException");
    expect(renderer.push({ type: "text-delta", index: 0, text: "Two" })).toBe("");
  });
});
