/** What `embed` and `rerank` of a provider add to their codecs: splitting, joining, cost, order. */
import { startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  azure,
  bedrock,
  cosineSimilarity,
  createSessionUsage,
  huggingface,
  openai,
  openaiCompatible,
  openrouter,
  type Provider,
  perplexity,
  Secret,
  trackUsage,
  vertex,
} from "../../src/index.ts";
import { createCohereRerank } from "../../src/rerank/cohere-rerank.ts";
import type { Transport, TransportRequest } from "../../src/transport/transport.ts";

const key = new Secret("sk-0123456789abcdef");

async function start(name: Parameters<typeof startFakeVendor>[0]) {
  const vendor = await startFakeVendor(name);
  onTestFinished(() => vendor.close());
  return vendor;
}

function embedOf({ embed }: Provider): NonNullable<Provider["embed"]> {
  if (embed === undefined) throw new Error("no vectors");
  return embed;
}

describe("many inputs", () => {
  test("are split, four requests at a time, and joined with their tokens and cost", async () => {
    const vendor = await start("dashscope");
    let underWay = 0;
    let most = 0;
    const { createUndiciTransport } = await import("../../src/transport/undici-transport.ts");
    const inner = createUndiciTransport();
    onTestFinished(() => inner.close());
    const transport: Transport = {
      ...inner,
      async send(request: TransportRequest) {
        most = Math.max(most, ++underWay);
        try {
          return await inner.send(request);
        } finally {
          underWay--;
        }
      },
    };
    const { dashscope } = await import("../../src/index.ts");
    const prices = { "text-embedding-v4": { inputPerMillionUsd: 1 } };
    const embed = embedOf(dashscope({ baseUrl: vendor.baseUrl, key, transport, prices }));
    const inputs = Array.from({ length: 65 }, (_item, index) => `two ${index}`);
    const { embeddings, usage, cost } = await embed({ model: "text-embedding-v4", inputs, purpose: "query" });
    expect([embeddings.length, vendor.requests.length, most]).toEqual([65, 7, 4]);
    expect(usage).toEqual({ inputTokens: 130 });
    expect(cost).toMatchObject({ totalUsd: expect.closeTo(130e-6, 12), outputUsd: 0, catalogue: "own" });
  });

  test("say once what each request had to leave out", async () => {
    const embed = embedOf(await start("bedrock").then((vendor) => bedrock({ baseUrl: vendor.baseUrl, key })));
    const { warnings } = await embed({ model: "amazon.titan-embed-text-v2:0", inputs: ["a", "b", "c"], purpose: "query" });
    expect(warnings.map(({ path }) => path)).toEqual(["purpose"]);
  });

  test("end at the first failure, which is the one that is told", async () => {
    const vendor = await start("bedrock");
    const embed = embedOf(bedrock({ baseUrl: vendor.baseUrl, key }));
    const inputs = ["", ...Array.from({ length: 50 }, (_item, index) => `text ${index}`)];
    await expect(embed({ model: "amazon.titan-embed-text-v2:0", inputs })).rejects.toMatchObject({
      code: "invalid_request",
      provider: "bedrock",
    });
    expect(vendor.requests.length).toBeLessThan(50);
  });
});

describe("vendors' own ways", () => {
  test("Azure puts the deployment where each surface wants it", async () => {
    const vendor = await start("azure");
    const deployments = { "text-embedding-3-small": "my-embedding-3-small" };
    for (const apiVersion of [undefined, "2024-10-21"]) {
      const provider = azure({ baseUrl: vendor.baseUrl, key, deployments, ...(apiVersion === undefined ? {} : { apiVersion }) });
      const { embeddings, cost } = await embedOf(provider)({ model: "text-embedding-3-small", inputs: ["a"] });
      expect(embeddings).toHaveLength(1);
      expect(cost?.totalUsd).toBeCloseTo(0.02e-6, 12);
    }
    expect(vendor.requests.map(({ path }) => path)).toEqual([
      "/openai/v1/embeddings",
      "/openai/deployments/my-embedding-3-small/embeddings?api-version=2024-10-21",
    ]);
  });

  test.each([
    ["openrouter", openrouter, "openai/text-embedding-3-small"],
    ["perplexity", perplexity, "pplx-embed-v1-0.6b"],
  ] as const)("%s says itself what it charges", async (name, create, model) => {
    const vendor = await start(name);
    const { cost, usage } = await embedOf(create({ baseUrl: vendor.baseUrl, key }))({ model, inputs: ["one two"] });
    expect(usage.inputTokens).toBe(2);
    expect(cost).toMatchObject({ catalogue: "vendor", outputUsd: 0 });
    expect(cost).not.toHaveProperty("estimated");
    expect(cost?.totalUsd).toBeGreaterThan(0);
  });

  test.each([
    ["gemini-embedding-001", 3],
    ["gemini-embedding-2", 3],
    ["text-embedding-005", 1],
  ])("Vertex AI is asked for %s in its own form", async (model, requests) => {
    const vendor = await start("vertex");
    const provider = vertex({ baseUrl: vendor.baseUrl, project: "p", credentials: { type: "token", token: key } });
    const asked = { model, inputs: ["one two", "three", "one two"], purpose: "query", dimensions: 16 } as const;
    const { embeddings, usage } = await embedOf(provider)(asked);
    expect(embeddings.map(({ length }) => length)).toEqual([16, 16, 16]);
    expect(embeddings[2]).toEqual(embeddings[0]);
    // The instruction of Gemini Embedding 2 is text, and counts.
    expect(usage.inputTokens).toBe(model === "gemini-embedding-2" ? 20 : 5);
    expect(vendor.requests).toHaveLength(requests);
  });

  test.each([
    ["amazon.nova-2-multimodal-embeddings-v1:0", 2],
    ["cohere.embed-v4:0", 1],
  ])("Bedrock is asked for %s in its maker's body", async (model, requests) => {
    const vendor = await start("bedrock");
    const embed = embedOf(bedrock({ baseUrl: vendor.baseUrl, key }));
    const { embeddings, usage } = await embed({ model, inputs: ["one two", "three"], dimensions: 256, truncate: false });
    expect(embeddings.map(({ length }) => length)).toEqual([256, 256]);
    // A header tells it.
    expect(usage.inputTokens).toBe(3);
    expect(vendor.requests).toHaveLength(requests);
    const tooLong = embed({ model, inputs: ["word ".repeat(9_000)], truncate: false });
    await expect(tooLong).rejects.toMatchObject({ code: "context_overflow" });
  });

  test("Hugging Face refuses a model that was not made for sentences", async () => {
    const vendor = await start("huggingface");
    const embed = embedOf(huggingface({ baseUrl: vendor.baseUrl, key }));
    await expect(embed({ model: "bert/unpooled", inputs: ["a"] })).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a compatible server has vectors unless it is said to have none, and ranks where it is said how", () => {
    const base = { id: "x", baseUrl: "http://127.0.0.1:1/v1" };
    const plain = openaiCompatible(base);
    expect([typeof plain.embed, typeof plain.rerank]).toEqual(["function", "undefined"]);
    const other = openaiCompatible({ ...base, embeddings: false, rerank: { path: "/rerank" } });
    expect([typeof other.embed, typeof other.rerank]).toEqual(["undefined", "function"]);
  });
});

