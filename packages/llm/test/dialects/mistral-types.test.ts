/**
 * The vendor's own types and readers, held against this dialect: what @mistralai/mistralai writes must be what we read and
 * write again, and what we write it must read.
 */
import {
  type ChatCompletionRequest,
  type ChatCompletionResponse,
  type CompletionChunk,
  chatCompletionRequestToJSON,
  chatCompletionResponseFromJSON,
  completionChunkFromJSON,
  type ModelCapabilities,
  type ThinkChunk,
} from "@mistralai/mistralai/models/components";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Completion } from "../../src/completion.ts";
import { toolResult, userMessage } from "../../src/message.ts";
import { streamFromCompletion } from "../../src/stream-from-completion.ts";
import { answer, client, context, dialect, parse, renderBody, replay, written } from "./mistral-fixtures.ts";

const SCHEMA = { type: "object", properties: { city: { type: "string" } } };

const ORIGIN = { dialect: "anthropic-messages", provider: "anthropic", model: "claude" };
const COMPLETION: Completion = {
  id: "m1",
  origin: ORIGIN,
  createdAt: 7,
  message: {
    role: "assistant",
    origin: ORIGIN,
    parts: [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Hi there" },
      { type: "tool-call", id: "t1", name: "f", arguments: { a: 1 } },
    ],
  },
  finish: { reason: "tool-calls" },
  usage: { inputTokens: 9, cacheReadTokens: 4, outputTokens: 3 },
  warnings: [],
};

describe("the types of Mistral's SDK", () => {
  it("describe requests that we read and write again", () => {
    const request: ChatCompletionRequest = {
      model: "mistral-small-latest",
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "Look." },
            { type: "image_url", imageUrl: { url: "https://example.com/a.png", detail: "high" } },
            { type: "document_url", documentUrl: "https://example.com/a.pdf", documentName: "a.pdf" },
            { type: "file", fileId: "f1" },
            { type: "input_audio", inputAudio: "UklGRg==" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "Hm." }], signature: "s" },
            { type: "text", text: "So." },
            { type: "reference", referenceIds: [1, "b"] },
          ],
          toolCalls: [{ id: "abcdefgh1", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", toolCallId: "abcdefgh1", name: "f", content: "1" },
      ],
      tools: [{ type: "function", function: { name: "f", description: "d", parameters: SCHEMA, strict: true } }],
      toolChoice: "any",
      parallelToolCalls: false,
      maxTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      stop: ["END"],
      randomSeed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      responseFormat: { type: "json_schema", jsonSchema: { name: "place", schemaDefinition: SCHEMA, strict: false } },
      reasoningEffort: "high",
      metadata: { team: "a" },
      promptCacheKey: "k",
      safePrompt: true,
      n: 1,
    };
    const body = JSON.parse(chatCompletionRequestToJSON(request));
    const again = replay(body);
    // The SDK writes its defaults out, and a strict tool's schema is closed.
    delete body.stream;
    delete body.messages[2].prefix;
    delete body.messages[2].tool_calls[0].index;
    body.tools[0].function.parameters.additionalProperties = false;
    expect(again).toEqual(body);
    expect(parse(body).request).toMatchObject({ seed: 7, toolChoice: "required", reasoning: { effort: "high" } });
  });

  it("take what we write", () => {
    const body = renderBody({
      messages: [
        userMessage("?"),
        { role: "assistant", parts: [{ type: "tool-call", id: "abcdefgh1", name: "f", arguments: {} }] },
        toolResult({ id: "abcdefgh1", name: "f" }, "1"),
      ],
      tools: [{ name: "f", inputSchema: SCHEMA }],
      seed: 7,
      reasoning: { effort: "high" },
    });
    const expected: ChatCompletionRequest = {
      model: "mistral-small-latest",
      messages: [
        { role: "user", content: "?" },
        {
          role: "assistant",
          content: "",
          toolCalls: [{ id: "abcdefgh1", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", toolCallId: "abcdefgh1", name: "f", content: "1" },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: SCHEMA } }],
      randomSeed: 7,
      reasoningEffort: "high",
    };
    expect(JSON.parse(chatCompletionRequestToJSON(expected))).toMatchObject(body);
  });

  it("name the chunk and the capabilities that we read", () => {
    expectTypeOf<"thinking" | "signature" | "closed">().toExtend<keyof ThinkChunk>();
    expectTypeOf<"completionChat" | "functionCalling" | "vision" | "audio" | "reasoning">().toExtend<keyof ModelCapabilities>();
  });
});

describe("the readers of Mistral's SDK", () => {
  it("read our answers", () => {
    const read = chatCompletionResponseFromJSON(JSON.stringify(dialect.renderResponse(COMPLETION, client).body));
    expect(read.ok).toBe(true);
    const value: ChatCompletionResponse | undefined = read.ok ? read.value : undefined;
    expect(value).toMatchObject({
      id: "m1",
      created: 7,
      model: "mistral-small-latest",
      choices: [
        {
          finishReason: "tool_calls",
          message: {
            content: [
              { type: "thinking", thinking: [{ type: "text", text: "Hm." }], closed: true },
              { type: "text", text: "Hi there" },
            ],
            toolCalls: [{ id: "t1", function: { name: "f", arguments: '{"a":1}' } }],
          },
        },
      ],
      usage: { promptTokens: 9, completionTokens: 3, totalTokens: 12 },
    });
  });

  it("read an answer whose usage is not known", () => {
    const { body } = dialect.renderResponse({ ...COMPLETION, usage: {} }, client);
    expect(chatCompletionResponseFromJSON(JSON.stringify(body)).ok).toBe(true);
  });

  it("read our streams, chunk by chunk", () => {
    const { chunks } = written(streamFromCompletion(COMPLETION));
    const read = chunks.slice(0, -1).map((chunk) => completionChunkFromJSON(chunk));
    expect(read.every((result) => result.ok)).toBe(true);
    const values: CompletionChunk[] = read.flatMap((result) => (result.ok ? [result.value] : []));
    const calls = values.flatMap((chunk) => chunk.choices.flatMap((choice) => choice.delta.toolCalls ?? []));
    expect(calls).toMatchObject([{ id: "t1", function: { name: "f", arguments: '{"a":1}' } }]);
    expect(values.at(-1)).toMatchObject({ choices: [{ finishReason: "tool_calls" }], usage: { promptTokens: 9 } });
  });

  it("read the same answer as we do", () => {
    const body = answer({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }], tool_calls: null });
    expect(chatCompletionResponseFromJSON(JSON.stringify(body)).ok).toBe(true);
    expect(dialect.parseResponse(body, context).message.parts).toEqual([{ type: "reasoning", text: "Hm." }]);
  });
});
