import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import { createGeminiDialect, VERTEX_QUIRKS } from "../../src/dialects/gemini/index.ts";
import type { JsonObject } from "../../src/json.ts";
import { assistantMessage, systemMessage, toolResult, userMessage } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";

const dialect = createGeminiDialect();
const vertex = createGeminiDialect(VERTEX_QUIRKS);
const context = { stream: false, capabilities: UNKNOWN_CAPABILITIES };

function render(request: Partial<CompletionRequest>, model = "gemini-2.5-flash") {
  return dialect.renderRequest({ model, messages: [userMessage("hi")], ...request }, context);
}

function parse(body: JsonObject, model = "gemini-2.5-flash") {
  return dialect.parseRequest({ path: `/v1beta/models/${model}:generateContent`, query: {}, headers: {}, body });
}

const call = { type: "tool-call", id: "c1", name: "weather", arguments: { city: "Bern" } } as const;
const SIGNATURE = "EpMCCpACARFNMg/oQoWX+nPZ==";

describe("path", () => {
  test("names the model and the method", () => {
    expect(render({}).path).toBe("/models/gemini-2.5-flash:generateContent");
    const stream = dialect.renderRequest({ model: "tunedModels/a b", messages: [] }, { ...context, stream: true });
    expect(stream.path).toBe("/tunedModels/a%20b:streamGenerateContent?alt=sse");
  });
});

describe("contents", () => {
  test("puts leading system messages on top and says when a later one becomes a user message", () => {
    const { body, warnings } = render({ messages: [systemMessage("be brief"), userMessage("a"), systemMessage("now long")] });
    expect(body?.systemInstruction).toEqual({ parts: [{ text: "be brief" }] });
    expect(body?.contents).toEqual([
      { role: "user", parts: [{ text: "a" }] },
      { role: "user", parts: [{ text: "now long" }] },
    ]);
    expect(warnings).toMatchObject([{ type: "lossy", path: "messages[2]" }]);
  });

  test("gives Gemma its system instruction before the first words of the user", () => {
    const { body, warnings } = render({ messages: [systemMessage("be brief"), userMessage("a")] }, "gemma-3-27b-it");
    expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "be brief" }, { text: "a" }] }] });
    expect(warnings).toHaveLength(1);
  });

  test("gathers all results of a turn in one user content and nothing else in it", () => {
    const second = { ...call, id: "c2", arguments: { city: "Basel" } };
    const { body } = render({
      messages: [
        userMessage("weather?"),
        assistantMessage([call, second]),
        toolResult(call, "sunny"),
        toolResult(second, { degrees: 20 }),
        userMessage("and now?"),
      ],
    });
    expect(body?.contents).toEqual([
      { role: "user", parts: [{ text: "weather?" }] },
      {
        role: "model",
        parts: [
          { functionCall: { id: "c1", name: "weather", args: { city: "Bern" } } },
          { functionCall: { id: "c2", name: "weather", args: { city: "Basel" } } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "c1", name: "weather", response: { output: "sunny" } } },
          { functionResponse: { id: "c2", name: "weather", response: { degrees: 20 } } },
        ],
      },
      { role: "user", parts: [{ text: "and now?" }] },
    ]);
  });

  test("leaves ids off for Vertex AI", () => {
    const messages = [assistantMessage([call]), toolResult(call, "sunny")];
    const { body } = vertex.renderRequest({ model: "gemini-2.5-pro", messages }, context);
    expect(JSON.stringify(body)).not.toContain('"id"');
  });

  test("marks a failed tool with the key error", () => {
    const { body } = render({ messages: [assistantMessage([call]), toolResult(call, "no network", { isError: true })] });
    expect(body?.contents).toMatchObject([{}, { parts: [{ functionResponse: { response: { error: "no network" } } }] }]);
  });

  test("refuses a result whose tool nobody names", () => {
    const orphan = { type: "tool-result", toolCallId: "zz", content: [] } as const;
    expect(() => render({ messages: [{ role: "tool", parts: [orphan] }] })).toThrow(/messages\[0\]\.parts\[0\]\.toolName/);
  });

  test("sends media of a result inside it to Gemini 3 and after it to older models", () => {
    const image = { type: "image", source: { type: "data", data: "AAAA" }, mediaType: "image/png" } as const;
    const messages = [assistantMessage([call]), toolResult(call, [{ type: "text", text: "see" }, image])];
    const inside = render({ messages }, "gemini-3-flash-preview").body;
    expect(inside?.contents).toMatchObject([
      {},
      { parts: [{ functionResponse: { response: { output: "see" }, parts: [{ inlineData: { data: "AAAA" } }] } }] },
    ]);
    const after = render({ messages });
    expect(after.body?.contents).toMatchObject([
      {},
      { parts: [{ functionResponse: { response: { output: "see" } } }] },
      { role: "user", parts: [{ text: "Returned by weather:" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }] },
    ]);
    expect(after.warnings).toMatchObject([{ type: "lossy", path: "messages[1].parts[0].content" }]);
  });

  test("says what it leaves out", () => {
    const { warnings } = render({
      messages: [
        { role: "user", name: "ann", parts: [{ type: "text", text: "a" }] },
        assistantMessage([
          { type: "text", text: "b" },
          { type: "source", url: "https://a.example" },
          { type: "opaque", dialect: "openai-responses", kind: "web_search_call", value: {} },
        ]),
      ],
      parallelToolCalls: false,
      metadata: { user: "u", tags: { team: "x" } },
      cache: [{ stable: "system" }],
      vendorOptions: { ollama: { num_ctx: 1 } },
    });
    expect(warnings.map((warning) => warning.path)).toEqual([
      "messages[0].name",
      "messages[1].parts[2]",
      "messages[1].parts",
      "metadata.tags",
      "parallelToolCalls",
      "metadata.user",
      "cache",
      "vendorOptions.ollama",
    ]);
  });
});

