/** Where what is known of a model comes from, and what a probe adds to it. */
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  anthropic,
  type CapabilityReport,
  gemini,
  huggingface,
  moonshot,
  openai,
  openaiCompatible,
  type Provider,
  probe,
  Secret,
  systemMessage,
  userMessage,
} from "../../src/index.ts";

const opened: FakeVendor[] = [];

async function start(vendor: FakeVendorName): Promise<FakeVendor> {
  const fake = await startFakeVendor(vendor);
  opened.push(fake);
  return fake;
}

afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close();
});

const at = (fake: FakeVendor) => ({ baseUrl: fake.baseUrl, key: new Secret("any-key") });

describe("what is known of a model", () => {
  test("names its source, and a stronger source goes over a weaker one", async () => {
    const fake = await start("anthropic");
    const model = "claude-sonnet-4-5";
    const before = anthropic(at(fake)).capabilities(model);
    expect(before.tools).toMatchObject({ answer: "yes", source: "family" });
    expect(before.tools.evidence).toBeDefined();
    expect(before.contextWindowTokens).toBeGreaterThan(0);

    const told = anthropic({ ...at(fake), capabilities: { [model]: { tools: false, contextWindowTokens: 77 } } });
    await told.models();
    expect(told.capabilities(model).tools).toEqual({ answer: "no", source: "configuration" });
    expect(told.capabilities(model).contextWindowTokens).toBe(77);
    expect(told.capabilities(model).images.source).not.toBe("configuration");
  });

  test("is unknown without a source for a model of a vendor that nobody described", () => {
    const provider = openaiCompatible({ id: "x", baseUrl: "http://127.0.0.1:9" });
    expect(provider.capabilities("m").tools).toEqual({ answer: "unknown", source: "none" });
    expect(provider.supports("m")).toBe(false);
  });

  test("of Hugging Face depends on the partner who serves it", async () => {
    const provider = huggingface(at(await start("huggingface")));
    const rows = await provider.models();
    expect(rows.map((row) => row.id)).toEqual(
      expect.arrayContaining(["Qwen/Qwen3-4B", "Qwen/Qwen3-4B:fake-partner", "meta-llama/Llama-3.1-8B-Instruct:fake-partner"]),
    );
    expect(provider.capabilities("Qwen/Qwen3-4B:fake-partner")).toMatchObject({
      tools: { answer: "yes", source: "vendor" },
      jsonSchema: { answer: "yes", source: "vendor" },
      contextWindowTokens: 128_000,
    });
    expect(provider.capabilities("Qwen/Qwen3-4B").tools.answer).toBe("unknown");
    expect(rows[0]?.createdAt).toBeGreaterThan(0);
  });

  test("does not grow without end with the names that callers ask for", () => {
    const provider = anthropic({ key: new Secret("any-key") });
    for (let number = 0; number < 2_500; number++) provider.capabilities(`claude-x-${number}`);
    expect(provider.capabilities("claude-x-0").tools.answer).toBe("yes");
  });
});

describe("an alias", () => {
  test.each<[FakeVendorName, (options: ReturnType<typeof at> & { aliases: Record<string, string> }) => Provider, string]>([
    ["anthropic", anthropic, "claude-sonnet-4-5"],
    ["openai", openai, "gpt-4.1-mini"],
    ["gemini", gemini, "gemini-2.5-flash"],
    ["moonshot", moonshot, "moonshot-v1-8k"],
  ])("of %s is sent as the model's own name, in calls, streams and counts", async (vendor, create, model) => {
    const fake = await start(vendor);
    const provider = create({ ...at(fake), aliases: { quick: model } });
    const call = { model: "quick", messages: [userMessage("Hello.")] };
    expect((await provider.complete(call)).origin.model).toBe(model);
    for await (const _event of provider.stream(call)) void _event;
    await provider.countTokens(call);
    expect(fake.requests.length).toBeGreaterThanOrEqual(2);
    for (const { path, body } of fake.requests) {
      expect(`${path} ${JSON.stringify(body)}`).toContain(model);
      expect(`${path} ${JSON.stringify(body)}`).not.toContain("quick");
    }
    await expect(provider.complete({ ...call, model: "fault-500" })).rejects.toMatchObject({ model: "fault-500" });
  });
});

