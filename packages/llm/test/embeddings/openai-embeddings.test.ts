/** OpenAI's wire of embeddings as a codec, towards a vendor and towards a client. */
import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { createOpenAIEmbeddings } from "../../src/embeddings/openai-embeddings.ts";
import type { EmbeddingRequest } from "../../src/index.ts";

const codec = createOpenAIEmbeddings();
const context = { provider: "openai", model: "m" };
const request = (rest: Partial<EmbeddingRequest> = {}): EmbeddingRequest => ({ model: "m", inputs: ["a", "b"], ...rest });
const client = (body: unknown) => codec.parseRequest?.({ path: "/v1/embeddings", query: {}, headers: {}, body });
const row = (index: number, embedding: unknown) => ({ object: "embedding", index, embedding });
const IMAGE = { type: "image", source: { type: "data", data: "AAAA" }, mediaType: "image/png" } as const;

describe("towards a vendor", () => {
  test("sends the texts as a list, and only the settings that were made", () => {
    const { method, path, body, warnings } = codec.renderRequest(request());
    expect([method, path, warnings]).toEqual(["POST", "/embeddings", []]);
    expect(body satisfies unknown).toEqual({ model: "m", input: ["a", "b"] } satisfies OpenAI.EmbeddingCreateParams);
    const whole = codec.renderRequest(request({ dimensions: 64, metadata: { user: "u" } }));
    expect(whole.body).toEqual({
      model: "m",
      input: ["a", "b"],
      dimensions: 64,
      user: "u",
    } satisfies OpenAI.EmbeddingCreateParams);
  });

  test("names every setting that the vendor cannot be told", () => {
    const { warnings, body } = codec.renderRequest(
      request({ purpose: "query", truncate: true, vendorOptions: { "cohere-embeddings": { max_tokens: 1 } } }),
    );
    expect(warnings.map(({ path }) => path)).toEqual(["purpose", "truncate", "vendorOptions.cohere-embeddings"]);
    expect(body).toEqual({ model: "m", input: ["a", "b"] });
  });

  test("takes a vendor's own fields as quirks", () => {
    const voyage = createOpenAIEmbeddings({
      inputsMax: 1000,
      encodingFormat: "base64",
      dimensionsField: "output_dimension",
      user: false,
      purpose: { field: "input_type", words: { query: "query" } },
      truncation: { cut: { truncation: true }, refuse: { truncation: false } },
    });
    const asked = request({ dimensions: 8, purpose: "query", truncate: false, metadata: { user: "u" } });
    const { body, warnings } = voyage.renderRequest(asked);
    expect(body).toEqual({
      model: "m",
      input: ["a", "b"],
      encoding_format: "base64",
      output_dimension: 8,
      input_type: "query",
      truncation: false,
    });
    expect(warnings.map(({ path }) => path)).toEqual(["metadata.user"]);
    expect(voyage.inputsMax("m")).toBe(1000);
    expect(voyage.renderRequest(request({ purpose: "clustering" })).warnings[0]?.path).toBe("purpose");
  });

  test("joins the texts of one input, and refuses an image", () => {
    const parts = [{ type: "text", text: "a" } as const, { type: "text", text: "b" } as const];
    expect(codec.renderRequest(request({ inputs: [parts] })).body?.input).toEqual(["a\nb"]);
    expect(() => codec.renderRequest(request({ inputs: ["a", [IMAGE]] }))).toThrow(/inputs\[1\]|image/);
  });

  test("reads vectors by their index, as numbers or in base64, and the tokens", () => {
    const base64 = Buffer.from(new Float32Array([0.5, -0.25]).buffer).toString("base64");
    const body = { data: [row(1, [1, 2]), row(0, base64)], model: "m-2", usage: { prompt_tokens: 3, total_tokens: 3 } };
    const answer = codec.parseResponse(body, context);
    expect(answer.embeddings).toEqual([
      [0.5, -0.25],
      [1, 2],
    ]);
    expect(answer.origin).toEqual({ dialect: "openai-embeddings", provider: "openai", model: "m-2" });
    expect(answer.usage).toEqual({ inputTokens: 3, raw: { prompt_tokens: 3, total_tokens: 3 } });
    expect(codec.parseResponse({ data: [row(0, [1])], usage: { total_tokens: 4 } }, context).usage.inputTokens).toBe(4);
    expect(codec.parseResponse({ data: [row(0, [1])] }, context).usage).toEqual({});
    const small = createOpenAIEmbeddings({ vectorBytes: "int8" });
    const bytes = Buffer.from(new Int8Array([-128, 127]).buffer).toString("base64");
    expect(small.parseResponse({ data: [row(0, bytes)] }, context).embeddings).toEqual([[-128, 127]]);
  });

  test.each([
    ["no list", {}],
    ["no object", null],
    ["a row that is no object", { data: ["x"] }],
    ["no vector", { data: [row(0, null)] }],
    ["an empty vector", { data: [row(0, [])] }],
    ["what is no number", { data: [row(0, [1, "2"])] }],
    ["bytes that are no numbers", { data: [row(0, "AAA=")] }],
    ["an infinite number", { data: [row(0, Buffer.from(new Float32Array([Infinity]).buffer).toString("base64"))] }],
    ["one index twice", { data: [row(0, [1]), row(0, [2])] }],
    ["a gap", { data: [row(0, [1]), row(2, [2])] }],
  ])("refuses an answer with %s", (_what, body) => {
    expect(() => codec.parseResponse(body, context)).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });

  test("reads an error under status 200 as one", () => {
    const body = { error: { message: "Rate limit exceeded", code: 429 } };
    expect(() => codec.parseResponse(body, context)).toThrow(expect.objectContaining({ code: "rate_limited" }));
  });
});

