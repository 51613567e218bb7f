/** What single vendors do with batches, over their fake servers; what all do alike is in the conformance suite. */
import { describe, expect, test } from "vitest";
import {
  anthropic,
  azure,
  type BatchItem,
  type BatchJob,
  type BatchResult,
  gemini,
  groq,
  mistral,
  openai,
  type Provider,
  together,
  userMessage,
} from "../../src/index.ts";
import { everything } from "../everything.ts";
import { startOver } from "../providers/over-fake.ts";

function items(model: string, ...ids: readonly string[]): readonly BatchItem[] {
  return ids.map((id) => ({ id, request: { model, messages: [userMessage(`Hello ${id}`)] } }));
}

async function* none(): AsyncGenerator<never> {}

function resultsOf({ batches }: Provider, id: string): AsyncIterable<BatchResult> {
  return batches?.results(id) ?? none();
}

async function settle({ batches }: Provider, job: BatchJob | undefined): Promise<readonly BatchResult[]> {
  let last = job;
  while (last !== undefined && (last.status === "queued" || last.status === "running" || last.status === "cancelling")) {
    last = await batches?.get(last.id);
  }
  return everything(batches?.results(last?.id ?? "") ?? none());
}

test("OpenAI's lines ask the endpoint of the wire that the provider speaks", async () => {
  for (const [wire, endpoint] of [
    ["responses", "/v1/responses"],
    ["chat", "/v1/chat/completions"],
  ] as const) {
    const { provider, fake, sent } = await startOver("openai", (options) => openai({ ...options, wire }));
    await provider.batches?.submit(items("gpt-4.1-mini", "a"));
    expect(String(fake.requests[0]?.body)).toContain(`"method":"POST","url":"${endpoint}","body":{"model":"gpt-4.1-mini"`);
    expect(sent()).toMatchObject({ endpoint, completion_window: "24h" });
  }
});

test("a batch that the vendor refuses as a whole says why, and has no results", async () => {
  const { provider, fake } = await startOver("openai", openai);
  const lines = '{"custom_id":"a","method":"GET","url":"/v1/responses","body":{}}\n';
  const file = await provider.files?.upload({
    name: "a.jsonl",
    mediaType: "text/plain",
    data: Buffer.from(lines),
    purpose: "batch",
  });
  const body = { input_file_id: file?.id, endpoint: "/v1/responses", completion_window: "24h" };
  const headers = { authorization: "Bearer any", "content-type": "application/json" };
  const made = await fetch(`${fake.baseUrl}/batches`, { method: "POST", headers, body: JSON.stringify(body) });
  const { id } = (await made.json()) as { id: string };
  const job = await provider.batches?.get(id);
  expect(job).toMatchObject({ status: "failed", error: "line 1: The provided endpoint does not match the url of the line." });
  await expect(everything(resultsOf(provider, id))).rejects.toMatchObject({ detail: /does not match the url/ });
});

test.each([
  ["openai", openai, "gpt-4.1-mini", "gpt-5-mini"],
  ["gemini", gemini, "gemini-2.5-flash", "gemini-2.0-flash"],
  ["mistral", mistral, "ministral-8b-latest", "mistral-small-latest"],
] as const)("%s takes one model a batch; the item of another is named, unasked", async (vendor, create, one, other) => {
  const { provider, fake } = await startOver(vendor, create as (options: object) => Provider);
  const mixed = [...items(one, "a", "b"), ...items(other, "odd")];
  await expect(provider.batches?.submit(mixed)).rejects.toMatchObject({
    code: "invalid_request",
    field: "items[2].request.model",
    detail: expect.stringContaining("item odd"),
  });
  expect(fake.requests).toEqual([]);
});

test.each([
  ["anthropic", anthropic, "claude-sonnet-4-5", "claude-opus-5"],
  ["groq", groq, "llama-3.3-70b-versatile", "openai/gpt-oss-20b"],
] as const)("%s takes several models in a batch", async (vendor, create, one, other) => {
  const { provider } = await startOver(vendor, create as (options: object) => Provider);
  const job = await provider.batches?.submit([...items(one, "a"), ...items(other, "b")]);
  const models = (await settle(provider, job)).map((result) =>
    "completion" in result ? result.completion.origin.model : result.error,
  );
  expect(models).toEqual([one, other]);
});

