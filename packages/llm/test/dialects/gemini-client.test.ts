import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import { functionResponseOf, readFunctionResponse } from "../../src/dialects/gemini/function-response.ts";
import { createGeminiDialect, VERTEX_QUIRKS } from "../../src/dialects/gemini/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import { userMessage } from "../../src/message.ts";
import { isVendorTool } from "../../src/tool.ts";

const dialect = createGeminiDialect();
const context = { stream: false, capabilities: UNKNOWN_CAPABILITIES };
const PATH = "/v1beta/models/gemini-2.5-flash:generateContent";

function parse(body: JsonObject, path = PATH, query: Record<string, string> = {}) {
  return dialect.parseRequest({ path, query, headers: {}, body });
}

const contents = [{ role: "user", parts: [{ text: "hi" }] }];

/** What a Gemini client wrote, after it went through the canonical form. */
function through(body: JsonObject, path = PATH): JsonObject | undefined {
  const { request } = parse(body, path);
  return dialect.renderRequest(request, context).body;
}

describe("path", () => {
  test.each([
    ["/v1beta/models/gemini-2.5-pro:generateContent", "gemini-2.5-pro", false],
    ["/v1beta/models/ollama:qwen3:8b:streamGenerateContent", "ollama:qwen3:8b", true],
    ["/v1beta/models/huggingface%3Aorg%2Fname:generateContent", "huggingface:org/name", false],
    ["/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent", "g", true],
    ["/v1beta/tunedModels/mine:generateContent", "tunedModels/mine", false],
  ])("%s names %s", (path, model, stream) => {
    const parsed = parse({ contents }, path);
    expect([parsed.request.model, parsed.stream, parsed.client.model]).toEqual([model, stream, model]);
  });

  test("without a model or with another method is refused", () => {
    expect(() => parse({ contents }, "/v1beta/models")).toThrow(expect.objectContaining({ field: "path" }));
    expect(() => parse({ contents }, "/v1beta/models/g:embedContent")).toThrow(expect.objectContaining({ code: "not_found" }));
  });

  test("remembers whether server-sent events are wanted", () => {
    expect(parse({ contents }, PATH, { alt: "sse" }).client.echo).toEqual({ alt: "sse" });
    expect(parse({ contents }).client.echo).toEqual({ alt: "json" });
  });
});

describe("field names", () => {
  test("in snake_case mean the same", () => {
    const snake = parse({
      system_instruction: { parts: [{ text: "s" }] },
      contents: [
        { parts: [{ inline_data: { mime_type: "image/png", data: "_-8" } }] },
        { role: "model", parts: [{ function_call: { name: "f", args: { a_b: 1 } }, thought_signature: "x_y" }] },
        { role: "user", parts: [{ function_response: { name: "f", response: { output: "o" } } }] },
      ],
      generation_config: { max_output_tokens: 5, thinking_config: { thinking_budget: 9 } },
      tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["f"] } },
      safety_settings: [],
    });
    const camel = parse({
      systemInstruction: { parts: [{ text: "s" }] },
      contents: [
        { parts: [{ inlineData: { mimeType: "image/png", data: "/+8=" } }] },
        { role: "model", parts: [{ functionCall: { name: "f", args: { a_b: 1 } }, thoughtSignature: "x_y" }] },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "o" } } }] },
      ],
      generationConfig: { maxOutputTokens: 5, thinkingConfig: { thinkingBudget: 9 } },
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
      safetySettings: [],
    });
    expect(snake).toEqual(camel);
    expect(snake.request).toMatchObject({ maxOutputTokens: 5, reasoning: { budgetTokens: 9 }, toolChoice: { tool: "f" } });
    expect(snake.warnings).toEqual([]);
  });

  test("that Google does not define are passed on with a warning", () => {
    const { request, warnings } = parse({ contents, future: 1, generationConfig: { newKnob: 2, candidateCount: 1 } });
    expect(request.vendorOptions).toEqual({ gemini: { future: 1, generationConfig: { newKnob: 2, candidateCount: 1 } } });
    expect(warnings.map(({ type, path }) => [type, path])).toEqual([
      ["unknown-field", "generationConfig.newKnob"],
      ["unknown-field", "future"],
    ]);
  });

  test("may hold one message where a list is meant", () => {
    const lone = {
      contents: { parts: { text: "hi" } },
      tools: { functionDeclarations: [{ name: "f" }] },
      systemInstruction: "be brief",
    };
    expect(parse(lone).request).toMatchObject({
      messages: [
        { role: "system", parts: [{ text: "be brief" }] },
        { role: "user", parts: [{ text: "hi" }] },
      ],
      tools: [{ name: "f", inputSchema: { type: "object", properties: {} } }],
    });
  });
});

