/** The fake Bedrock, driven by AWS's own client: what the client accepts and reads, the fake does right. */
import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  type Tool,
} from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";
import { FAKE_AWS_CREDENTIALS } from "../../src/testing/fake-vendors/vendors/bedrock.ts";
import { httpOneHandler } from "../http-one-handler.ts";

const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA = "us.amazon.nova-lite-v1:0";
const THINKING = { thinking: { type: "enabled", budget_tokens: 1024 } };

let vendor: FakeVendor;
let client: BedrockRuntimeClient;
beforeAll(async () => {
  vendor = await startFakeVendor("bedrock");
  client = clientWith(FAKE_AWS_CREDENTIALS);
});
afterAll(async () => {
  client.destroy();
  await vendor.close();
});

function clientWith(credentials: { accessKeyId: string; secretAccessKey: string }): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: "eu-central-1",
    endpoint: vendor.url,
    credentials,
    maxAttempts: 1,
    requestHandler: httpOneHandler(),
  });
}

function user(...content: ContentBlock[]): { role: "user"; content: ContentBlock[] } {
  return { role: "user", content };
}

const HELLO = [user({ text: "Grüße" })];

function tool(name: string): Tool {
  return {
    toolSpec: { name, inputSchema: { json: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } },
  };
}

async function ask(input: Partial<ConverseCommandInput>) {
  return client.send(new ConverseCommand({ modelId: CLAUDE, messages: HELLO, ...input }));
}

async function streamed(input: Partial<ConverseCommandInput>): Promise<readonly ConverseStreamOutput[]> {
  const { stream } = await client.send(new ConverseStreamCommand({ modelId: CLAUDE, messages: HELLO, ...input }));
  const events: ConverseStreamOutput[] = [];
  for await (const event of stream ?? []) events.push(event);
  return events;
}

function textIn(events: readonly ConverseStreamOutput[]): string {
  return events.map((event) => event.contentBlockDelta?.delta?.text ?? "").join("");
}