describe("towards a client", () => {
  test("reads one text or several, and hands unknown fields on with a warning", () => {
    expect(client({ model: "m", input: "a" })?.request).toEqual({ model: "m", inputs: ["a"] });
    const parsed = client({ model: "m", input: ["a"], dimensions: 4, user: "u", encoding_format: null, input_type: "query" });
    expect(parsed?.request).toEqual({
      model: "m",
      inputs: ["a"],
      dimensions: 4,
      metadata: { user: "u" },
      vendorOptions: { "openai-embeddings": { input_type: "query" } },
    });
    expect(parsed?.warnings).toMatchObject([{ type: "unknown-field", path: "input_type" }]);
  });

  test.each([
    ["tokens", [1, 2], "input"],
    ["lists of tokens", [[1], [2]], "input"],
    ["nothing", [], "input"],
    ["null", null, "input"],
    ["an object inside", [{}], "input[0]"],
  ])("refuses %s with the field", (_what, input, field) => {
    expect(() => client({ model: "m", input })).toThrow(expect.objectContaining({ code: "invalid_request", field }));
  });

  test("refuses an encoding that it does not have", () => {
    expect(() => client({ model: "m", input: "a", encoding_format: "int8" })).toThrow(/float, base64/);
  });

  test("writes what it reads, in the encoding that was asked for; unknown tokens are left out", () => {
    const answer = codec.parseResponse({ data: [row(0, [0.5, 2])], model: "m", usage: { total_tokens: 1 } }, context);
    for (const encoding_format of ["float", "base64", undefined]) {
      const parsed = client({ model: "m", input: "a", encoding_format });
      if (parsed === undefined) throw new Error("no request");
      const body = codec.renderResponse?.(answer, parsed);
      expect(typeof codec.parseResponse(body, context).embeddings[0]?.[1]).toBe("number");
      expect(codec.parseResponse(body, context)).toMatchObject({ embeddings: answer.embeddings, usage: { inputTokens: 1 } });
      expect(codec.renderResponse?.({ ...answer, usage: {} }, parsed)).not.toHaveProperty("usage");
    }
  });
});
