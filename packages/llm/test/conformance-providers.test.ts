/** Every provider of the package over its fake vendor. */
import { conformance, createSimulator, type FakeVendorName, type ProviderSubject, startFakeVendor } from "@dragoman/llm/testing";
import { test } from "vitest";
import {
  anthropic,
  createFetchTransport,
  gemini,
  huggingface,
  llamaCpp,
  lmStudio,
  moonshot,
  ollama,
  openai,
  openaiCompatible,
  type Provider,
  type ProviderOptions,
  Secret,
} from "../src/index.ts";

const SECRET = "sk-conformance-0123456789abcdef";

function subject(
  name: string,
  vendor: FakeVendorName,
  create: (options: ProviderOptions) => Provider,
  rest: Pick<ProviderSubject, "models" | "lacks">,
): ProviderSubject {
  return {
    name,
    secret: SECRET,
    faults: { vendor, model: (fault) => fault },
    ...rest,
    open: async (variant) => {
      const fake = await startFakeVendor(vendor);
      const baseUrl = vendor === "ollama" ? fake.url : fake.baseUrl;
      const provider = create({ baseUrl, key: new Secret(variant === "bad-key" ? "bad-key" : SECRET) });
      return {
        provider,
        waitForAbort: () => fake.waitForAbort(),
        requestCount: () => fake.requests.length,
        close: () => fake.close(),
      };
    },
  };
}

const NO_KEYS = "a local engine takes any key";

conformance(
  subject("anthropic", "anthropic", anthropic, {
    models: {
      text: "claude-sonnet-4-5",
      tools: "claude-sonnet-4-5",
      reasoning: "claude-sonnet-4-5",
      images: "claude-sonnet-4-5",
      json: "claude-sonnet-4-5",
    },
  }),
  { test },
);
conformance(
  subject("openai over responses", "openai", openai, {
    models: {
      text: "gpt-4.1-mini",
      tools: "gpt-4.1-mini",
      reasoning: "gpt-5-mini",
      images: "gpt-4.1-mini",
      json: "gpt-4.1-mini",
    },
    lacks: { stopSequences: "the Responses API has no stop sequences" },
  }),
  { test },
);
conformance(
  subject("openai over chat", "openai", (options) => openai({ ...options, wire: "chat" }), {
    models: { text: "gpt-4.1-mini", tools: "gpt-4.1-mini", images: "gpt-4.1-mini", json: "gpt-4.1-mini" },
  }),
  { test },
);
conformance(
  subject("gemini", "gemini", gemini, {
    models: {
      text: "gemini-2.5-flash",
      tools: "gemini-3-flash-preview",
      reasoning: "gemini-3-flash-preview",
      images: "gemini-2.5-flash",
      json: "gemini-2.5-flash",
    },
  }),
  { test },
);
conformance(
  subject("ollama", "ollama", ollama, {
    models: {
      text: "llama3.2:latest",
      tools: "qwen3:4b",
      reasoning: "qwen3:4b",
      images: "llama3.2:latest",
      json: "llama3.2:latest",
    },
    lacks: { toolChoiceRequired: "Ollama has no tool choice", keys: NO_KEYS },
  }),
  { test },
);
conformance(
  subject("lmstudio", "lmstudio", lmStudio, {
    models: { text: "qwen3-4b", tools: "qwen3-4b", reasoning: "openai/gpt-oss-20b", json: "qwen3-4b" },
    lacks: { toolChoiceRequired: "LM Studio takes no named tool", keys: NO_KEYS },
  }),
  { test },
);
conformance(
  subject("llamacpp", "llamacpp", llamaCpp, {
    models: { text: "qwen3-1.7b-q4_k_m", tools: "qwen3-1.7b-q4_k_m", reasoning: "qwen3-1.7b-q4_k_m", json: "qwen3-1.7b-q4_k_m" },
    lacks: { keys: NO_KEYS },
  }),
  { test },
);
conformance(
  subject("huggingface", "huggingface", huggingface, {
    models: {
      text: "meta-llama/Llama-3.1-8B-Instruct",
      tools: "Qwen/Qwen3-4B",
      reasoning: "Qwen/Qwen3-4B",
      json: "Qwen/Qwen3-4B",
    },
  }),
  { test },
);
conformance(
  subject("moonshot", "moonshot", moonshot, {
    models: { text: "moonshot-v1-8k", tools: "kimi-k2-thinking", reasoning: "kimi-k2-thinking", json: "moonshot-v1-8k" },
    lacks: { toolChoiceRequired: "Kimi refuses a forced tool" },
  }),
  { test },
);
conformance(
  subject(
    "openai-compatible",
    "openai-compatible",
    (options) => openaiCompatible({ id: "example", baseUrl: options.baseUrl ?? "", key: "env:EXAMPLE_API_KEY", options }),
    { models: { text: "plain-model", tools: "plain-model", reasoning: "plain-reasoner", json: "plain-model" } },
  ),
  { test },
);
conformance(
  subject("anthropic over fetch", "anthropic", (options) => anthropic({ ...options, transport: createFetchTransport() }), {
    models: { text: "claude-sonnet-4-5", tools: "claude-sonnet-4-5", reasoning: "claude-sonnet-4-5", json: "claude-sonnet-4-5" },
  }),
  { test },
);
conformance(
  {
    name: "simulator",
    open: async () => ({ provider: createSimulator(), close: async () => undefined }),
    models: { text: "bare", tools: "bare", reasoning: "reasoner", images: "bare", json: "bare" },
    faults: { vendor: "simulator", model: (fault) => fault },
    lacks: { keys: "the simulator has no keys" },
  },
  { test },
);
