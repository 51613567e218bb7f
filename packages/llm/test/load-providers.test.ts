import { startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import { loadProviders, type ProvidersConfiguration, userMessage } from "../src/index.ts";

function load(configuration: unknown, environment = {}) {
  return loadProviders(configuration as ProvidersConfiguration, { environment });
}

test("built-in providers go by their ids, as often and under as many names as wanted", async () => {
  const vendor = await startFakeVendor("groq");
  const row = { key: "env:GROQ_KEY", baseUrl: vendor.baseUrl };
  const registry = await load(
    { providers: { groq: row, second: { type: "groq", ...row }, off: { type: "openai", enabled: false } } },
    { GROQ_KEY: "sk-from-the-environment" },
  );
  expect(registry.providers().map(({ id }) => id)).toEqual(["groq", "second"]);
  const { provider, model } = registry.resolve("second:llama-3.3-70b-versatile");
  const { origin } = await provider.complete({ model, messages: [userMessage("Hi.")] });
  expect(origin.provider).toBe("second");
  expect(vendor.requests.at(-1)?.headers.authorization).toBe("Bearer sk-from-the-environment");
  await vendor.close();
});

test("any server of OpenAI's chat wire goes by its address", async () => {
  const vendor = await startFakeVendor("openai-compatible");
  const row = {
    type: "openai-compatible",
    baseUrl: vendor.baseUrl,
    key: "env:MINE",
    options: { quirks: { maxTokensField: "max_tokens" } },
  };
  const registry = await load({ providers: { mine: row } }, { MINE: "sk-mine" });
  const { provider, model } = registry.resolve("mine:plain-model");
  const { origin } = await provider.complete({ model, messages: [userMessage("Hi.")], maxOutputTokens: 50 });
  expect(origin.provider).toBe("mine");
  expect(vendor.requests.at(-1)?.body).toMatchObject({ max_tokens: 50 });
  await vendor.close();
});

test("what only one type takes stands under options", async () => {
  const registry = await load({ providers: { openai: { options: { wire: "chat" } } } });
  expect(registry.providers().map(({ id }) => id)).toEqual(["openai"]);
});

describe("what is wrong is named by its path, and nothing is loaded", () => {
  test.each([
    [{ provider: {} }, "provider", "did you mean providers?"],
    [{ providers: { openai: { baseURL: "https://example.com" } } }, "providers.openai.baseURL", "did you mean baseUrl?"],
    [{ providers: { openai: { key: "sk-written-down" } } }, "providers.openai.key", "env:NAME"],
    [{ providers: { openai: { baseUrl: "not a url" } } }, "providers.openai.baseUrl", ""],
    [{ providers: { "a:b": { type: "openai" } } }, "providers.a:b", ""],
    [{ providers: { mine: { type: "grok" } } }, "providers.mine", "groq"],
    [{ providers: { mine: { type: "../../etc/passwd" } } }, "providers.mine", ""],
    [{ providers: { openai: "on" } }, "providers.openai", ""],
    [
      { providers: { azure: { options: { deplyments: {} } } } },
      "providers.azure.options.deplyments",
      "did you mean deployments?",
    ],
    [{ providers: { groq: { options: { wire: "chat" } } } }, "providers.groq.options.wire", ""],
    [{ providers: { mine: { type: "openai-compatible" } } }, "providers.mine.baseUrl", ""],
    [{ providers: { openai: { timeouts: { totalMS: 5 } } } }, "providers.openai.timeouts.totalMS", "did you mean totalMs?"],
    [{ providers: { openai: { timeouts: { totalMs: "5s" } } } }, "providers.openai.timeouts.totalMs", ""],
    [{ providers: { openai: { streamBytesMax: 0 } } }, "providers.openai.streamBytesMax", ""],
    [{ providers: { openai: { streamBytesMax: 1.5 } } }, "providers.openai.streamBytesMax", ""],
    [
      { providers: { openai: { prices: { m: { inputPerMillionUsd: "1" } } } } },
      "providers.openai.prices.m.inputPerMillionUsd",
      "",
    ],
    [{ providers: { openai: { prices: { m: { inputPerMillion: 1 } } } } }, "providers.openai.prices.m.inputPerMillion", ""],
  ])("%j", async (configuration, field, advice) => {
    const failure = load(configuration);
    await expect(failure).rejects.toMatchObject({ code: "configuration", field, advice: expect.stringContaining(advice) });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("sk-written-down") });
  });
});