describe("what a client wrote goes to Gemini as it was", () => {
  test.each<[string, JsonObject]>([
    [
      "a schema in the API's own language",
      {
        contents,
        tools: [
          {
            functionDeclarations: [
              { name: "f", parameters: { type: "OBJECT", properties: { a: { type: "STRING", nullable: true } } } },
              { name: "g", parametersJsonSchema: { type: "object", properties: {} }, responseJsonSchema: { type: "string" } },
            ],
          },
          { googleSearch: {} },
        ],
        generationConfig: {
          responseMimeType: "application/json",
          responseSchema: { type: "OBJECT", properties: { n: { type: "INTEGER", minimum: 1 } } },
        },
      },
    ],
    [
      "several allowed functions",
      { contents, toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["a", "b"] } } },
    ],
    [
      "responses beside other parts",
      {
        contents: [
          { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
          { role: "user", parts: [{ functionResponse: { name: "f", response: { r: 1 } } }, { text: "and" }] },
        ],
      },
    ],
    [
      "settings without a canonical form",
      {
        systemInstruction: { role: "user", parts: [{ text: "s" }] },
        contents: [
          {
            role: "user",
            parts: [{ fileData: { fileUri: "gs://b/v", mimeType: "video/mp4" }, videoMetadata: { startOffset: "1s" } }],
          },
        ],
        generationConfig: { responseModalities: ["TEXT"], temperature: 0, thinkingConfig: { thinkingBudget: -1 } },
        safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
        labels: { a_b: "c" },
      },
    ],
  ])("%s", (_name, body) => {
    expect(through(body)).toEqual(body);
  });

  test("unless the canonical schema was changed meanwhile", () => {
    const { request } = parse({
      contents,
      tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" } }] }],
      generationConfig: { responseMimeType: "application/json", responseSchema: { type: "STRING" } },
    });
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const tools = request.tools?.map((tool) => (isVendorTool(tool) ? tool : { ...tool, inputSchema: schema })) ?? [];
    const { body } = dialect.renderRequest({ ...request, tools, output: { type: "json", schema } }, context);
    expect(body).toMatchObject({ tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: schema }] }] });
    expect(body?.generationConfig).toEqual({ responseMimeType: "application/json", responseJsonSchema: schema });
  });
});

test("reads the API's schema language as JSON Schema", () => {
  const parameters = {
    type: 6,
    properties: { a: { type: "ARRAY", items: { type: "STRING", enum: ["x"], nullable: true }, minItems: "2" } },
  };
  const { request } = parse({ contents, tools: [{ functionDeclarations: [{ name: "f", parameters }] }] });
  expect(request.tools?.[0]).toMatchObject({
    inputSchema: {
      type: "object",
      properties: { a: { type: "array", items: { type: ["string", "null"], enum: ["x", null] }, minItems: 2 } },
    },
  });
});

test("matches responses without ids to calls by name and order", () => {
  const call = (name: string) => ({ functionCall: { name, args: {} } });
  const response = (name: string, output: string) => ({ functionResponse: { name, response: { output } } });
  const { request } = parse({
    contents: [
      { role: "model", parts: [call("f"), call("g"), call("f")] },
      { role: "user", parts: [response("g", "1"), response("f", "2"), response("f", "3")] },
    ],
  });
  const [calls, results] = request.messages;
  const ids = calls?.parts.map((part) => (part.type === "tool-call" ? part.id : ""));
  expect(new Set(ids).size).toBe(3);
  const answered = results?.parts.map((part) => (part.type === "tool-result" ? part.toolCallId : ""));
  expect(answered).toEqual([ids?.[1], ids?.[0], ids?.[2]]);
});

test("a function's response and the canonical content undo each other", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (json, isError) => {
      const value = json as JsonValue;
      const read = readFunctionResponse(functionResponseOf(value, isError));
      expect(read.isError).toBe(isError);
      const [part] = read.content;
      expect(part?.type === "text" ? part.text : part?.value).toEqual(value);
    }),
  );
  for (const response of [{}, { output: { error: "x" } }, { output: { output: 1 } }, { output: {} }, { a: 1 }]) {
    const { content, isError } = readFunctionResponse(response);
    const [part] = content;
    expect(functionResponseOf(part?.type === "text" ? part.text : part?.value, isError)).toEqual(response);
  }
});

