/** What Bedrock answers: whole, in frames, and as errors. */
import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES as UNKNOWN } from "../../src/capabilities.ts";
import { createBedrockConverseDialect } from "../../src/dialects/bedrock-converse/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkStream, compareCompletions, foldEvents } from "../../src/testing/laws.ts";

const dialect = createBedrockConverseDialect();
const CONTEXT = { provider: "bedrock", model: "us.anthropic.claude-sonnet-5" };

const CITATION = {
  title: "policy",
  source: "https://example.com/policy",
  sourceContent: [{ text: "Twenty days." }],
  location: { documentChar: { documentIndex: 0, start: 0, end: 12 } },
};

const BLOCKS: readonly JsonObject[] = [
  { reasoningContent: { reasoningText: { text: "Hm.", signature: "c2ln" } } },
  { reasoningContent: { redactedContent: "c2VhbA==" } },
  { citationsContent: { content: [{ text: "Twenty." }], citations: [CITATION] } },
  { toolUse: { toolUseId: "t1", name: "nova_code_interpreter", type: "server_tool_use", input: { snippet: "1+1" } } },
  {
    toolResult: {
      toolUseId: "t1",
      status: "success",
      type: "nova_code_interpreter_result",
      content: [{ json: { stdOut: "2" } }],
    },
  },
  { toolUse: { toolUseId: "t2", name: "get_weather", input: { city: "Zürich" } } },
];

const USAGE = {
  inputTokens: 10,
  outputTokens: 5,
  totalTokens: 115,
  cacheReadInputTokens: 70,
  cacheWriteInputTokens: 30,
  cacheDetails: [
    { ttl: "1h", inputTokens: 20 },
    { ttl: "5m", inputTokens: 10 },
  ],
};

const ANSWER = {
  output: { message: { role: "assistant", content: BLOCKS } },
  stopReason: "tool_use",
  usage: USAGE,
  metrics: { latencyMs: 321 },
  trace: { guardrail: { modelOutput: ["Twenty."] } },
};

type Frame = readonly [event: string | undefined, payload: unknown];

const STREAM: readonly Frame[] = [
  ["messageStart", { role: "assistant", p: "abc" }],
  ["contentBlockDelta", { contentBlockIndex: 0, delta: { reasoningContent: { text: "H" } } }],
  ["contentBlockDelta", { contentBlockIndex: 0, delta: { reasoningContent: { text: "m." } } }],
  ["contentBlockDelta", { contentBlockIndex: 0, delta: { reasoningContent: { signature: "c2ln" } } }],
  ["contentBlockStop", { contentBlockIndex: 0 }],
  ["contentBlockDelta", { contentBlockIndex: 1, delta: { reasoningContent: { redactedContent: "c2VhbA==" } } }],
  ["contentBlockStop", { contentBlockIndex: 1 }],
  ["contentBlockDelta", { contentBlockIndex: 2, delta: { citation: CITATION } }],
  ["contentBlockDelta", { contentBlockIndex: 2, delta: { text: "Twenty." } }],
  ["contentBlockStop", { contentBlockIndex: 2 }],
  [
    "contentBlockStart",
    { contentBlockIndex: 3, start: { toolUse: { toolUseId: "t1", name: "nova_code_interpreter", type: "server_tool_use" } } },
  ],
  ["contentBlockDelta", { contentBlockIndex: 3, delta: { toolUse: { input: '{"snippet":' } } }],
  ["contentBlockDelta", { contentBlockIndex: 3, delta: { toolUse: { input: '"1+1"}' } } }],
  ["contentBlockStop", { contentBlockIndex: 3 }],
  [
    "contentBlockStart",
    { contentBlockIndex: 4, start: { toolResult: { toolUseId: "t1", status: "success", type: "nova_code_interpreter_result" } } },
  ],
  ["contentBlockDelta", { contentBlockIndex: 4, delta: { toolResult: [{ json: { stdOut: "2" } }] } }],
  ["contentBlockStop", { contentBlockIndex: 4 }],
  ["contentBlockStart", { contentBlockIndex: 5, start: { toolUse: { toolUseId: "t2", name: "get_weather" } } }],
  ["contentBlockDelta", { contentBlockIndex: 5, delta: { toolUse: { input: '{"city":"Zür' } } }],
  ["contentBlockDelta", { contentBlockIndex: 5, delta: { toolUse: { input: 'ich"}' } } }],
  ["contentBlockStop", { contentBlockIndex: 5 }],
  ["messageStop", { stopReason: "tool_use" }],
  ["metadata", { usage: USAGE, metrics: { latencyMs: 321 }, trace: ANSWER.trace, p: "abcdef" }],
];

