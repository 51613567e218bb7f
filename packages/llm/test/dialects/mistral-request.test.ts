import { describe, expect, it } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import type { Message } from "../../src/message.ts";
import { assistantMessage, systemMessage, toolResult, userMessage } from "../../src/message.ts";
import { dialect, render, renderBody } from "./mistral-fixtures.ts";

const TOOL = { name: "get_weather", inputSchema: { type: "object", properties: {} } };
const OTHER_TOOL = { ...TOOL, name: "get_time" };
const CALL = { type: "tool-call", id: "abcDEF123", name: "get_weather", arguments: {} } as const;
const RESULT = toolResult(CALL, "sunny");

function messagesOf(messages: readonly Message[]) {
  const { body, warnings } = render({ messages });
  return { messages: body?.messages, warnings: warnings.map((warning) => warning.detail) };
}

describe("settings", () => {
  it("have Mistral's names", () => {
    const body = renderBody({ maxOutputTokens: 10, seed: 7, temperature: 0.2, stopSequences: ["END"], presencePenalty: 1 });
    expect(body).toEqual({
      model: "mistral-small-latest",
      messages: [{ role: "user", content: "Hi." }],
      max_tokens: 10,
      random_seed: 7,
      temperature: 0.2,
      stop: ["END"],
      presence_penalty: 1,
    });
  });

  it("ask for a stream without options", () => {
    const request = { model: "m", messages: [userMessage("Hi.")] };
    const { body } = dialect.renderRequest(request, { stream: true, capabilities: UNKNOWN_CAPABILITIES });
    expect(body).toEqual({ model: "m", messages: [{ role: "user", content: "Hi." }], stream: true });
  });

  it("send tags as metadata, the session as affinity, and warn of a user", () => {
    const { body, headers, warnings } = render({ metadata: { tags: { team: "a" }, session: "s1", user: "u" } });
    expect(body?.metadata).toEqual({ team: "a" });
    expect(body).not.toHaveProperty("user");
    expect(headers).toEqual({ "x-affinity": "s1" });
    expect(warnings).toMatchObject([{ type: "unsupported", path: "metadata.user" }]);
  });

  it("send a cache key, and warn of a time to live", () => {
    const { body, warnings } = render({ cache: [{ stable: "system", key: "k", timeToLive: "24h" }] });
    expect(body?.prompt_cache_key).toBe("k");
    expect(body).not.toHaveProperty("prompt_cache_retention");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "cache[0].timeToLive" }]);
  });

  it("lay its own options over the body and leave those of others out", () => {
    const vendorOptions = { mistral: { safe_prompt: true, n: 2 }, "openai-chat": { store: true } };
    const { body, warnings } = render({ vendorOptions });
    expect(body).toMatchObject({ safe_prompt: true, n: 2 });
    expect(body).not.toHaveProperty("store");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "vendorOptions.openai-chat" }]);
  });

  it("close every object of a strict schema", () => {
    const schema = { type: "object", properties: { place: { type: "object", properties: {} } } };
    const body = renderBody({ output: { type: "json", schema, name: "answer", strict: true } });
    expect(body.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "answer",
        strict: true,
        schema: {
          type: "object",
          properties: { place: { type: "object", properties: {}, additionalProperties: false } },
          additionalProperties: false,
        },
      },
    });
  });
});