test("trackUsage counts vectors and ranks too, and what failed", async () => {
  const vendor = await start("openai");
  const usage = createSessionUsage();
  const embed = embedOf(trackUsage(openai({ baseUrl: vendor.baseUrl, key }), usage));
  const metadata = { session: "s" };
  await embed({ model: "text-embedding-3-small", inputs: ["one two"], metadata });
  await expect(embed({ model: "gpt-4.1-mini", inputs: ["x"], metadata })).rejects.toMatchObject({ status: 403 });
  expect(usage.of("s")).toMatchObject({
    calls: 2,
    failedCalls: 1,
    usage: { inputTokens: 2, outputTokens: 0 },
    callsWithUnknownUsage: 1,
    callsWithUnknownCost: 1,
  });
});

describe("rerank", () => {
  const codec = createCohereRerank();
  const read = (body: unknown) => codec.parseResponse(body, { provider: "p", model: "m" });
  const row = (index: number, relevance_score: unknown) => ({ index, relevance_score });

  test("sends what was asked, and no more results than there are documents", () => {
    const request = { model: "m", query: "q", documents: ["a", "b"], resultsMax: 9 };
    expect(codec.renderRequest(request)).toMatchObject({
      path: "/v2/rerank",
      body: { model: "m", query: "q", documents: ["a", "b"], top_n: 2 },
    });
    const other = { ...request, metadata: { user: "u" }, vendorOptions: { x: {}, "cohere-rerank": { max_tokens_per_doc: 9 } } };
    const { body, warnings } = createCohereRerank({ path: "/rerank", resultsField: "top_k" }).renderRequest(other);
    expect(body).toMatchObject({ top_k: 2, max_tokens_per_doc: 9 });
    expect(warnings.map(({ path }) => path)).toEqual(["metadata.user", "vendorOptions.x"]);
  });

  test("puts the best first, whatever the list is called", () => {
    const results = [row(0, -8.5), row(1, 0.25)];
    const best = [
      { index: 1, score: 0.25 },
      { index: 0, score: -8.5 },
    ];
    expect(read({ results, meta: { billed_units: { search_units: 1 } } })).toMatchObject({ results: best, searchUnits: 1 });
    expect(read({ data: results, usage: { total_tokens: 7 } })).toMatchObject({ results: best, usage: { inputTokens: 7 } });
    expect(read({ results: [] })).not.toHaveProperty("searchUnits");
  });

  test.each([[{}], [{ results: [{}] }], [{ results: [row(0, "1")] }], [null]])("refuses %j", (body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: "invalid_response" }));
  });

  test.each([
    ["names what was not sent", [row(2, 1)]],
    ["is none of the places", [row(-1, 1)]],
    ["names one twice", [row(0, 1), row(0, 0.5)]],
  ])("refuses a result that %s", async (_what, results) => {
    const answer = { status: 200, headers: {}, text: async () => JSON.stringify({ results }), cancel: () => undefined };
    const transport: Transport = {
      send: async () => ({ ...answer, body: (async function* () {})() }),
      close: async () => undefined,
    };
    const { rerank } = openaiCompatible({ id: "x", baseUrl: "http://127.0.0.1:1/v1", rerank: {}, options: { transport } });
    await expect(rerank?.({ model: "m", query: "q", documents: ["a", "b"] })).rejects.toMatchObject({ code: "invalid_response" });
  });
});

test("cosineSimilarity tells directions, and refuses what cannot be compared", () => {
  expect(cosineSimilarity([1, 0], [2, 0])).toBe(1);
  expect(cosineSimilarity([1, 0], [0, 3])).toBe(0);
  expect(cosineSimilarity([1, 1], [-2, -2])).toBeCloseTo(-1, 12);
  expect(cosineSimilarity([0, 0], [1, 2])).toBe(0);
  expect(() => cosineSimilarity([1], [1, 2])).toThrow(/1 numbers .* 2/);
});