function events(frames: readonly Frame[]): readonly StreamEvent[] {
  const parser = dialect.parseStream(CONTEXT);
  const out: StreamEvent[] = [];
  for (const [event, payload] of frames) {
    const data = typeof payload === "string" ? payload : JSON.stringify(payload);
    parser.push(event === undefined ? { data } : { event, data }, out);
  }
  parser.end(out);
  expect(checkStream(out)).toEqual([]);
  return out;
}

function errorOf(frames: readonly Frame[]): DragomanError {
  const last = events(frames).at(-1);
  if (last?.type !== "error") throw new Error(`it ended with ${JSON.stringify(last)}`);
  return last.error;
}

describe("an answer", () => {
  const completion = dialect.parseResponse(ANSWER, CONTEXT);

  test("becomes parts, with what only Bedrock reads kept on them", () => {
    expect(completion.message.parts).toEqual([
      { type: "reasoning", text: "Hm.", vendor: { "bedrock-converse": { signature: "c2ln" } } },
      { type: "reasoning", text: "", vendor: { "bedrock-converse": { redactedContent: "c2VhbA==" } } },
      { type: "text", text: "Twenty.", vendor: { "bedrock-converse": { citations: [CITATION] } } },
      { type: "source", url: "https://example.com/policy", title: "policy", citedText: "Twenty days." },
      { type: "opaque", dialect: "bedrock-converse", kind: "toolUse", value: BLOCKS[3] },
      { type: "opaque", dialect: "bedrock-converse", kind: "toolResult", value: BLOCKS[4] },
      { type: "tool-call", id: "t2", name: "get_weather", arguments: { city: "Zürich" } },
    ]);
    expect(completion.finish).toEqual({ reason: "tool-calls", raw: "tool_use" });
    expect(completion.vendor).toEqual({ "bedrock-converse": { body: { metrics: { latencyMs: 321 }, trace: ANSWER.trace } } });
  });

  test("has usage in whole, the cache's part of it included", () => {
    const { raw, ...usage } = completion.usage;
    expect(usage).toEqual({
      inputTokens: 110,
      cacheReadTokens: 70,
      cacheWriteTokens: 30,
      cacheWriteOneHourTokens: 20,
      outputTokens: 5,
    });
    expect(raw).toEqual(USAGE);
    expect(dialect.parseResponse({ ...ANSWER, usage: {} }, CONTEXT).usage).toEqual({ raw: {} });
  });

  test("is the same in a stream", () => {
    expect(compareCompletions(completion, foldEvents(events(STREAM)))).toEqual([]);
    expect(foldEvents(events(STREAM)).vendor).toEqual(completion.vendor);
  });

  test("goes back and comes out as it was", () => {
    const request = { model: "us.anthropic.claude-sonnet-5", messages: [completion.message] };
    const { body } = dialect.renderRequest(request, { stream: false, capabilities: UNKNOWN });
    expect(body).toHaveProperty("messages.1.content", BLOCKS);
  });

  test.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["content_filtered", "content-filter"],
    ["guardrail_intervened", "content-filter"],
    ["malformed_tool_use", "error"],
    ["a new word", "other"],
  ])("that ends with %s finishes with %s", (raw, reason) => {
    expect(dialect.parseResponse({ ...ANSWER, stopReason: raw }, CONTEXT).finish).toEqual({ reason, raw });
  });

  test("names the stop sequence where the caller asked for it", () => {
    const fields = { stopReason: "stop_sequence", additionalModelResponseFields: { stop_sequence: "END" } };
    expect(dialect.parseResponse({ ...ANSWER, ...fields }, CONTEXT).finish.stopSequence).toBe("END");
  });

  test.each([
    ["a list", []],
    ["no output", { usage: {} }],
    ["an error", { __type: "com.amazon.coral.service#ThrottlingException", message: "Slow down." }],
  ])("that is none is an error: %s", (_name, body) => {
    expect(() => dialect.parseResponse(body, CONTEXT)).toThrow(DragomanError);
  });
});

