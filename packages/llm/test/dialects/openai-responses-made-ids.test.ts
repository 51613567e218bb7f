/** Items that were made here for another maker's answer, when the client sends them back. */
import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Completion } from "../../src/completion.ts";
import { createOpenAIResponsesDialect } from "../../src/dialects/openai-responses/index.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/json.ts";
import type { AssistantPart, Message } from "../../src/message.ts";

const dialect = createOpenAIResponsesDialect();
const origin = { dialect: "anthropic-messages", provider: "anthropic", model: "claude" };
const PARTS: readonly AssistantPart[] = [
  { type: "reasoning", text: "Hm." },
  { type: "text", text: "Hi" },
  { type: "image", source: { type: "data", data: "aGk=" }, mediaType: "image/png" },
  { type: "tool-call", id: "toolu_1", name: "f", arguments: { a: 1 } },
];

function answer(parts: readonly AssistantPart[], by = origin): JsonValue[] {
  const completion: Completion = {
    id: "abc",
    origin: by,
    message: { role: "assistant", origin: by, parts },
    finish: { reason: "tool-calls" },
    usage: {},
    warnings: [],
  };
  const { output } = dialect.renderResponse(completion, { model: "m", echo: {} }).body;
  return Array.isArray(output) ? [...output] : [];
}

function asked(input: readonly JsonValue[]) {
  const client = { path: "/v1/responses", query: {}, headers: {}, body: { model: "gpt-5", input } };
  const parsed = dialect.parseRequest(client);
  return { parsed, passes: dialect.passThrough?.parseRequest(client, parsed) !== undefined };
}

function sentAgain(messages: readonly Message[]): readonly JsonObject[] {
  const context = { stream: false, capabilities: UNKNOWN_CAPABILITIES };
  const { body } = dialect.renderRequest({ model: "gpt-5", messages }, context);
  return Array.isArray(body?.input) ? body.input.filter(isJsonObject) : [];
}

describe("another maker's answer, sent back by the client", () => {
  const items = answer(PARTS);

  it("has ids that say whose they are", () => {
    expect(items.map((item) => isJsonObject(item) && item.id)).toEqual([
      "rs_dragoman_abc_0",
      "msg_dragoman_abc_1",
      "ig_dragoman_abc_2",
      "fc_dragoman_abc_3",
    ]);
  });

  it("is read as what it was, with nothing that OpenAI could take for its own", () => {
    const { parsed } = asked(items);
    expect(parsed.request.messages).toEqual([{ role: "assistant", parts: PARTS }]);
    expect(parsed.warnings).toEqual([]);
  });

  it("does not pass on to OpenAI as it is, nor does a single item of it", () => {
    expect(asked(items).passes).toBe(false);
    for (const item of items) expect(asked([item]).passes).toBe(false);
  });

  it("goes to OpenAI without ids", () => {
    expect(sentAgain(asked(items).parsed.request.messages)).toEqual([
      { role: "assistant", content: "Hi" },
      { type: "function_call", call_id: "toolu_1", name: "f", arguments: '{"a":1}' },
    ]);
  });

  it("leaves out reasoning that was hidden", () => {
    expect(asked(answer([{ type: "reasoning", text: "" }])).parsed.request.messages).toEqual([]);
  });

  it("is the same when it was streamed", () => {
    const writer = dialect.renderStream({ model: "m", echo: {} });
    const wire = [
      writer.push({ type: "start", id: "abc", origin }),
      writer.push({ type: "reasoning-start", index: 0 }),
      writer.push({ type: "reasoning-delta", index: 0, text: "Hm." }),
      writer.push({ type: "reasoning-end", index: 0 }),
    ].join("");
    expect(wire).toContain('"id":"rs_dragoman_abc_0"');
  });
});

describe("what has ids of its own", () => {
  const OWN: readonly JsonObject[] = [
    { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
    { type: "function_call", id: "fc_1", status: "completed", call_id: "c", name: "f", arguments: "{}" },
    { type: "function_call_output", call_id: "c", output: "r" },
  ];

  it("passes on as it came, and goes back as it came where it is rendered", () => {
    const { parsed, passes } = asked(OWN);
    expect(passes).toBe(true);
    expect(sentAgain(parsed.request.messages)).toEqual(OWN);
  });

  it("keeps what its maker sealed where only the id was missing", () => {
    const vendor = { "openai-responses": { item: { summary: [], encrypted_content: "gAAA" } } };
    const own = { dialect: "openai-responses", provider: "p", model: "m" };
    const items = answer([{ type: "reasoning", text: "", vendor }], own);
    expect(items).toMatchObject([{ id: "rs_dragoman_abc_0", encrypted_content: "gAAA" }]);
    expect(asked(items).parsed.request.messages).toEqual([
      { role: "assistant", parts: [{ type: "reasoning", text: "", vendor }] },
    ]);
  });
});

describe("a reference to an item", () => {
  it("goes to the vendor that made it, and not where it was made here for another", () => {
    const own = { type: "item_reference", id: "rs_0123" };
    const { parsed, passes } = asked([
      own,
      { type: "item_reference", id: "rs_dragoman_abc_0" },
      { role: "user", content: "Go on." },
    ]);
    expect(passes).toBe(false);
    const context = { stream: false, capabilities: UNKNOWN_CAPABILITIES };
    const { body, warnings } = dialect.renderRequest(parsed.request, context);
    expect(body?.input).toMatchObject([own, { role: "user" }]);
    expect(warnings).toMatchObject([{ type: "unsupported", detail: expect.stringContaining("send the item itself") }]);
  });
});