describe("the fake Bedrock", () => {
  it("answers and streams the same", async () => {
    const whole = await ask({});
    const said = "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.";
    expect(whole.output?.message?.content).toEqual([{ text: said }]);
    expect(whole).toMatchObject({ stopReason: "end_turn", metrics: { latencyMs: 321 } });
    const events = await streamed({});
    expect(textIn(events)).toBe(said);
    expect(events.at(-2)?.messageStop?.stopReason).toBe("end_turn");
    expect(events.at(-1)?.metadata?.usage).toMatchObject({ outputTokens: whole.usage?.outputTokens });
  });

  it("calls tools, whole and in pieces, and reads their results", async () => {
    const messages = [user({ text: "Weather, in parallel" })];
    const toolConfig = { tools: [tool("get_weather"), tool("get_time")] };
    const first = await ask({ messages, toolConfig });
    expect(first.stopReason).toBe("tool_use");
    const calls = (first.output?.message?.content ?? []).flatMap((block) => block.toolUse ?? []);
    expect(calls.map((call) => call.name)).toEqual(["get_weather", "get_time"]);
    const events = await streamed({ messages, toolConfig });
    expect(events.flatMap((event) => event.contentBlockStart?.start?.toolUse?.name ?? [])).toEqual(["get_weather", "get_time"]);
    const results = calls.map((call) => ({
      toolResult: { toolUseId: call.toolUseId, content: [{ json: { is: call.name ?? "" } }] },
    }));
    const second = await ask({
      messages: [...messages, { role: "assistant", content: first.output?.message?.content }, user(...results)],
      toolConfig,
    });
    expect(second.output?.message?.content?.[0]?.text).toContain('get_time → {"is":"get_time"}');
  });

  it("thinks with a signature that it takes back, and no other", async () => {
    const fields = { additionalModelRequestFields: THINKING };
    const { output } = await ask(fields);
    const [thought] = output?.message?.content ?? [];
    const spoken = thought?.reasoningContent?.reasoningText;
    expect(spoken?.signature).toBeTruthy();
    const events = await streamed(fields);
    expect(events.some((event) => event.contentBlockDelta?.delta?.reasoningContent?.signature === spoken?.signature)).toBe(true);
    const again = (text: string) =>
      ask({
        ...fields,
        messages: [
          ...HELLO,
          {
            role: "assistant",
            content: [{ reasoningContent: { reasoningText: { text, signature: spoken?.signature } } }, { text: "Yes." }],
          },
          user({ text: "And?" }),
        ],
      });
    expect((await again(spoken?.text ?? "")).stopReason).toBe("end_turn");
    await expect(again("Something else.")).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("sees images, follows a schema, stops at a sequence and at the limit", async () => {
    const image = { image: { format: "png" as const, source: { bytes: Uint8Array.of(1, 2, 3) } } };
    const seen = await ask({ modelId: NOVA, messages: [user(image, { text: "What?" })] });
    expect(seen.output?.message?.content?.[0]?.text).toContain("image/png of 3 bytes");
    const schema = JSON.stringify({
      type: "object",
      properties: { a: { type: "integer" } },
      required: ["a"],
      additionalProperties: false,
    });
    const json = await ask({ outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema: { schema } } } } });
    expect(JSON.parse(json.output?.message?.content?.[0]?.text ?? "")).toHaveProperty("a");
    const stopped = await ask({
      inferenceConfig: { stopSequences: ["said"] },
      additionalModelResponseFieldPaths: ["/stop_sequence"],
    });
    expect(stopped).toMatchObject({ stopReason: "stop_sequence", additionalModelResponseFields: { stop_sequence: "said" } });
    expect(await ask({ inferenceConfig: { maxTokens: 2 } })).toMatchObject({ stopReason: "max_tokens" });
  });

  it("caches up to a cache point, and counts it beside the input", async () => {
    const system = [{ text: "one two three four" }, { cachePoint: { type: "default" as const, ttl: "1h" as const } }];
    const first = await ask({ system });
    expect(first.usage).toMatchObject({
      cacheReadInputTokens: 0,
      cacheWriteInputTokens: 4,
      cacheDetails: [{ ttl: "1h", inputTokens: 4 }],
    });
    const second = await ask({ system });
    expect(second.usage).toMatchObject({
      inputTokens: first.usage?.inputTokens,
      cacheReadInputTokens: 4,
      cacheWriteInputTokens: 0,
    });
  });

  it("counts tokens", async () => {
    const { inputTokens } = await client.send(
      new CountTokensCommand({ modelId: CLAUDE, input: { converse: { messages: [user({ text: "one two three" })] } } }),
    );
    expect(inputTokens).toBe(3);
  });

  it("takes an ARN for the model in it", async () => {
    const modelId = `arn:aws:bedrock:eu-central-1:000000000000:inference-profile/${NOVA}`;
    expect((await ask({ modelId })).stopReason).toBe("end_turn");
  });

  it.each([
    ["roles that do not alternate", { messages: [...HELLO, ...HELLO] }],
    ["an assistant who begins", { messages: [{ role: "assistant" as const, content: [{ text: "Hi." }] }, ...HELLO] }],
    ["blank text", { messages: [user({ text: " " })] }],
    [
      "tools in the history and none declared",
      { messages: [...HELLO, { role: "assistant" as const, content: [{ toolUse: { toolUseId: "a", name: "f", input: {} } }] }] },
    ],
    ["a name of a tool with a dot", { toolConfig: { tools: [tool("a.b")] } }],
    [
      "a document's name with a dot",
      {
        messages: [
          user({ document: { name: "a.pdf", format: "pdf" as const, source: { bytes: Uint8Array.of(1) } } }, { text: "A." }),
        ],
      },
    ],
    [
      "cache points for a family without",
      { modelId: "us.meta.llama3-3-70b-instruct-v1:0", system: [{ text: "A." }, { cachePoint: { type: "default" as const } }] },
    ],
    ["a model that is not there", { modelId: "no-such-model" }],
  ])("refuses %s", async (_name, input) => {
    await expect(ask(input)).rejects.toMatchObject({ name: "ValidationException", $metadata: { httpStatusCode: 400 } });
  });

  it("lets in nobody who signs with another secret or is unknown", async () => {
    const refusals = [
      [{ ...FAKE_AWS_CREDENTIALS, secretAccessKey: "wrong" }, "InvalidSignatureException"],
      [{ ...FAKE_AWS_CREDENTIALS, accessKeyId: "AKIDNOBODY" }, "UnrecognizedClientException"],
    ] as const;
    for (const [credentials, name] of refusals) {
      const stranger = clientWith(credentials);
      await expect(stranger.send(new ConverseCommand({ modelId: NOVA, messages: HELLO }))).rejects.toMatchObject({ name });
      stranger.destroy();
    }
  });

  it("fails in AWS's words, also within a stream", async () => {
    await expect(ask({ modelId: "fault-429" })).rejects.toMatchObject({ name: "ThrottlingException" });
    await expect(ask({ modelId: "fault-503" })).rejects.toMatchObject({ name: "ServiceUnavailableException" });
    await expect(streamed({ modelId: "fault-error-in-200" })).rejects.toMatchObject({ name: "InternalServerException" });
    await expect(streamed({ modelId: "fault-malformed" })).rejects.toThrow(/checksum/i);
  });
});