describe("thinking", () => {
  it.each([
    ["none", "none", 0],
    ["minimal", "none", 1],
    ["low", "high", 1],
    ["medium", "high", 1],
    ["high", "high", 0],
    ["max", "high", 1],
  ] as const)("of effort %s is asked for as %s", (effort, sent, warned) => {
    const { body, warnings } = render({ reasoning: { effort } });
    expect(body?.reasoning_effort).toBe(sent);
    expect(warnings).toHaveLength(warned);
  });

  it("is a mode of the prompt for Magistral, which cannot leave it", () => {
    const on = render({ model: "magistral-medium-latest", reasoning: { effort: "high" } });
    expect(on.body).toMatchObject({ prompt_mode: "reasoning" });
    expect(on.body).not.toHaveProperty("reasoning_effort");
    expect(on.warnings).toEqual([]);
    const off = render({ model: "magistral-medium-latest", reasoning: { effort: "none" } });
    expect(off.body).not.toHaveProperty("prompt_mode");
    expect(off.warnings).toMatchObject([{ type: "unsupported", path: "reasoning.effort" }]);
    expect(render({ model: "magistral-small-latest", reasoning: { effort: "none" } }).body?.reasoning_effort).toBe("none");
  });

  it("is left out with a warning for a model that does not think", () => {
    const messages: Message[] = [
      userMessage("2+2?"),
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "Sum." },
          { type: "text", text: "4" },
        ],
      },
      userMessage("And 3?"),
    ];
    const { body, warnings } = render({ messages, reasoning: { effort: "high" } }, { reasoning: false });
    expect(body).not.toHaveProperty("reasoning_effort");
    expect(body?.messages).toMatchObject([{}, { content: "4" }, {}]);
    expect(warnings.map((warning) => warning.path)).toEqual(["messages[1].parts[0]", "reasoning"]);
  });

  it("goes back as chunks, with its signature and in its place", () => {
    const parts = [
      { type: "reasoning", text: "Sum.", vendor: { mistral: { signature: "s" } } },
      { type: "text", text: "4" },
      { type: "reasoning", text: "Check." },
      { type: "text", text: "Yes." },
    ] as const;
    const { messages } = messagesOf([userMessage("2+2?"), { role: "assistant", parts }, userMessage("Sure?")]);
    expect(messages).toMatchObject([
      {},
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Sum." }], signature: "s" },
          { type: "text", text: "4" },
          { type: "thinking", thinking: [{ type: "text", text: "Check." }] },
          { type: "text", text: "Yes." },
        ],
      },
      {},
    ]);
  });
});

describe("tools", () => {
  it("are forced with any", () => {
    expect(renderBody({ tools: [TOOL], toolChoice: "required" }).tool_choice).toBe("any");
    expect(renderBody({ tools: [TOOL], toolChoice: "auto" }).tool_choice).toBe("auto");
  });

  it("are narrowed to the one that is named", () => {
    const { body, warnings } = render({ tools: [TOOL, OTHER_TOOL], toolChoice: { tool: "get_time" } });
    expect(body).toMatchObject({ tools: [{ function: { name: "get_time" } }], tool_choice: "any" });
    expect(warnings).toMatchObject([{ type: "lossy", path: "toolChoice" }]);
    const unknown = render({ tools: [TOOL], toolChoice: { tool: "nothing" } });
    expect(unknown.body).toMatchObject({ tools: [{ function: { name: "get_weather" } }] });
    expect(unknown.body).not.toHaveProperty("tool_choice");
  });

  it("are left out where none may be called", () => {
    const { body, warnings } = render({ tools: [TOOL], toolChoice: "none", parallelToolCalls: false });
    expect(Object.keys(body ?? {})).toEqual(["model", "messages"]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "toolChoice" }]);
  });

  it("of Mistral's own go as they are, those of others do not", () => {
    const own = { type: "vendor", dialect: "mistral", name: "web_search", value: { type: "web_search" } } as const;
    expect(renderBody({ tools: [own] }).tools).toEqual([{ type: "web_search" }]);
    const { body, warnings } = render({ tools: [{ ...own, dialect: "openai-chat" }] });
    expect(body).not.toHaveProperty("tools");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "tools[0]" }]);
  });

  it("demand ids of nine letters and digits", () => {
    const { pattern, lengthMax } = dialect.constraints.toolCallId;
    expect(lengthMax).toBe(9);
    expect(["abcDEF123", "abcDEF12", "call_1234"].map((id) => pattern.test(id))).toEqual([true, false, false]);
  });
});

