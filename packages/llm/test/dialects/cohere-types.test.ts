/**
 * The vendor's own types, held against this dialect when the project is type-checked, and the vendor's own client as the
 * client of our answers. The SDK spells fields in camel case and the wire in snake case: `Wire` says what goes over.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Cohere, CohereClientV2 } from "cohere-ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import type { ParsedRequest } from "../../src/dialect.ts";
import { createCohereDialect } from "../../src/dialects/cohere/index.ts";
import type { JsonValue } from "../../src/json.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { streamFromCompletion } from "../../src/stream-from-completion.ts";

type Snake<Name> = Name extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Snake<Tail>}`
    : `_${Lowercase<Head>}${Snake<Tail>}`
  : Name;

type Wire<Value> = Value extends readonly (infer Item)[]
  ? readonly Wire<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value as Snake<Name>]: Wire<Value[Name]> }
    : Value;

const dialect = createCohereDialect();
const CONTEXT = { provider: "cohere", model: "command-a-03-2025" };
const ORIGIN = { dialect: "openai-chat", provider: "openai", model: "gpt-x" };

function parse(body: unknown): ParsedRequest {
  return dialect.parseRequest({ path: "/v2/chat", query: {}, headers: {}, body });
}

describe("the types of Cohere's SDK", () => {
  it("name no field that we do not know", () => {
    const request: { readonly [Field in keyof Required<Wire<Cohere.V2ChatRequest>>]: JsonValue } = {
      model: "command-a-03-2025",
      messages: [{ role: "user", content: "Hi" }],
      tools: [],
      strict_tools: true,
      documents: ["d"],
      citation_options: { mode: "fast" },
      response_format: { type: "text" },
      safety_mode: "STRICT",
      max_tokens: 1,
      stop_sequences: ["a"],
      temperature: 0.1,
      seed: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      k: 1,
      p: 0.5,
      logprobs: true,
      tool_choice: "NONE",
      thinking: { type: "disabled" },
      priority: 1,
    };
    expect(parse(request).warnings).toEqual([]);
  });

  it("describe requests that we read and write again", () => {
    const request: Wire<Cohere.V2ChatRequest> = {
      model: "command-a-03-2025",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }] },
        {
          role: "assistant",
          tool_plan: "I will call f.",
          tool_calls: [{ id: "f_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
        },
        { role: "tool", tool_call_id: "f_1", content: [{ type: "document", document: { id: "d", data: { b: 2 } } }] },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
      tool_choice: "REQUIRED",
      strict_tools: false,
      thinking: { type: "enabled", token_budget: 10 },
      response_format: { type: "json_object" },
    };
    const { request: canonical } = parse(JSON.parse(JSON.stringify(request)));
    const rendered = dialect.renderRequest(canonical, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    expect(rendered.body).toEqual(request);
    expect(rendered.warnings).toEqual([]);
  });

  it("describe answers and events that we read", () => {
    const answer: Wire<Cohere.V2ChatResponse> = {
      id: "a-1",
      finish_reason: "MAX_TOKENS",
      message: { role: "assistant", content: [{ type: "text", text: "Hi" }] },
      usage: { tokens: { input_tokens: 5, output_tokens: 1 }, cached_tokens: 2 },
    };
    expect(dialect.parseResponse(answer, CONTEXT)).toMatchObject({
      finish: { reason: "length" },
      usage: { inputTokens: 5, outputTokens: 1, cacheReadTokens: 2 },
    });
    const types: { readonly [Type in Cohere.V2ChatStreamResponse["type"]]: true } = {
      "message-start": true,
      "content-start": true,
      "content-delta": true,
      "content-end": true,
      "tool-plan-delta": true,
      "tool-call-start": true,
      "tool-call-delta": true,
      "tool-call-end": true,
      "citation-start": true,
      "citation-end": true,
      "message-end": true,
      debug: true,
    };
    for (const type of Object.keys(types)) {
      const events: StreamEvent[] = [];
      dialect.parseStream(CONTEXT).push({ event: type, data: JSON.stringify({ type }) }, events);
      expect(events.filter((event) => event.type === "warning" || event.type === "error")).toEqual([]);
    }
  });
});

describe("Cohere's own client", () => {
  const answer: Completion = {
    id: "c1",
    origin: ORIGIN,
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
  const received: ParsedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const parsed = parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    received.push(parsed);
    if (!parsed.stream) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(dialect.renderResponse(answer, parsed.client).body));
      return;
    }
    const renderer = dialect.renderStream(parsed.client);
    response.setHeader("content-type", renderer.contentType);
    for (const event of streamFromCompletion(answer)) response.write(renderer.push(event));
    response.end();
  });
  let client: CohereClientV2;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    client = new CohereClientV2({ token: "any", environment: `http://127.0.0.1:${port}` });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const asked = {
    model: "command-a-03-2025",
    messages: [{ role: "user" as const, content: "Hi" }],
    stopSequences: ["END"],
    thinking: { type: "enabled" as const, tokenBudget: 7 },
  };

  it("sends requests that we read, and reads our answers", async () => {
    const told = await client.chat(asked);
    expect(received.at(-1)?.request).toMatchObject({ stopSequences: ["END"], reasoning: { budgetTokens: 7 } });
    expect(received.at(-1)?.warnings).toEqual([]);
    expect(told).toMatchObject({
      id: "c1",
      finishReason: "TOOL_CALL",
      message: {
        content: [
          { type: "thinking", thinking: "Hm." },
          { type: "text", text: "Hi there" },
        ],
        toolCalls: [{ id: "t1", function: { name: "f", arguments: '{"a":1}' } }],
      },
      usage: { tokens: { inputTokens: 9, outputTokens: 3 }, cachedTokens: 4 },
    });
  });

  it("puts our streams together", async () => {
    let text = "";
    let thinking = "";
    let call = "";
    let finish: string | undefined;
    for await (const event of await client.chatStream(asked)) {
      if (event.type === "content-delta") {
        text += event.delta?.message?.content?.text ?? "";
        thinking += event.delta?.message?.content?.thinking ?? "";
      }
      if (event.type === "tool-call-delta") call += event.delta?.message?.toolCalls?.function?.arguments ?? "";
      if (event.type === "message-end") finish = event.delta?.finishReason;
    }
    expect({ text, thinking, call, finish }).toEqual({ text: "Hi there", thinking: "Hm.", call: '{"a":1}', finish: "TOOL_CALL" });
    expect(received.at(-1)?.stream).toBe(true);
  });
});
