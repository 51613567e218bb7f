import { describe, expect, it } from "vitest";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/json.ts";
import type { CompletionRequest } from "../../src/request.ts";
import { compareJson } from "../../src/testing/laws.ts";
import { clientRequest, dialect, question, render, replay } from "./anthropic-messages-fixtures.ts";

const minimal: JsonObject = {
  model: "claude-sonnet-4-5",
  max_tokens: 100,
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
};

function parse(fields: JsonObject, headers: Record<string, string> = {}): ReturnType<typeof dialect.parseRequest> {
  return dialect.parseRequest(clientRequest({ ...minimal, ...fields }, headers));
}

function refusalOf(body: unknown): DragomanError {
  try {
    dialect.parseRequest(clientRequest(body));
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("the request was taken");
}

describe("a client's request", () => {
  it("is read with its settings", () => {
    const parsed = parse({
      system: "Be brief.",
      stream: true,
      temperature: 0.5,
      top_k: 4,
      stop_sequences: ["END"],
      metadata: { user_id: "u1" },
      tools: [{ name: "f", description: "d", input_schema: { type: "object" }, strict: true, type: "custom" }],
      tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
    });
    expect(parsed).toEqual({
      request: {
        model: "claude-sonnet-4-5",
        messages: [
          { role: "system", parts: [{ type: "text", text: "Be brief." }] },
          { role: "user", parts: [{ type: "text", text: "Hi" }] },
        ],
        maxOutputTokens: 100,
        temperature: 0.5,
        topK: 4,
        stopSequences: ["END"],
        metadata: { user: "u1" },
        tools: [{ name: "f", description: "d", inputSchema: { type: "object" }, strict: true }],
        toolChoice: { tool: "f" },
        parallelToolCalls: false,
      },
      stream: true,
      warnings: [],
      client: { model: "claude-sonnet-4-5", echo: {} },
    });
  });

  it("has results of tools and words of the user as messages of their own, with the tool's name", () => {
    const { request } = parse({
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t1", content: "ok", is_error: true },
            { type: "text", text: "Go on" },
          ],
        },
      ],
    });
    expect(request.messages.slice(1)).toEqual([
      {
        role: "tool",
        parts: [{ type: "tool-result", toolCallId: "t1", toolName: "f", content: [{ type: "text", text: "ok" }], isError: true }],
      },
      { role: "user", parts: [{ type: "text", text: "Go on" }] },
    ]);
  });

  it.each<[string, JsonObject]>([
    ["settings and tools", { temperature: 0.5, tools: [{ name: "f", input_schema: { type: "object" }, defer_loading: true }] }],
    ["vendor tools", { tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 3 }] }],
    ["a thinking budget", { max_tokens: 4096, thinking: { type: "enabled", budget_tokens: 2000, display: "summarized" } }],
    ["thinking turned off", { thinking: { type: "disabled" } }],
    ["adaptive thinking", { model: "claude-opus-4-8", thinking: { type: "adaptive" } }],
    [
      "adaptive thinking and an effort",
      { model: "claude-opus-4-8", thinking: { type: "adaptive" }, output_config: { effort: "max" } },
    ],
    ["an effort alone", { model: "claude-opus-4-8", output_config: { effort: "low" } }],
    ["an effort that the model lacks", { model: "claude-opus-4-6", output_config: { effort: "xhigh" } }],
    ["a budget where the model takes none", { model: "claude-opus-4-8", thinking: { type: "enabled", budget_tokens: 2000 } }],
    ["a kind of thinking that has no canonical form", { thinking: { type: "between_tools" } }],
    ["a setting in output_config that has no canonical form", { output_config: { effort: "low", task_budget: { total: 5 } } }],
    ["an automatic cache mark", { cache_control: { type: "ephemeral" } }],
    ["what only Anthropic knows", { service_tier: "auto", container: "c1", inference_geo: "us" }],
    [
      "documents and images",
      {
        messages: [
          {
            role: "user",
            content: [
              {
                type: "document",
                source: { type: "text", media_type: "text/plain", data: "ä €" },
                title: "T",
                citations: { enabled: true },
              },
              { type: "document", source: { type: "content", content: [{ type: "text", text: "x" }] } },
              { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" }, transformations: {} },
              { type: "image", source: { type: "file", file_id: "file_1" } },
              { type: "document", source: { type: "url", url: "https://example.com/a.pdf" }, context: "c" },
              { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "x" }] },
              { type: "container_upload", file_id: "file_2" },
            ],
          },
        ],
      },
    ],
    [
      "a history of the vendor's own",
      {
        messages: [
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "", signature: "s" },
              { type: "server_tool_use", id: "srv", name: "web_search", input: { query: "x" } },
              { type: "web_search_tool_result", tool_use_id: "srv", content: [] },
              { type: "text", text: "So.", citations: [{ type: "char_location", cited_text: "a", document_title: "T" }] },
              { type: "tool_use", id: "t1", name: "f", input: { a: 1 }, caller: { type: "direct" } },
            ],
          },
          {
            role: "user",
            content: [
              {
                type: "tool_result",
                tool_use_id: "t1",
                content: [
                  { type: "tool_reference", tool_name: "g" },
                  { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
                ],
                toolset_name: "x",
              },
            ],
          },
        ],
      },
    ],
  ])("goes to Anthropic again as it came: %s", (_name, fields) => {
    const body: JsonObject = { ...minimal, ...fields };
    expect(replay(body)).toEqual(body);
  });

  it("reads schemas under both of their names", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    const format = { type: "json_schema", schema };
    const output = { type: "json", schema, strict: true };
    expect(parse({ output_config: { format } }).request.output).toEqual(output);
    expect(parse({ output_format: format }).request.output).toEqual(output);
    expect(replay({ ...minimal, output_format: format }).output_config).toEqual({ format });
  });

  it("passes unknown fields on with a warning, and known ones without", () => {
    const { request, warnings } = parse({ frobnicate: 1, service_tier: "auto", metadata: { user_id: "u", team: "t" } });
    expect(request.vendorOptions?.["anthropic-messages"]).toEqual({
      frobnicate: 1,
      service_tier: "auto",
      metadata: { user_id: "u", team: "t" },
    });
    expect(warnings).toMatchObject([
      { type: "unknown-field", path: "metadata.team" },
      { type: "unknown-field", path: "frobnicate" },
    ]);
  });

  it("passes unknown blocks on with a warning", () => {
    const content = [{ type: "hologram", data: 1 }];
    const { request, warnings } = parse({ messages: [{ role: "user", content }] });
    expect(warnings).toMatchObject([{ type: "unknown-field", path: "messages[0].content[0]" }]);
    expect(render({ messages: request.messages }).body?.messages).toEqual([{ role: "user", content }]);
  });

  it("hands betas on, but only what looks like a beta", () => {
    const { request } = parse({}, { "anthropic-beta": "context-1m-2025-08-07, x y, interleaved-thinking-2025-05-14" });
    expect(render({ ...request }).headers["anthropic-beta"]).toBe("context-1m-2025-08-07,interleaved-thinking-2025-05-14");
  });

  it("takes the model from the path where Vertex puts it", () => {
    const { model: _model, ...body } = minimal;
    const path = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict";
    const parsed = dialect.parseRequest({ ...clientRequest(body), path });
    expect(parsed).toMatchObject({ request: { model: "claude-sonnet-4-5@20250929" }, stream: true });
  });

  it.each<[unknown, string]>([
    [null, "body"],
    [{}, "model"],
    [{ ...minimal, max_tokens: undefined }, "max_tokens"],
    [{ ...minimal, max_tokens: "5" }, "max_tokens"],
    [{ ...minimal, messages: "Hi" }, "messages"],
    [{ ...minimal, messages: [{ role: "robot", content: "Hi" }] }, "messages[0].role"],
    [{ ...minimal, messages: [{ role: "user" }] }, "messages[0].content"],
    [{ ...minimal, messages: [{ role: "user", content: ["Hi"] }] }, "messages[0].content[0]"],
    [{ ...minimal, messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
    [
      { ...minimal, messages: [{ role: "user", content: [{ type: "image", source: { type: "ftp" } }] }] },
      "messages[0].content[0].source.type",
    ],
    [
      { ...minimal, messages: [{ role: "user", content: [{ type: "tool_use", id: "a", name: "f", input: {} }] }] },
      "messages[0].content[0]",
    ],
    [
      { ...minimal, messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: "{}" }] }] },
      "messages[0].content[0].input",
    ],
    [
      {
        ...minimal,
        messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: [{ type: "text" }] }] }],
      },
      "messages[0].content[0].content[0].text",
    ],
    [{ ...minimal, tools: [{ name: "f" }] }, "tools[0].input_schema"],
    [{ ...minimal, tool_choice: "auto" }, "tool_choice"],
    [{ ...minimal, tool_choice: { type: "tool" } }, "tool_choice.name"],
    [{ ...minimal, thinking: { type: "enabled" } }, "thinking.budget_tokens"],
    [{ ...minimal, output_config: { effort: "huge" } }, "output_config.effort"],
    [{ ...minimal, output_config: { format: { type: "json_schema" } } }, "output_config.format.schema"],
    [{ ...minimal, stop_sequences: [1] }, "stop_sequences[0]"],
    [{ ...minimal, stream: "yes" }, "stream"],
  ])("that is malformed is refused with the path: case %#", (body, field) => {
    expect(refusalOf(body)).toMatchObject({ code: "invalid_request", field });
  });
});