describe("the order of messages", () => {
  it("has an assistant between a result and a user", () => {
    const { messages, warnings } = messagesOf([userMessage("?"), assistantMessage([CALL]), RESULT, userMessage("Thanks.")]);
    expect(messages).toEqual([
      { role: "user", content: "?" },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "abcDEF123", type: "function", function: { name: "get_weather", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "abcDEF123", name: "get_weather", content: "sunny" },
      { role: "assistant", content: "OK." },
      { role: "user", content: "Thanks." },
    ]);
    expect(warnings).toHaveLength(1);
  });

  it("takes an assistant's last words as a prefix", () => {
    const { messages, warnings } = messagesOf([userMessage("A poem."), assistantMessage("Roses")]);
    expect(messages).toMatchObject([{}, { role: "assistant", content: "Roses", prefix: true }]);
    expect(warnings).toEqual([]);
  });

  it("has no system message after an assistant, and no silent assistant", () => {
    const { messages, warnings } = messagesOf([
      systemMessage("A."),
      systemMessage("B."),
      userMessage("Hi."),
      assistantMessage("Yes?"),
      systemMessage("C."),
      assistantMessage(""),
      userMessage("Go."),
    ]);
    expect(messages).toMatchObject([
      { role: "system", content: "A." },
      { role: "system", content: "B." },
      { role: "user" },
      { role: "assistant" },
      { role: "user", content: "C." },
      { role: "user", content: "Go." },
    ]);
    expect(warnings).toHaveLength(2);
  });
});

describe("media", () => {
  it("go in Mistral's forms", () => {
    const body = renderBody({
      messages: [
        userMessage([
          { type: "image", source: { type: "url", url: "https://example.com/a.png" }, detail: "high" },
          { type: "file", mediaType: "application/pdf", name: "a.pdf", source: { type: "data", data: "JVBERi0=" } },
          { type: "file", mediaType: "application/pdf", source: { type: "url", url: "https://example.com/a.pdf" } },
          { type: "file", mediaType: "application/pdf", source: { type: "reference", provider: "mistral", id: "f1" } },
          { type: "audio", mediaType: "audio/wav", source: { type: "data", data: "UklGRg==" } },
        ]),
      ],
    });
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "high" } },
          { type: "document_url", document_url: "data:application/pdf;base64,JVBERi0=", document_name: "a.pdf" },
          { type: "document_url", document_url: "https://example.com/a.pdf" },
          { type: "file", file_id: "f1" },
          { type: "input_audio", input_audio: "UklGRg==" },
        ],
      },
    ]);
  });

  it("report what the wire does not tell", () => {
    const { warnings } = render({
      messages: [
        {
          ...userMessage([
            { type: "audio", mediaType: "audio/ogg", source: { type: "data", data: "UklGRg==" } },
            {
              type: "file",
              mediaType: "application/pdf",
              name: "a.pdf",
              source: { type: "reference", provider: "mistral", id: "f" },
            },
          ]),
          name: "Ada",
        },
      ],
    });
    expect(warnings.map((warning) => warning.path)).toEqual([
      "messages[0].parts[0]",
      "messages[0].parts[1].name",
      "messages[0].name",
    ]);
  });
});

describe("what others left", () => {
  it("is not read as Mistral's own", () => {
    const message: Message = {
      role: "assistant",
      parts: [
        { type: "text", text: "Hi.", vendor: { "openai-chat": { fields: { cache_control: {} } } } },
        { type: "opaque", dialect: "openai-chat", kind: "custom_tool_call", value: { id: "c" } },
        { type: "source", url: "https://example.com" },
        { type: "refusal", text: "No." },
      ],
    };
    const { messages, warnings } = messagesOf([userMessage("?"), message, userMessage("!")]);
    expect(messages).toMatchObject([
      {},
      {
        role: "assistant",
        content: [
          { type: "text", text: "Hi." },
          { type: "text", text: "No." },
        ],
      },
      {},
    ]);
    expect(JSON.stringify(messages)).not.toContain("cache_control");
    expect(warnings).toHaveLength(3);
  });
});