test("Moonshot counts the tokens of a request itself", async () => {
  const fake = await start("moonshot");
  const messages = [systemMessage("one two"), userMessage("three four five")];
  const count = await moonshot(at(fake)).countTokens({ model: "kimi-k2-thinking", messages });
  expect(count).toMatchObject({ exact: true, method: "endpoint" });
  expect(count.tokens).toBeGreaterThanOrEqual(5);
  expect(fake.requests[0]).toMatchObject({ path: "/v1/tokenizers/estimate-token-count", body: { model: "kimi-k2-thinking" } });
});

describe("a probe", () => {
  let fake: FakeVendor;
  let report: CapabilityReport;
  const create = (capabilities = {}) =>
    openaiCompatible({ id: "example", baseUrl: fake.baseUrl, key: "env:NONE", options: { ...at(fake), capabilities } });

  beforeAll(async () => {
    fake = await startFakeVendor("openai-compatible");
    report = await probe(create(), "plain-model");
  });
  afterAll(() => fake.close());

  test("finds what the model can do, each with its evidence", () => {
    expect(report.facts).toMatchObject({
      streaming: true,
      tools: true,
      toolChoiceRequired: true,
      jsonSchema: true,
      stopSequences: true,
      temperature: true,
    });
    expect(report.calls).toBe(report.findings.length);
    for (const { evidence } of report.findings) expect(evidence).not.toBe("");
    expect(report).not.toHaveProperty("costUsd");
  });

  test("leaves open what a call does not decide", () => {
    const open = report.findings.filter((finding) => finding.answer === "unknown").map((finding) => finding.capability);
    // The fake calls a tool once, and does not obey.
    expect(open).toEqual(expect.arrayContaining(["systemPrompt", "parallelToolCalls"]));
    for (const name of open) expect(report.facts).not.toHaveProperty(name);
  });

  test("gives facts that a provider takes", () => {
    const capabilities = create({ "plain-model": report.facts }).capabilities("plain-model");
    expect(capabilities.toolChoiceRequired).toEqual({ answer: "yes", source: "configuration" });
    expect(capabilities.systemPrompt.answer).toBe("unknown");
  });

  test("tells of each finding as it comes", async () => {
    const told: string[] = [];
    await probe(create(), "plain-model", {
      onFinding: ({ capability }, done, total) => told.push(`${capability} ${done}/${total}`),
    });
    expect(told).toHaveLength(report.calls);
    expect(told[0]).toBe(`streaming 1/${report.calls}`);
  });

  test("says what it cost where the price is known", async () => {
    const prices = { "plain-model": { inputPerMillionUsd: 1, outputPerMillionUsd: 1, cacheReadPerMillionUsd: 1 } };
    const priced = openaiCompatible({ id: "example", baseUrl: fake.baseUrl, key: "env:NONE", options: { ...at(fake), prices } });
    expect((await probe(priced, "plain-model")).costUsd).toBeGreaterThan(0);
  });

  test("ends at once where no answer could say anything of the model", async () => {
    const refused = openaiCompatible({
      id: "x",
      baseUrl: fake.baseUrl,
      key: "env:NONE",
      options: { key: new Secret("bad-key") },
    });
    await expect(probe(refused, "plain-model")).rejects.toMatchObject({ code: "authentication" });
    await expect(probe(create(), "no-such-model")).rejects.toMatchObject({ code: "model_not_found" });
    await expect(probe(create(), "plain-model", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  test("takes a passing fault for no answer", async () => {
    const { findings, facts } = await probe(create(), "fault-500");
    expect(facts).toEqual({});
    expect(findings[0]?.evidence).toContain("vendor_error");
  });
});
