import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret, userMessage } from "../../src/index.ts";
import { cohere } from "../../src/providers/cohere.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { createUndiciTransport } from "../../src/transport/undici-transport.ts";

let fake: FakeVendor;
beforeAll(async () => {
  fake = await startFakeVendor("cohere");
});
afterAll(() => fake.close());

const options = () => ({ baseUrl: fake.baseUrl, key: new Secret("any-key") });

describe("Cohere", () => {
  test("counts what the prompt says with the vendor's tokenizer, and does not call it exact", async () => {
    const call = { model: "command-a", messages: [userMessage("one two three")] };
    expect(await cohere(options()).countTokens(call)).toEqual({ tokens: 3, exact: false, method: "tokenizer" });
    expect(fake.requests.at(-1)).toMatchObject({
      path: "/v1/tokenize",
      body: { model: "command-a-03-2025", text: "one two three" },
    });
  });

  test("estimates what is no text, and what is too long for the tokenizer", async () => {
    const image = { type: "image", source: { type: "url", url: "https://example.com/a.png" } } as const;
    const seen = await cohere(options()).countTokens({ model: "command-a-vision-07-2025", messages: [userMessage([image])] });
    expect(seen.method).toBe("estimate");
    const long = await cohere(options()).countTokens({ model: "command-a", messages: [userMessage("word ".repeat(20_000))] });
    expect(long.method).toBe("estimate");
  });

  test("costs what is billed, not what was read with the model's template", async () => {
    const model = "command-a-03-2025";
    const prices = { [model]: { inputPerMillionUsd: 1_000_000, outputPerMillionUsd: 0 } };
    const { usage, cost } = await cohere({ ...options(), prices }).complete({ model, messages: [userMessage("Hello.")] });
    const { billed_units: billed } = Object(usage.raw);
    expect(cost?.totalUsd).toBe(billed.input_tokens);
    expect(usage.inputTokens).toBeGreaterThan(billed.input_tokens);
    expect(cost).not.toHaveProperty("estimated");
    expect(cohere(options()).pricing("command-a")).toMatchObject({ inputPerMillionUsd: 2.5, outputPerMillionUsd: 10 });
  });

  test("reads the listing page by page", async () => {
    const inner = createUndiciTransport();
    const transport: Transport = {
      ...inner,
      send: (request) => inner.send({ ...request, url: request.url.replace("page_size=1000", "page_size=4") }),
      close: () => inner.close(),
    };
    const provider = cohere({ ...options(), transport });
    const listed = await provider.models();
    expect(listed.map((model) => model.id)).toContain("rerank-v3.5");
    expect(fake.requests.filter((request) => request.path.startsWith("/v1/models")).map((request) => request.path)).toEqual([
      "/v1/models?page_size=4",
      "/v1/models?page_size=4&page_token=4",
    ]);
    await provider.close?.();
  });

  test("claims its families by name, and knows what they can do with its source", () => {
    const provider = cohere(options());
    expect(provider.supports("command-r7b-12-2024")).toBe(true);
    expect(provider.supports("c4ai-aya-expanse-32b")).toBe(true);
    expect(provider.supports("gpt-5")).toBe(false);
    expect(provider.capabilities("command-a-reasoning-08-2025").reasoning).toMatchObject({ answer: "yes", source: "family" });
    expect(provider.capabilities("command-a-vision-07-2025")).toMatchObject({
      images: { answer: "yes" },
      tools: { answer: "no" },
    });
  });
});