describe("a canonical request", () => {
  it("comes back as it was from the wire", () => {
    const request: CompletionRequest = {
      model: "claude-opus-4-8",
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be brief." }] },
        question,
        {
          role: "assistant",
          parts: [
            { type: "reasoning", text: "Hm.", vendor: { "anthropic-messages": { signature: "s" } } },
            { type: "tool-call", id: "t1", name: "f", arguments: { a: [1, null] } },
          ],
        },
        {
          role: "tool",
          parts: [{ type: "tool-result", toolCallId: "t1", toolName: "f", content: [{ type: "text", text: "ok" }] }],
        },
        { role: "user", parts: [{ type: "image", source: { type: "data", data: "iVBO" }, mediaType: "image/png" }] },
      ],
      tools: [
        { name: "f", inputSchema: { type: "object" } },
        {
          type: "vendor",
          dialect: "anthropic-messages",
          name: "web_search",
          value: { type: "web_search_20250305", name: "web_search" },
        },
      ],
      toolChoice: "auto",
      parallelToolCalls: true,
      maxOutputTokens: 1000,
      stopSequences: ["END"],
      reasoning: { effort: "high", summary: "none" },
      output: { type: "json", schema: { type: "object", properties: {}, additionalProperties: false }, strict: true },
      cache: [{ stable: "tools" }, { stable: "system", timeToLive: "1h" }, { stable: { messages: 4 } }],
      metadata: { user: "u" },
      vendorOptions: { "anthropic-messages": { service_tier: "auto" } },
    };
    const { body, warnings } = render(request);
    expect(warnings).toEqual([]);
    const differences: string[] = [];
    compareJson(request, dialect.parseRequest(clientRequest(body)).request, "", differences);
    expect(differences).toEqual([]);
  });
});