describe("signatures", () => {
  const history = {
    contents: [
      { role: "user", parts: [{ text: "go" }] },
      {
        role: "model",
        parts: [
          { text: "I think", thought: true },
          { text: "So", thoughtSignature: SIGNATURE },
          { text: "", thoughtSignature: `${SIGNATURE}2` },
          { text: " far" },
          { functionCall: { id: "x", name: "f", args: {} }, thoughtSignature: `${SIGNATURE}3` },
          { executableCode: { language: "PYTHON", code: "1" }, thoughtSignature: `${SIGNATURE}4` },
        ],
      },
      { role: "user", parts: [{ functionResponse: { id: "x", name: "f", response: { output: "1" } } }] },
    ],
  };

  test("go back byte for byte on the part that they came with", () => {
    const { request, warnings } = parse(history);
    expect(warnings).toEqual([]);
    expect(dialect.renderRequest(request, context).body).toEqual(history);
  });

  test("stand in for the missing one of a foreign call, on models that demand it", () => {
    const messages = [userMessage("a"), assistantMessage([call, { ...call, id: "c2" }])];
    const { body, warnings } = render({ messages }, "gemini-3-pro-preview");
    expect(body?.contents).toMatchObject([
      {},
      { parts: [{ thoughtSignature: "skip_thought_signature_validator" }, { functionCall: { id: "c2" } }] },
    ]);
    expect(JSON.stringify(body).match(/thoughtSignature/g)).toHaveLength(1);
    expect(warnings).toMatchObject([{ type: "handoff", path: "messages[1]" }]);
    expect(JSON.stringify(render({ messages }).body)).not.toContain("thoughtSignature");
  });
});

describe("tools", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } } as const;

  test("go out as JSON Schema without $schema, and without parameters when there are none", () => {
    const { body } = render({
      tools: [
        { name: "f", description: "does f", inputSchema: { $schema: "x", ...schema } },
        { name: "g", inputSchema: { type: "object", properties: {} } },
        { type: "vendor", dialect: "gemini", name: "googleSearch", value: {} },
      ],
    });
    expect(body?.tools).toEqual([
      { functionDeclarations: [{ name: "f", description: "does f", parametersJsonSchema: schema }, { name: "g" }] },
      { googleSearch: {} },
    ]);
  });

  test.each([
    ["auto", { mode: "AUTO" }],
    ["required", { mode: "ANY" }],
    ["none", { mode: "NONE" }],
    [{ tool: "f" }, { mode: "ANY", allowedFunctionNames: ["f"] }],
  ] as const)("chooses %j", (toolChoice, functionCallingConfig) => {
    const { body } = render({ tools: [{ name: "f", inputSchema: schema }], toolChoice });
    expect(body?.toolConfig).toEqual({ functionCallingConfig });
  });

  test("are validated when one is strict", () => {
    const { body } = render({ tools: [{ name: "f", inputSchema: schema, strict: true }] });
    expect(body?.toolConfig).toEqual({ functionCallingConfig: { mode: "VALIDATED" } });
  });

  test("of another vendor are reported", () => {
    const { body, warnings } = render({ tools: [{ type: "vendor", dialect: "openai-responses", name: "x", value: {} }] });
    expect(body?.tools).toBeUndefined();
    expect(warnings).toMatchObject([{ type: "unsupported", path: "tools[0]" }]);
  });
});

