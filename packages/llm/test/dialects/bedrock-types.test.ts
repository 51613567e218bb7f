/**
 * The vendor's own types, held against this dialect when the project is type-checked: every field of theirs is one that we
 * render, read or pass on. AWS's client has bytes where the wire has base64, so only names are compared.
 */
import type {
  AudioFormat,
  CacheDetail,
  ContentBlock,
  ContentBlockDelta,
  ContentBlockStart,
  ConverseResponse,
  ConverseStreamMetadataEvent,
  ConverseStreamOutput,
  ConverseStreamRequest,
  ConverseTokensRequest,
  DocumentFormat,
  ImageFormat,
  InferenceConfiguration,
  StopReason,
  TokenUsage,
  ToolChoice,
  ToolResultBlock,
  ToolSpecification,
  VideoFormat,
} from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { checkBlock } from "../../src/dialects/bedrock-converse/check-block.ts";
import { createBedrockConverseDialect } from "../../src/dialects/bedrock-converse/index.ts";
import { formatOf, mediaTypeOf } from "../../src/dialects/bedrock-converse/media-formats.ts";
import type { JsonValue } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";

const dialect = createBedrockConverseDialect();

/** The members of one of AWS's unions. */
type MembersOf<Union> = Union extends { $unknown?: unknown } ? Exclude<keyof Union, "$unknown"> : never;

type FieldsOf<Shape> = { readonly [Field in keyof Required<Shape>]: JsonValue };

const HELLO = [{ role: "user", content: [{ text: "Hi." }] }];

