/** The other wires of embeddings: what each sends, and what it makes of its vendor's answers. */
import { describe, expect, test } from "vitest";
import { type EmbeddingCodec, type EmbeddingCodecId, type EmbeddingRequest, loadEmbeddingCodec } from "../../src/index.ts";

const IMAGE = { type: "image", source: { type: "data", data: "AAAA" }, mediaType: "image/png" } as const;
const TEXT = { type: "text", text: "a" } as const;

async function rendered(id: EmbeddingCodecId, request: EmbeddingRequest) {
  return (await loadEmbeddingCodec(id)).renderRequest(request);
}

function read(codec: EmbeddingCodec, model: string, body: unknown, headers: Record<string, string> = {}) {
  return codec.parseResponse(body, { provider: "p", model, headers });
}

describe("Gemini", () => {
  test("batches, each request with its model and settings", async () => {
    const asked = { model: "gemini-embedding-001", inputs: ["a", "b"], purpose: "query", dimensions: 8 } as const;
    const { path, body } = await rendered("gemini-embeddings", asked);
    const settings = { model: "models/gemini-embedding-001", taskType: "RETRIEVAL_QUERY", outputDimensionality: 8 };
    expect(path).toBe("/models/gemini-embedding-001:batchEmbedContents");
    expect(body).toEqual({
      requests: [
        { ...settings, content: { parts: [{ text: "a" }] } },
        { ...settings, content: { parts: [{ text: "b" }] } },
      ],
    });
  });

  test("tells Gemini Embedding 2 its purpose in the text, and sends it images", async () => {
    const asked = { model: "gemini-embedding-2", inputs: ["a", [IMAGE, TEXT]], purpose: "document" } as const;
    const { body } = await rendered("gemini-embeddings", asked);
    const requests = JSON.stringify(body);
    expect(requests).not.toContain("taskType");
    expect(requests.match(/title: none \| text: a/g)).toHaveLength(2);
    expect(requests).toContain('{"inlineData":{"mimeType":"image/png","data":"AAAA"}}');
  });

  test("at Vertex AI predicts for older models, and says what was cut", async () => {
    const { createGeminiEmbeddings } = await import("../../src/embeddings/gemini-embeddings.ts");
    const vertex = createGeminiEmbeddings({ surface: "vertex" });
    const inputsMax = ["gemini-embedding-001", "gemini-embedding-2", "text-embedding-005"].map((model) =>
      vertex.inputsMax(model),
    );
    expect(inputsMax).toEqual([1, 1, 250]);
    const asked = { inputs: ["a"], truncate: false, dimensions: 8, purpose: "clustering" } as const;
    expect(vertex.renderRequest({ model: "text-embedding-005", ...asked })).toMatchObject({
      path: "/models/text-embedding-005:predict",
      body: {
        instances: [{ content: "a", task_type: "CLUSTERING" }],
        parameters: { outputDimensionality: 8, autoTruncate: false },
      },
    });
    expect(vertex.renderRequest({ model: "gemini-embedding-2", ...asked })).toMatchObject({
      path: "/models/gemini-embedding-2:embedContent",
      body: { content: { parts: [{ text: "task: clustering | query: a" }] }, outputDimensionality: 8, autoTruncate: false },
    });
    const prediction = { embeddings: { values: [1], statistics: { token_count: 2, truncated: true } } };
    const answer = read(vertex, "text-embedding-005", { predictions: [prediction, prediction] });
    expect(answer).toMatchObject({ embeddings: [[1], [1]], usage: { inputTokens: 4 }, warnings: [{ type: "truncated" }] });
    expect(() => vertex.renderRequest({ model: "text-embedding-005", inputs: [[IMAGE]] })).toThrow(/image/);
  });

  test("reads a client's batch, and refuses one of two minds", async () => {
    const codec = await loadEmbeddingCodec("gemini-embeddings");
    const parse = (method: string, body: unknown) =>
      codec.parseRequest?.({ path: `/v1beta/models/ollama:nomic:latest:${method}`, query: {}, headers: {}, body });
    const content = { parts: [{ text: "a" }] };
    const one = { content, task_type: "RETRIEVAL_QUERY", output_dimensionality: 4, title: "t" };
    expect(parse("embedContent", one)).toMatchObject({
      request: { model: "ollama:nomic:latest", inputs: ["a"], purpose: "query", dimensions: 4 },
      warnings: [{ type: "unknown-field", path: "title" }],
    });
    expect(() => parse("batchEmbedContents", { requests: [one, { content }] })).toThrow(/requests\[1\]|share/);
    expect(() => parse("batchEmbedContents", { requests: [] })).toThrow(/nothing to embed/);
    expect(() => parse("embedContent", { content: { parts: [{ functionCall: {} }] } })).toThrow(/neither a text nor an image/);
    expect(() => parse("embedContent", { content, taskType: "DANCE" })).toThrow(/no task type/);
  });
});

