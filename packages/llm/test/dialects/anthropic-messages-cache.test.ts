import { describe, expect, it } from "vitest";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import type { JsonObject } from "../../src/json.ts";
import type { Message } from "../../src/message.ts";
import { clientRequest, dialect, question, render, renderBody, replay } from "./anthropic-messages-fixtures.ts";

const system: Message = { role: "system", parts: [{ type: "text", text: "Be brief." }] };
const answer: Message = { role: "assistant", parts: [{ type: "text", text: "18 °C." }] };
const tools = [
  { name: "a", inputSchema: { type: "object" } },
  { name: "b", inputSchema: { type: "object" } },
];
const mark = { cache_control: { type: "ephemeral" } };

describe("cache directives", () => {
  it("become marks on the last tool, the last system block and the last block of a message", () => {
    const body = renderBody({
      messages: [system, question, answer, question],
      tools,
      cache: [{ stable: "tools", timeToLive: "1h" }, { stable: "system" }, { stable: { messages: 3 }, timeToLive: "5m" }],
    });
    expect(body.tools).toMatchObject([{ name: "a" }, { name: "b", cache_control: { type: "ephemeral", ttl: "1h" } }]);
    expect(body.system).toMatchObject([mark]);
    expect(body.messages).toMatchObject([{}, { content: [{ cache_control: { type: "ephemeral", ttl: "5m" } }] }, {}]);
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(3);
  });

  it("count system messages, so that a mark may fall on the system prompt", () => {
    expect(renderBody({ messages: [system, question], cache: [{ stable: { messages: 1 } }] }).system).toMatchObject([mark]);
  });

  it("pass over thinking and deferred tools, which cannot carry a mark", () => {
    const thinking = { type: "reasoning", text: "", vendor: { "anthropic-messages": { signature: "s" } } } as const;
    const deferred = { name: "c", inputSchema: { type: "object" }, vendor: { "anthropic-messages": { defer_loading: true } } };
    const body = renderBody({
      messages: [question, { role: "assistant", parts: [{ type: "text", text: "So." }, thinking] }, question],
      tools: [...tools, deferred],
      cache: [{ stable: "tools" }, { stable: { messages: 2 } }],
    });
    expect(body.tools).toMatchObject([{}, mark, { defer_loading: true }]);
    expect(body.messages).toMatchObject([{}, { content: [{ type: "text", ...mark }, { type: "thinking" }] }, {}]);
  });

  it("are at most four: the oldest message gives way, with a warning", () => {
    const messages = [system, question, answer, question, answer, question];
    const cache = [
      { stable: "tools" },
      { stable: "system" },
      { stable: { messages: 2 } },
      { stable: { messages: 4 } },
      { stable: { messages: 6 } },
    ] as const;
    const { body, warnings } = render({ messages, tools, cache });
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4);
    expect(body?.messages).toMatchObject([
      { content: [expect.not.objectContaining(mark)] },
      {},
      { content: [mark] },
      {},
      { content: [mark] },
    ]);
    expect(warnings).toMatchObject([{ type: "unsupported", path: "cache[2]" }]);
  });

  it("leave room for the vendor's own automatic mark and for marks that parts carry", () => {
    const marked: Message = { role: "user", parts: [{ type: "text", text: "x", vendor: { "anthropic-messages": mark } }] };
    const { body, warnings } = render({
      messages: [system, marked, answer, question],
      tools,
      cache: [{ stable: "tools" }, { stable: "system" }, { stable: { messages: 4 } }],
      vendorOptions: { "anthropic-messages": mark },
    });
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4);
    expect(warnings).toMatchObject([{ path: "cache[2]" }]);
  });

  it("report what the wire has not: a day, a key, a place that is not there", () => {
    const { body, warnings } = render({
      cache: [{ stable: { messages: 9 }, timeToLive: "24h", key: "k" }, { stable: "system" }],
    });
    expect(body?.messages).toMatchObject([{ content: [{ cache_control: { type: "ephemeral", ttl: "1h" } }] }]);
    expect(warnings.map((warning) => warning.path)).toEqual(["cache[0].key", "cache[0]", "cache[0].timeToLive", "cache[1]"]);
  });

  it("are reported for a server without breakpoints", () => {
    const server = createAnthropicMessagesDialect({ cacheControl: false });
    const { body, warnings } = render({ cache: [{ stable: { messages: 1 } }] }, false, server);
    expect(JSON.stringify(body)).not.toContain("cache_control");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "cache" }]);
  });
});

describe("a client's cache marks", () => {
  const body: JsonObject = {
    model: "claude-sonnet-4-5",
    max_tokens: 100,
    system: [
      { type: "text", text: "One." },
      { type: "text", text: "Two.", cache_control: { type: "ephemeral", ttl: "1h" } },
    ],
    tools: [
      { name: "a", input_schema: { type: "object" } },
      { name: "b", input_schema: { type: "object" }, ...mark },
    ],
    messages: [
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "a", input: {} }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "ok" }] },
          { type: "text", text: "Go on", ...mark },
        ],
      },
    ],
  };

  it("become directives where a directive says the same", () => {
    const { request } = dialect.parseRequest(clientRequest(body));
    expect(request.cache).toEqual([{ stable: "tools" }, { stable: "system", timeToLive: "1h" }, { stable: { messages: 5 } }]);
    expect(JSON.stringify({ ...request, cache: [] })).not.toContain("cache_control");
  });

  it("come out on the same blocks again", () => {
    expect(replay(body)).toEqual(body);
  });

  it("stay on the part where no directive says the same, and come out there", () => {
    const inside: JsonObject = {
      model: "claude-sonnet-4-5",
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "a", ...mark },
            { type: "text", text: "b" },
          ],
        },
        {
          role: "assistant",
          content: [{ type: "text", text: "c", cache_control: { type: "ephemeral", ttl: "5m", scope: "global" } }],
        },
        { role: "user", content: [{ type: "text", text: "d" }] },
      ],
    };
    const { request } = dialect.parseRequest(clientRequest(inside));
    expect(request.cache).toBeUndefined();
    expect(request.messages[0]?.parts[0]?.type).toBe("text");
    expect(replay(inside)).toEqual(inside);
  });
});