describe("generation config", () => {
  test("is absent when nothing was set", () => {
    expect(render({}).body).toEqual({ contents: [{ role: "user", parts: [{ text: "hi" }] }] });
  });

  test("lowers the output schema and reports what was lost", () => {
    const schema = { type: "object", properties: { a: { type: "string", minLength: 2 } } };
    const { body, warnings } = render({ output: { type: "json", schema } });
    expect(body?.generationConfig).toMatchObject({
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object" },
    });
    expect(warnings).toMatchObject([{ type: "lossy", path: "output.schema.properties.a.minLength" }]);
  });

  test("merges vendor options with what is canonical", () => {
    const gemini = { generationConfig: { candidateCount: 2 }, safetySettings: [] };
    const { body } = render({ temperature: 0, vendorOptions: { gemini } });
    expect(body).toMatchObject({ generationConfig: { temperature: 0, candidateCount: 2 }, safetySettings: [] });
  });

  test("leaves system instruction and tools out beside a cached content, and says so", () => {
    const { body, warnings } = render({
      messages: [systemMessage("s"), userMessage("a")],
      tools: [{ name: "f", inputSchema: { type: "object" } }],
      vendorOptions: { gemini: { cachedContent: "cachedContents/1" } },
    });
    expect(Object.keys(body ?? {})).toEqual(["contents", "cachedContent"]);
    expect(warnings.map((warning) => warning.path)).toEqual(["messages[0]", "tools"]);
  });

  test.each([
    ["gemini-3-flash-preview", { effort: "low" }, { thinkingLevel: "LOW" }, 0],
    ["gemini-3-pro-preview", { effort: "medium" }, { thinkingLevel: "HIGH" }, 1],
    ["gemini-3-pro-preview", { effort: "none" }, { thinkingLevel: "LOW" }, 1],
    ["gemini-3.5-flash", { effort: "max", summary: "auto" }, { thinkingLevel: "HIGH", includeThoughts: true }, 1],
    ["gemini-2.5-flash", { effort: "none" }, { thinkingBudget: 0 }, 0],
    ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128 }, 1],
    ["gemini-2.5-pro", { effort: "max" }, { thinkingBudget: 32_768 }, 1],
    ["gemini-2.5-flash-lite", { effort: "low" }, { thinkingBudget: 1024 }, 1],
    ["models/gemini-2.5-flash", { budgetTokens: 77 }, { thinkingBudget: 77 }, 0],
    ["gemini-2.0-flash", { effort: "high" }, undefined, 1],
  ] as const)("tells %s to think %j", (model, reasoning, thinkingConfig, warningCount) => {
    const { body, warnings } = render({ reasoning }, model);
    const config = body?.generationConfig as JsonObject | undefined;
    expect(config?.thinkingConfig).toEqual(thinkingConfig);
    expect(warnings).toHaveLength(warningCount);
  });

  test("asks a model that is known not to think for nothing", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { reasoning: false }, "configuration");
    const request = { model: "gemini-3-pro", messages: [], reasoning: { effort: "low" } } as const;
    expect(dialect.renderRequest(request, { stream: false, capabilities }).warnings).toMatchObject([{ path: "reasoning" }]);
  });
});

test("a canonical request comes back as it was, with nothing to report", () => {
  const request: CompletionRequest = {
    model: "gemini-3-flash-preview",
    messages: [
      systemMessage("be brief"),
      userMessage([
        { type: "text", text: "what is this?" },
        { type: "image", source: { type: "data", data: "iVBO" }, mediaType: "image/png" },
        { type: "file", source: { type: "reference", provider: "gemini", id: "gs://b/v.mp4" }, mediaType: "video/mp4" },
        { type: "audio", source: { type: "url", url: "https://a.example/a.mp3" }, mediaType: "audio/mp3" },
      ]),
      assistantMessage([
        { type: "reasoning", text: "hm" },
        { ...call, vendor: { gemini: { thoughtSignature: SIGNATURE } } },
      ]),
      toolResult(call, [{ type: "json", value: { error: "is data here" } }]),
    ],
    tools: [
      { name: "weather", inputSchema: { type: "object", properties: { city: { type: "string" } } }, strict: true },
      { type: "vendor", dialect: "gemini", name: "codeExecution", value: {} },
    ],
    toolChoice: "auto",
    maxOutputTokens: 10,
    temperature: 0.5,
    topP: 0.9,
    topK: 3,
    stopSequences: ["END"],
    seed: 7,
    presencePenalty: 1,
    frequencyPenalty: -1,
    reasoning: { effort: "minimal", summary: "none" },
    output: { type: "json", schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] }, strict: true },
    vendorOptions: { gemini: { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }] } },
  };
  const rendered = dialect.renderRequest(request, context);
  expect(rendered.warnings).toEqual([]);
  const again = parse(rendered.body ?? {}, request.model);
  expect(again.warnings).toEqual([]);
  expect(again.request).toEqual(request);
});
