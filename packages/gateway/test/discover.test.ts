import { startFakeVendor } from "@dragoman/llm/testing";
import { expect, it } from "vitest";
import { DISCOVERY_VARIABLES, discoverProviders, KNOWN_PROVIDERS } from "../src/index.ts";

/** Where nothing listens. */
const NOBODY = "http://127.0.0.1:9";
const NO_ENGINES = { OLLAMA_BASE_URL: NOBODY, LM_STUDIO_BASE_URL: `${NOBODY}/v1`, LLAMA_CPP_BASE_URL: `${NOBODY}/v1` };

it("takes a vendor whose key is set, without asking it", async () => {
  const { usable, findings } = await discoverProviders({
    environment: { ...NO_ENGINES, ANTHROPIC_API_KEY: "some-key", OPENAI_API_KEY: "  ", ANTHROPIC_BASE_URL: NOBODY },
  });
  expect(usable.map((provider) => provider.id)).toEqual(["anthropic"]);
  expect(findings.find(({ provider }) => provider === "anthropic")?.availability).toEqual({
    available: true,
    detail: "ANTHROPIC_API_KEY is set",
  });
});

it("says of each other one why not, and what to do", async () => {
  const { findings } = await discoverProviders({ environment: NO_ENGINES });
  expect(findings.map(({ provider }) => provider)).toEqual(KNOWN_PROVIDERS);
  for (const { availability } of findings) {
    expect(availability).toMatchObject({ available: false, nextStep: expect.stringMatching(/\w+/) });
  }
  const openai = findings.find(({ provider }) => provider === "openai")?.availability;
  expect(openai).toMatchObject({ reason: "no-key", nextStep: expect.stringContaining("OPENAI_API_KEY") });
});

it("takes a local engine that answers, where its variable says", async () => {
  const engine = await startFakeVendor("ollama");
  try {
    const { usable } = await discoverProviders({ environment: { ...NO_ENGINES, OLLAMA_BASE_URL: engine.url } });
    expect(usable.map((provider) => provider.id)).toEqual(["ollama"]);
    expect((await usable[0]?.models())?.map((model) => model.id)).toContain("qwen3:4b");
  } finally {
    await engine.close();
  }
});

it("passes options on to the provider that they are for", async () => {
  const { usable } = await discoverProviders({
    environment: { ...NO_ENGINES, MOONSHOT_API_KEY: "some-key" },
    providers: { moonshot: { aliases: { mine: "kimi-k2-thinking" } } },
  });
  expect(usable[0]?.supports("mine")).toBe(true);
});

it("takes a vendor whose credentials stand in a file, without asking it", async () => {
  const variables = { GOOGLE_CLOUD_PROJECT: "my-project", GOOGLE_APPLICATION_CREDENTIALS: "/nowhere/key.json" };
  const { usable } = await discoverProviders({ environment: { ...NO_ENGINES, ...variables, VERTEX_BASE_URL: NOBODY } });
  expect(usable.map((provider) => provider.id)).toEqual(["vertex"]);
});

it("names a variable for every provider", () => {
  expect(DISCOVERY_VARIABLES.map(({ provider }) => provider)).toEqual(KNOWN_PROVIDERS);
});