describe("Cohere", () => {
  test("tells texts, mixtures and single images apart", async () => {
    const send = async (model: string, inputs: EmbeddingRequest["inputs"]) =>
      (await rendered("cohere-embeddings", { model, inputs, truncate: true })).body;
    expect(await send("embed-v4.0", ["a"])).toEqual({
      model: "embed-v4.0",
      texts: ["a"],
      input_type: "search_document",
      embedding_types: ["float"],
      truncate: "END",
    });
    expect(await send("embed-v4.0", ["a", [TEXT, IMAGE]])).toMatchObject({
      inputs: [
        { content: [{ type: "text", text: "a" }] },
        { content: [{ type: "text" }, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
      ],
    });
    expect(await send("embed-english-v3.0", [[IMAGE]])).toMatchObject({
      images: ["data:image/png;base64,AAAA"],
      input_type: "image",
    });
    await expect(send("embed-english-v3.0", ["a", [IMAGE]])).rejects.toMatchObject({ code: "unsupported" });
  });

  test("says where its word is another one's, and counts images", async () => {
    const { warnings } = await rendered("cohere-embeddings", { model: "m", inputs: ["a"], purpose: "similarity" });
    expect(warnings).toMatchObject([{ type: "lossy", path: "purpose" }]);
    const codec = await loadEmbeddingCodec("cohere-embeddings");
    const meta = { billed_units: { input_tokens: 2, image_tokens: 5 } };
    expect(read(codec, "m", { embeddings: { int8: [[1]], float: [[0.5]] }, meta })).toMatchObject({
      embeddings: [[0.5]],
      usage: { inputTokens: 7 },
    });
    expect(() => read(codec, "m", { embeddings: {} })).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });
});

describe("Bedrock", () => {
  test("has each maker's own body, and one input a request but for Cohere", async () => {
    const codec = await loadEmbeddingCodec("bedrock-embeddings");
    const send = (model: string, rest: Partial<EmbeddingRequest> = {}) =>
      codec.renderRequest({ model, inputs: ["a"], dimensions: 256, ...rest });
    expect(send("amazon.titan-embed-text-v2:0")).toMatchObject({
      path: "/model/amazon.titan-embed-text-v2%3A0/invoke",
      body: { inputText: "a", dimensions: 256 },
      warnings: [],
    });
    expect(send("amazon.titan-embed-text-v1")).toMatchObject({ body: { inputText: "a" }, warnings: [{ path: "dimensions" }] });
    expect(send("amazon.titan-embed-image-v1", { inputs: [[TEXT, IMAGE]] }).body).toEqual({
      inputText: "a",
      inputImage: "AAAA",
      embeddingConfig: { outputEmbeddingLength: 256 },
    });
    expect(send("amazon.nova-2-multimodal-embeddings-v1:0", { purpose: "query", truncate: true }).body).toEqual({
      taskType: "SINGLE_EMBEDDING",
      singleEmbeddingParams: {
        embeddingPurpose: "GENERIC_RETRIEVAL",
        embeddingDimension: 256,
        text: { truncationMode: "END", value: "a" },
      },
    });
    expect(send("us.cohere.embed-v4:0").body).toMatchObject({ texts: ["a"], output_dimension: 256 });
    expect(["amazon.titan-embed-text-v1", "cohere.embed-v4:0"].map((model) => codec.inputsMax(model))).toEqual([1, 96]);
    expect(() => send("meta.llama")).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  test("counts by the header where the body does not", async () => {
    const codec = await loadEmbeddingCodec("bedrock-embeddings");
    const headers = { "x-amzn-bedrock-input-token-count": "3" };
    expect(read(codec, "cohere.embed-english-v3", { embeddings: [[1]] }, headers).usage).toEqual({ inputTokens: 3 });
    expect(read(codec, "cohere.embed-english-v3", { embeddings: [[1]] }).usage).toEqual({});
    expect(read(codec, "amazon.titan-embed-text-v1", { embedding: [1], inputTextTokenCount: 2 }).usage).toEqual({
      inputTokens: 2,
    });
    expect(() => read(codec, "amazon.titan-embed-text-v1", {})).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });
});

describe("Hugging Face", () => {
  test("asks hf-inference, and no other partner", async () => {
    const { path } = await rendered("huggingface-embeddings", { model: "intfloat/e5", inputs: ["a"] });
    expect(path).toBe("../hf-inference/models/intfloat/e5/pipeline/feature-extraction");
    await expect(rendered("huggingface-embeddings", { model: "a/b:nebius", inputs: ["a"] })).rejects.toMatchObject({
      code: "unsupported",
    });
  });

  test("takes one vector a text, and does not pool those of tokens", async () => {
    const codec = await loadEmbeddingCodec("huggingface-embeddings");
    expect(read(codec, "m", [0.5, 1]).embeddings).toEqual([[0.5, 1]]);
    expect(read(codec, "m", [[0.5], [1]])).toMatchObject({ embeddings: [[0.5], [1]], usage: {} });
    expect(() => read(codec, "m", [[[0.5], [1]]])).toThrow(/a vector for each token/);
    expect(() => read(codec, "m", {})).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });
});

describe("Ollama", () => {
  test("reads both of its routes of a client, and hands the engine's options on", async () => {
    const codec = await loadEmbeddingCodec("ollama-embeddings");
    const parse = (path: string, body: unknown) => codec.parseRequest?.({ path, query: {}, headers: {}, body });
    const whole = parse("/api/embed", { model: "m", input: ["a", "b"], truncate: false, options: { num_ctx: 64 } });
    expect(whole?.request).toEqual({
      model: "m",
      inputs: ["a", "b"],
      truncate: false,
      vendorOptions: { "ollama-embeddings": { options: { num_ctx: 64 } } },
    });
    const single = parse("/api/embeddings", { model: "m", prompt: "a" });
    if (whole === undefined || single === undefined) throw new Error("no request");
    const answer = read(codec, "m", { model: "m", embeddings: [[1], [2]], prompt_eval_count: 3 });
    expect(codec.renderResponse?.(answer, whole)).toEqual({ model: "m", embeddings: [[1], [2]], prompt_eval_count: 3 });
    expect(codec.renderResponse?.(answer, single)).toEqual({ embedding: [1] });
    expect(() => parse("/api/embed", { model: "m", input: [] })).toThrow(/nothing to embed/);
  });
});