test("what an item loses is a warning of the submission, with the item's id in its path", async () => {
  const { provider } = await startOver("anthropic", anthropic);
  const request = { model: "claude-sonnet-4-5", messages: [userMessage("Hi.")], seed: 7 };
  const job = await provider.batches?.submit([{ id: "lossy", request }]);
  expect(job?.warnings).toContainEqual(expect.objectContaining({ type: "unsupported", path: "lossy.seed" }));
  expect((await provider.batches?.get(job?.id ?? ""))?.warnings).toEqual([]);
});

test("an item that cannot be rendered refuses the batch and is named, before anything is sent", async () => {
  const { provider, fake } = await startOver("openai", (options) => openai({ ...options, wire: "chat" }));
  const source = { type: "url", url: "http://127.0.0.1/secret.wav" } as const;
  const messages = [userMessage([{ type: "audio", mediaType: "audio/wav", source }])];
  const broken = { id: "broken", request: { model: "gpt-4.1-mini", messages } };
  await expect(provider.batches?.submit([...items("gpt-4.1-mini", "fine"), broken])).rejects.toMatchObject({
    code: "invalid_request",
    field: expect.stringMatching(/^items\[1\]/),
    detail: expect.stringMatching(/^item broken: /),
  });
  expect(fake.requests).toEqual([]);
});

test("Gemini's batch goes inline while it is small, and else as a file, with the same results", async () => {
  const { provider, fake, sent } = await startOver("gemini", gemini);
  await settle(provider, await provider.batches?.submit(items("gemini-2.5-flash", "a", "b")));
  const inline = fake.requests.find(({ path }) => path.endsWith(":batchGenerateContent"))?.body;
  expect(inline).toMatchObject({ batch: { inputConfig: { requests: { requests: [{ metadata: { key: "a" } }, {}] } } } });

  const data = "A".repeat(19_000_000);
  const image = { type: "image", mediaType: "image/png", source: { type: "data", data } } as const;
  const big: BatchItem = { id: "big", request: { model: "gemini-2.5-flash", messages: [userMessage([image])] } };
  const job = await provider.batches?.submit([big, ...items("gemini-2.5-flash", "fault-expired-b")]);
  expect(sent()).toMatchObject({ batch: { inputConfig: { fileName: expect.stringMatching(/^files\//) } } });
  const results = await settle(provider, job);
  expect(results).toMatchObject([
    { id: "big", completion: { finish: { reason: "stop" } } },
    { id: "fault-expired-b", error: { code: "timeout" } },
  ]);
});

describe("Azure", () => {
  const deployments = { "gpt-4.1": "my-gpt-4-1" };

  test.each([
    ["responses", {}, "/v1/responses", "/openai/v1/batches"],
    ["chat", { wire: "chat" }, "/chat/completions", "/openai/v1/batches"],
    ["classic", { apiVersion: "2024-10-21" }, "/chat/completions", "/openai/batches?api-version=2024-10-21"],
  ] as const)("names the deployment in each line, over %s", async (_surface, own, endpoint, path) => {
    const { provider, fake } = await startOver("azure", (options) =>
      azure({ ...options, polling: { firstMs: 1 }, deployments, ...own }),
    );
    const job = await provider.batches?.submit(items("gpt-4.1", "a"));
    expect(String(fake.requests[0]?.body)).toMatch(new RegExp(`"url":"${endpoint}","body":{.*"model":"my-gpt-4-1"`));
    expect(fake.requests.at(-1)?.path).toBe(path);
    const [result] = await settle(provider, job);
    expect(result).toMatchObject({ completion: { origin: { model: "gpt-4.1-2025-04-14" } } });
  });
});

test("Together's discount holds for some models only: what a batch costs is unknown", async () => {
  const { provider } = await startOver("together", together);
  const model = "meta-llama/Llama-3.3-70B-Instruct-Turbo";
  await provider.models();
  expect(provider.pricing(model)?.inputPerMillionUsd).toBeGreaterThan(0);
  const [result] = await settle(provider, await provider.batches?.submit(items(model, "a")));
  expect(result !== undefined && "completion" in result ? result.completion.cost : "no answer").toBeUndefined();
});