describe("the types of AWS's client", () => {
  it("name no field of a request that we do not know", () => {
    const inferenceConfig: FieldsOf<InferenceConfiguration> = { maxTokens: 1, temperature: 1, topP: 1, stopSequences: [] };
    const toolSpec: FieldsOf<ToolSpecification> = { name: "f", description: "F.", inputSchema: { json: {} }, strict: true };
    const request: FieldsOf<Omit<ConverseStreamRequest, "modelId">> = {
      messages: HELLO,
      system: [{ text: "A." }],
      inferenceConfig,
      toolConfig: { tools: [{ toolSpec }] },
      guardrailConfig: {},
      additionalModelRequestFields: {},
      promptVariables: {},
      additionalModelResponseFieldPaths: [],
      requestMetadata: {},
      performanceConfig: {},
      serviceTier: {},
      outputConfig: {},
    };
    expect(dialect.parseRequest({ path: "/model/m/converse-stream", query: {}, headers: {}, body: request }).warnings).toEqual(
      [],
    );
    const counted: FieldsOf<ConverseTokensRequest> = {
      messages: HELLO,
      system: [],
      toolConfig: { tools: [] },
      additionalModelRequestFields: {},
    };
    const path = "/model/m/count-tokens";
    const parsed = dialect.countTokens?.parseRequest({ path, query: {}, headers: {}, body: { input: { converse: counted } } });
    expect(parsed?.warnings).toEqual([]);
  });

  it("name no block that we do not know", () => {
    const toolResult: FieldsOf<Pick<ToolResultBlock, "toolUseId" | "content" | "status">> = {
      toolUseId: "a",
      content: [],
      status: "error",
    };
    const media = { format: "f", source: { bytes: "AA==" } };
    const blocks: { readonly [Member in MembersOf<ContentBlock>]: JsonValue } = {
      text: "A.",
      image: media,
      document: { ...media, name: "n" },
      video: media,
      audio: media,
      toolUse: { toolUseId: "a", name: "f", input: {} },
      toolResult,
      guardContent: {},
      cachePoint: { type: "default" },
      reasoningContent: {},
      citationsContent: {},
      searchResult: {},
      toolAddition: {},
      toolRemoval: {},
    };
    for (const [member, value] of Object.entries(blocks))
      expect(checkBlock({ [member]: value }, "block"), member).toBeUndefined();
    const choices: { readonly [Member in MembersOf<ToolChoice>]: JsonValue } = { auto: {}, any: {}, tool: { name: "f" } };
    for (const [member, value] of Object.entries(choices)) {
      const body = { messages: HELLO, toolConfig: { tools: [], toolChoice: { [member]: value } } };
      expect(dialect.parseRequest({ path: "/model/m/converse", query: {}, headers: {}, body }).request.toolChoice).toBeDefined();
    }
  });

  it("name no format that has no media type of ours, but two of sound", () => {
    const formats = {
      image: { png: 1, jpeg: 1, gif: 1, webp: 1 } satisfies Record<ImageFormat, 1>,
      document: { pdf: 1, csv: 1, doc: 1, docx: 1, xls: 1, xlsx: 1, html: 1, txt: 1, md: 1 } satisfies Record<DocumentFormat, 1>,
      video: { mkv: 1, mov: 1, mp4: 1, webm: 1, flv: 1, mpeg: 1, mpg: 1, wmv: 1, three_gp: 1 } satisfies Record<VideoFormat, 1>,
      audio: {
        mp3: 1,
        opus: 1,
        wav: 1,
        aac: 1,
        flac: 1,
        mp4: 1,
        ogg: 1,
        mkv: 1,
        mka: 1,
        "x-aac": 1,
        m4a: 1,
        mpeg: 1,
        mpga: 1,
        pcm: 1,
        webm: 1,
      } satisfies Record<AudioFormat, 1>,
    };
    const unknown: string[] = [];
    for (const kind of ["image", "document", "video", "audio"] as const) {
      for (const format of Object.keys(formats[kind])) {
        const mediaType = mediaTypeOf(kind, format);
        if (mediaType === undefined) unknown.push(`${kind} ${format}`);
        else expect(formatOf(kind, mediaType)).toBe(format);
      }
    }
    expect(unknown).toEqual(["audio mkv", "audio mpeg"]);
  });

  it("name no reason to stop that we do not know", () => {
    const reasons: Record<StopReason, 1> = {
      end_turn: 1,
      stop_sequence: 1,
      tool_use: 1,
      max_tokens: 1,
      model_context_window_exceeded: 1,
      content_filtered: 1,
      guardrail_intervened: 1,
      malformed_model_output: 1,
      malformed_tool_use: 1,
    };
    for (const stopReason of Object.keys(reasons)) {
      const body = { output: { message: { role: "assistant", content: [] } }, stopReason };
      expect(dialect.parseResponse(body, { provider: "p", model: "m" }).finish.reason).not.toBe("other");
    }
  });

  it("name no field of an answer that is lost", () => {
    const cacheDetails: readonly FieldsOf<CacheDetail>[] = [{ ttl: "1h", inputTokens: 3 }];
    const usage: FieldsOf<Omit<TokenUsage, "cacheDetails">> = {
      inputTokens: 1,
      outputTokens: 2,
      totalTokens: 8,
      cacheReadInputTokens: 2,
      cacheWriteInputTokens: 3,
    };
    const metadata: FieldsOf<ConverseStreamMetadataEvent> = {
      usage: { ...usage, cacheDetails },
      metrics: { latencyMs: 1 },
      trace: { a: 1 },
      performanceConfig: { latency: "standard" },
      serviceTier: { type: "default" },
    };
    const answer: FieldsOf<ConverseResponse> = {
      ...metadata,
      output: { message: { role: "assistant", content: [{ text: "A." }] } },
      stopReason: "end_turn",
      additionalModelResponseFields: { b: 1 },
    };
    const { vendor, usage: read } = dialect.parseResponse(answer, { provider: "p", model: "m" });
    const { usage: _usage, output: _output, stopReason: _stopReason, ...kept } = answer;
    expect(vendor).toEqual({ "bedrock-converse": { body: kept } });
    expect(read).toMatchObject({
      inputTokens: 6,
      cacheReadTokens: 2,
      cacheWriteTokens: 3,
      cacheWriteOneHourTokens: 3,
      outputTokens: 2,
    });
  });

  it("name no event that a stream's reader does not know", () => {
    const events: { readonly [Member in MembersOf<ConverseStreamOutput>]: JsonValue } = {
      messageStart: { role: "assistant" },
      contentBlockStart: { contentBlockIndex: 0, start: { toolUse: { toolUseId: "a", name: "f" } } },
      contentBlockDelta: { contentBlockIndex: 0, delta: { text: "A." } },
      contentBlockStop: { contentBlockIndex: 0 },
      messageStop: { stopReason: "tool_use" },
      metadata: { usage: {} },
      internalServerException: { message: "a" },
      modelStreamErrorException: { message: "a" },
      validationException: { message: "a" },
      throttlingException: { message: "a" },
      serviceUnavailableException: { message: "a" },
    };
    for (const [event, payload] of Object.entries(events)) {
      const parser = dialect.parseStream({ provider: "p", model: "m" });
      const out: StreamEvent[] = [];
      parser.push({ event, data: JSON.stringify(payload) }, out);
      expect(JSON.stringify(out), event).not.toContain("is not defined");
    }
  });

  it("name kinds of blocks and deltas of which we leave only pictures out", () => {
    type Known<Union, Left extends string> = Exclude<MembersOf<Union>, Left>;
    const starts: Record<Known<ContentBlockStart, "image">, 1> = { toolUse: 1, toolResult: 1 };
    const deltas: Record<Known<ContentBlockDelta, "image">, 1> = {
      text: 1,
      toolUse: 1,
      toolResult: 1,
      reasoningContent: 1,
      citation: 1,
    };
    expect([...Object.keys(starts), ...Object.keys(deltas)]).toHaveLength(7);
  });
});
