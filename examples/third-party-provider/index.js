// @ts-check
/** Acme's models. The vendor speaks OpenAI's chat wire, with a key header, a listing and a token count of its own. */
import { DragomanError, defineProvider } from "@dragoman/llm";
import { createOpenAIChatDialect } from "@dragoman/llm/dialects";

/** Each line avoids a refusal or a loss of Acme's API. */
const quirks = /** @type {const} */ ({
  maxTokensField: "max_tokens", // "unknown field max_completion_tokens"
  systemRoles: [], // "role developer is not allowed"
  reasoningReplay: "reasoning", // thoughts are read back under this name
});

/** What Acme's page on models says. A later row goes over an earlier one. */
const families = [
  {
    prefix: "",
    evidence: "docs.acme.example/models",
    facts: { streaming: true, tools: true, parallelToolCalls: true, systemPrompt: true, temperature: true, jsonSchema: true },
  },
  { prefix: "plain-reasoner", evidence: "docs.acme.example/reasoning", facts: { reasoning: true, contextWindowTokens: 64_000 } },
];

/** USD per million tokens, as on Acme's price page of the day that stands in the version. */
const catalogue = {
  version: "acme 2026-11-01",
  models: [{ id: "plain-model", name: "Plain", pricing: { inputPerMillionUsd: 0.2, outputPerMillionUsd: 0.8 } }],
};

/**
 * The one name that a configuration looks for.
 * @param {import("@dragoman/llm").ProviderOptions & { region?: "eu" | "us" }} [options] the usual ones, and Acme's region
 */
export function createProvider({ region = "us", ...options } = {}) {
  if (region !== "eu" && region !== "us") {
    const detail = `options.region is ${JSON.stringify(region)}; Acme has eu and us`;
    throw new DragomanError({ code: "configuration", detail, field: "options.region" });
  }
  return defineProvider({
    id: "acme",
    name: "Acme",
    baseUrl: `https://${region}.api.acme.example/v1`,
    dialect: createOpenAIChatDialect(quirks),
    auth: { type: "bearer", key: "env:ACME_API_KEY" },
    modelsPath: "/models",
    modelPrefixes: ["plain-"],
    aliases: { plain: "plain-model" },
    families,
    catalogue,
    options,
  });
}