describe("bad input names its field", () => {
  test.each<[JsonObject, string]>([
    [{}, "contents"],
    [{ contents: [7] }, "contents[0]"],
    [{ contents: [{ role: "assistant", parts: [] }] }, "contents[0].role"],
    [{ contents: [{ parts: ["x"] }] }, "contents[0].parts[0]"],
    [
      { contents: [{ role: "model", parts: [{ functionCall: { name: "f", args: [] } }] }] },
      "contents[0].parts[0].functionCall.args",
    ],
    [{ contents: [{ role: "model", parts: [{ functionCall: {} }] }] }, "contents[0].parts[0].functionCall.name"],
    [{ contents: [{ parts: [{ functionResponse: { response: {} } }] }] }, "contents[0].parts[0].functionResponse.name"],
    [{ contents: [{ role: "model", parts: [{ text: 1 }] }] }, "contents[0].parts[0].text"],
    [{ contents: [{ parts: [{ text: 1 }] }] }, "contents[0].parts[0].text"],
    [{ contents: [{ parts: [{ inlineData: { data: "a" } }] }] }, "contents[0].parts[0].inlineData.mimeType"],
    [{ contents, generationConfig: { temperature: "hot" } }, "generationConfig.temperature"],
    [{ contents, generationConfig: { stopSequences: [1] } }, "generationConfig.stopSequences[0]"],
    [
      { contents, generationConfig: { thinkingConfig: { thinkingLevel: "HUGE" } } },
      "generationConfig.thinkingConfig.thinkingLevel",
    ],
    [{ contents, tools: [{ functionDeclarations: [{}] }] }, "tools[0].functionDeclarations[0].name"],
    [{ contents, toolConfig: { functionCallingConfig: { mode: "SOME" } } }, "toolConfig.functionCallingConfig.mode"],
    [{ contents, systemInstruction: { parts: [{ functionCall: { name: "f" } }] } }, "systemInstruction.parts[0]"],
  ])("%j", (body, field) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: "invalid_request", field }));
  });

  test("a body that is no object", () => {
    const input = { path: PATH, query: {}, headers: {}, body: "x" };
    expect(() => dialect.parseRequest(input)).toThrow(expect.objectContaining({ field: "body" }));
  });
});

test("an error carries the field, in Google's shape", () => {
  const error = new DragomanError({ code: "invalid_request", detail: "must be a number", field: "generationConfig.topP" });
  const { status, body } = dialect.renderError(error);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: { code: 400, status: "INVALID_ARGUMENT" } });
  expect((body.error as JsonObject).details).toContainEqual({
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    fieldViolations: [{ field: "generationConfig.topP", description: "must be a number" }],
  });
});

describe("countTokens", () => {
  const request = { model: "gemini-2.5-flash", messages: [userMessage("hi")], maxOutputTokens: 3 };

  test("wraps what is more than contents, and Vertex AI takes it flat", () => {
    const codec = dialect.countTokens;
    expect(codec?.renderRequest(request, context)).toMatchObject({
      path: "/models/gemini-2.5-flash:countTokens",
      body: {
        generateContentRequest: { model: "models/gemini-2.5-flash", contents, generationConfig: { maxOutputTokens: 3 } },
      },
    });
    const flat = createGeminiDialect(VERTEX_QUIRKS).countTokens?.renderRequest(request, context).body;
    expect(flat).toEqual({ contents, generationConfig: { maxOutputTokens: 3 } });
  });

  test("reads both forms from a client", () => {
    const path = "/v1beta/models/gemini-2.5-flash:countTokens";
    const bodies = [
      { contents, generationConfig: { maxOutputTokens: 3 } },
      { generateContentRequest: { model: "models/gemini-2.5-flash", contents, generationConfig: { maxOutputTokens: 3 } } },
    ];
    for (const body of bodies) {
      const parsed = dialect.countTokens?.parseRequest({ path, query: {}, headers: {}, body });
      expect(parsed?.request).toEqual(request);
      expect(parsed?.warnings).toEqual([]);
    }
    const bad = { path, query: {}, headers: {}, body: { generateContentRequest: { contents: 1 } } };
    expect(() => dialect.countTokens?.parseRequest(bad)).toThrow(
      expect.objectContaining({ field: "generateContentRequest.contents" }),
    );
  });

  test("reads the total, and never takes a missing one for 0", () => {
    expect(dialect.countTokens?.parseResponse({ totalTokens: 31 })).toBe(31);
    expect(() => dialect.countTokens?.parseResponse({})).toThrow(expect.objectContaining({ code: "invalid_response" }));
    expect(dialect.countTokens?.renderResponse(31)).toEqual({ totalTokens: 31 });
  });
});

describe("models", () => {
  const listed = {
    name: "models/gemini-2.5-flash",
    displayName: "Gemini 2.5 Flash",
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "countTokens", "createCachedContent"],
    thinking: true,
  };

  test("are read with their limits", () => {
    expect(dialect.models?.parseResponse({ models: [listed, { name: "models/embed" }] })).toEqual([
      {
        id: "gemini-2.5-flash",
        displayName: "Gemini 2.5 Flash",
        facts: {
          streaming: true,
          promptCache: true,
          reasoning: true,
          contextWindowTokens: 1_048_576,
          outputTokensMax: 65_536,
        },
      },
      { id: "embed" },
    ]);
    expect(() => dialect.models?.parseResponse({})).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });

  test("are listed in Google's shape", () => {
    const facts = { contextWindowTokens: 8192, outputTokensMax: 1024, reasoning: false };
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, facts, "catalogue");
    const body = dialect.models?.renderResponse([{ id: "ollama:qwen3", provider: "ollama", capabilities, source: "catalogue" }]);
    expect(body).toEqual({
      models: [
        {
          name: "models/ollama:qwen3",
          inputTokenLimit: 8192,
          outputTokenLimit: 1024,
          supportedGenerationMethods: ["generateContent", "countTokens"],
          thinking: false,
        },
      ],
    });
  });
});