describe("a stream", () => {
  test.each([
    ["throttlingException", "rate_limited"],
    ["modelStreamErrorException", "vendor_error"],
    ["internalServerException", "vendor_error"],
    ["serviceUnavailableException", "overloaded"],
    ["validationException", "invalid_request"],
    ["InternalFailure", "vendor_error"],
  ])("that breaks off with %s is %s, with what had arrived", (name, code) => {
    const error = errorOf([...STREAM.slice(0, 4), [name, { message: "It went wrong." }]]);
    expect(error).toMatchObject({ code, vendorCode: name, detail: "It went wrong." });
  });

  test("without its messageStop is truncated, without its metadata complete and its usage unknown", () => {
    expect(errorOf(STREAM.slice(0, -2)).code).toBe("stream_truncated");
    const folded = foldEvents(events(STREAM.slice(0, -1)));
    expect(folded.finish.reason).toBe("tool-calls");
    expect(folded.usage).toEqual({});
    expect(folded.warnings).toMatchObject([{ path: "usage" }]);
  });

  test("that opens blocks anew, leaves stops out or sends what nobody defines is read as far as it goes", () => {
    const folded = foldEvents(
      events([
        ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "One" } }],
        ["contentBlockStart", { contentBlockIndex: 0, start: { toolUse: { toolUseId: "a", name: "f" } } }],
        ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "b", name: "g" } } }],
        ["contentBlockDelta", { contentBlockIndex: 7, delta: { toolUse: { input: "{}" } } }],
        ["contentBlockStart", { contentBlockIndex: 8, start: { unheardOf: {} } }],
        ["newEvent", {}],
        ["messageStop", { stopReason: "tool_use" }],
      ]),
    );
    expect(folded.message.parts).toMatchObject([
      { type: "text", text: "One" },
      { type: "tool-call", id: "a", arguments: {} },
      { type: "tool-call", id: "b" },
    ]);
    expect(folded.warnings.filter((warning) => warning.type === "unknown-field")).toHaveLength(3);
  });

  test("joins encrypted reasoning that came in pieces by its bytes", () => {
    const piece = (text: string): Frame => [
      "contentBlockDelta",
      { contentBlockIndex: 0, delta: { reasoningContent: { redactedContent: Buffer.from(text).toString("base64") } } },
    ];
    const { message } = foldEvents(events([piece("seal"), piece("ed!"), ["messageStop", { stopReason: "end_turn" }]]));
    const { redactedContent = "" } =
      message.parts[0]?.type === "reasoning" ? (message.parts[0].vendor?.["bedrock-converse"] ?? {}) : {};
    expect(Buffer.from(redactedContent, "base64").toString()).toBe("sealed!");
  });

  test.each(["{", "7", "[]"])("with the payload %s is no stream", (payload) => {
    expect(errorOf([...STREAM.slice(0, 3), ["contentBlockDelta", payload]]).code).toBe("invalid_response");
  });
});

describe("an error", () => {
  function parse(status: number, kind: string | undefined, body: string) {
    const headers: Record<string, string> = { "x-amzn-requestid": "r-1" };
    if (kind !== undefined) headers["x-amzn-errortype"] = `${kind}:http://internal.amazon.com/coral/`;
    return dialect.parseError({ status, headers, body, request: "POST /model/x/converse" }, CONTEXT);
  }

  test.each([
    [429, "ThrottlingException", "Too many tokens, please wait before trying again.", "rate_limited"],
    [400, "ServiceQuotaExceededException", "Over the quota.", "quota_exceeded"],
    [403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", "permission_denied"],
    [403, "AccessDeniedException", "Bearer Token has expired", "authentication"],
    [403, "UnrecognizedClientException", "The security token included in the request is invalid.", "authentication"],
    [403, "InvalidSignatureException", "The signature does not match.", "authentication"],
    [404, "ResourceNotFoundException", "This model version has reached the end of its life.", "model_not_found"],
    [400, "ValidationException", "The provided model identifier is invalid.", "model_not_found"],
    [400, "ValidationException", "Input is too long for requested model.", "context_overflow"],
    [
      400,
      "ValidationException",
      "The model returned the following errors: prompt is too long: 9 tokens > 8 maximum",
      "context_overflow",
    ],
    [400, "ValidationException", "A conversation must start with a user message.", "invalid_request"],
    [429, "ModelNotReadyException", "The model is not ready.", "model_loading"],
    [408, "ModelTimeoutException", "The model took too long.", "timeout"],
    [424, "ModelErrorException", "The model failed.", "vendor_error"],
    [500, "InternalServerException", "Try again.", "vendor_error"],
    [503, "ServiceUnavailableException", "Try again.", "overloaded"],
  ])("%i %s: %s", (status, kind, message, code) => {
    for (const name of ["message", "Message"]) {
      expect(parse(status, kind, JSON.stringify({ [name]: message }))).toMatchObject({
        code,
        status,
        detail: message,
        vendorCode: kind,
        requestId: "r-1",
      });
    }
  });

  test("may name its kind in the body alone", () => {
    const body = JSON.stringify({ __type: "com.amazon.coral.service#ThrottlingException", message: "Slow down." });
    expect(parse(400, undefined, body)).toMatchObject({ code: "rate_limited", vendorCode: "ThrottlingException" });
  });

  test("about a model that wants a profile says which", () => {
    const words =
      "Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with an inference profile.";
    const error = parse(400, "ValidationException", JSON.stringify({ message: words }));
    expect(error.code).toBe("unsupported");
    expect(error.advice).toContain("inference profile");
  });
});
