/** The bundled data against itself: what one file names, another must know. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ANTHROPIC_ALIASES } from "../src/catalogue/aliases.ts";
import { ANTHROPIC_CATALOGUE } from "../src/catalogue/anthropic.generated.ts";
import { BEDROCK_CATALOGUE } from "../src/catalogue/bedrock.generated.ts";
import { CEREBRAS_CATALOGUE } from "../src/catalogue/cerebras.generated.ts";
import { COHERE_CATALOGUE } from "../src/catalogue/cohere.generated.ts";
import { DEEPSEEK_CATALOGUE } from "../src/catalogue/deepseek.generated.ts";
import { FIREWORKS_CATALOGUE } from "../src/catalogue/fireworks.generated.ts";
import { GEMINI_CATALOGUE } from "../src/catalogue/gemini.generated.ts";
import { GROQ_CATALOGUE } from "../src/catalogue/groq.generated.ts";
import { MISTRAL_CATALOGUE } from "../src/catalogue/mistral.generated.ts";
import { MOONSHOT_CATALOGUE } from "../src/catalogue/moonshot.generated.ts";
import { OPENAI_CATALOGUE } from "../src/catalogue/openai.generated.ts";
import { PERPLEXITY_CATALOGUE } from "../src/catalogue/perplexity.generated.ts";
import { TOGETHER_CATALOGUE } from "../src/catalogue/together.generated.ts";
import { XAI_CATALOGUE } from "../src/catalogue/xai.generated.ts";
import { ZAI_CATALOGUE } from "../src/catalogue/zai.generated.ts";
import { anthropic, BUILT_IN_PROVIDERS, type Catalogue, findModel, openai, type Provider, Secret } from "../src/index.ts";

const KEY = { key: new Secret("any-key") };
const CATALOGUES: Readonly<Record<string, Catalogue>> = {
  anthropic: ANTHROPIC_CATALOGUE,
  openai: OPENAI_CATALOGUE,
  gemini: GEMINI_CATALOGUE,
  bedrock: BEDROCK_CATALOGUE,
  cohere: COHERE_CATALOGUE,
  mistral: MISTRAL_CATALOGUE,
  moonshot: MOONSHOT_CATALOGUE,
  together: TOGETHER_CATALOGUE,
  groq: GROQ_CATALOGUE,
  deepseek: DEEPSEEK_CATALOGUE,
  xai: XAI_CATALOGUE,
  fireworks: FIREWORKS_CATALOGUE,
  cerebras: CEREBRAS_CATALOGUE,
  perplexity: PERPLEXITY_CATALOGUE,
  zai: ZAI_CATALOGUE,
};

/** Aliases of models that the price source does not have; their prices come from the vendor's listing, or are unknown. */
const UNPRICED_ALIASES: Readonly<Record<string, readonly string[]>> = {
  cohere: ["command", "command-a-reasoning", "command-a-vision"],
  mistral: ["devstral"],
  together: ["together", "together-small"],
};

const VENDORS = BUILT_IN_PROVIDERS.flatMap(({ id, create }): [string, Provider, Catalogue][] => {
  const catalogue = CATALOGUES[id];
  return catalogue === undefined ? [] : [[id, create(KEY), catalogue]];
});

test("every generated catalogue belongs to a vendor of the list, and is built only when it is asked", () => {
  const files = readdirSync(new URL("../src/catalogue", import.meta.url)).filter((name) => name.endsWith(".generated.ts"));
  const vendors = files.map((name) => name.replace(".generated.ts", "")).filter((name) => name !== "model-names");
  expect(vendors.sort()).toEqual(Object.keys(CATALOGUES).sort());
  const known = new Set(BUILT_IN_PROVIDERS.map(({ id }) => id));
  for (const vendor of vendors) expect(known, vendor).toContain(vendor);
  for (const catalogue of Object.values(CATALOGUES)) {
    expect(Object.getOwnPropertyDescriptor(catalogue, "models")?.get).toBeTypeOf("function");
  }
});

describe.each(VENDORS)("the bundled facts of %s", (id, provider, catalogue) => {
  const unpriced = UNPRICED_ALIASES[id] ?? [];
  const aliases = Object.entries(provider.aliases ?? {}).filter(([alias]) => !unpriced.includes(alias));

  test("an alias is left out above only while the catalogue does not know its model", () => {
    for (const alias of unpriced) expect(findModel(catalogue, provider.aliases?.[alias] ?? ""), alias).toBeUndefined();
  });

  test.skipIf(aliases.length === 0).each(aliases)("the alias %s means %s: known, priced, not deprecated", (alias, model) => {
    const row = findModel(catalogue, model);
    expect(row, `${model} is not in the catalogue`).toBeDefined();
    expect(row?.deprecated).not.toBe(true);
    expect(provider.pricing(alias)).toEqual(provider.pricing(model));
    expect(provider.pricing(alias)?.inputPerMillionUsd).toBeGreaterThan(0);
    expect(provider.capabilities(alias)).toEqual(provider.capabilities(model));
    expect(provider.capabilities(alias).tools.answer).toBe("yes");
    expect(provider.supports(alias)).toBe(true);
  });

  test("an alias takes the name of a model in the catalogue only where that is the same one", () => {
    for (const [alias, model] of aliases) {
      const row = catalogue.models.find((candidate) => candidate.id === alias);
      if (row !== undefined) expect(findModel(catalogue, model)?.id, alias).toBe(alias);
    }
  });

  test("every row is found by its own id, once, with sound figures", () => {
    const ids = catalogue.models.map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(catalogue.version).toMatch(/\d/);
    for (const row of catalogue.models) {
      expect(findModel(catalogue, row.id)).toBe(row);
      for (const rates of [row.pricing ?? {}, ...(row.pricing?.tiers ?? []), ...(row.pricing?.hours ?? [])]) {
        for (const [name, figure] of Object.entries(rates)) {
          if (typeof figure === "number") expect(figure, `${row.id} ${name}`).toBeGreaterThanOrEqual(0);
        }
      }
      for (const { fromUtc, toUtc } of row.pricing?.hours ?? []) {
        for (const time of [fromUtc, toUtc]) expect(time, row.id).toMatch(/^([01]\d|2[0-4]):[0-5]\d$/);
      }
      const above = (row.pricing?.tiers ?? []).map((tier) => tier.inputTokensAbove);
      expect(above, row.id).toEqual([...above].sort((one, other) => one - other));
      if (row.contextWindowTokens !== undefined && row.purpose === undefined) {
        expect(row.contextWindowTokens, row.id).toBeGreaterThan(1_000);
      }
    }
  });

  test("a price says which version of the catalogue it is from; what nobody knows has none", () => {
    const priced = catalogue.models.find((row) => row.pricing !== undefined && provider.aliases?.[row.id] === undefined);
    expect(provider.pricing(priced?.id ?? "")).toMatchObject({ ...priced?.pricing, catalogue: catalogue.version });
    expect(provider.pricing("a-model-that-nobody-knows")).toBeUndefined();
  });

  test("a model for embeddings is priced and claimed, and no model to talk to", async () => {
    for (const { id: model, purpose, pricing } of catalogue.models) {
      if (purpose !== "embedding") continue;
      expect(pricing?.inputPerMillionUsd, model).toBeGreaterThan(0);
      expect(provider.supports(model), model).toBe(true);
    }
  });
});

test("a maker's bare model is claimed by its maker alone", () => {
  const providers = BUILT_IN_PROVIDERS.map(({ create }) => create(KEY));
  const makers = ["anthropic", "gemini", "cohere", "moonshot", "xai", "zai"];
  for (const maker of makers) {
    for (const { id } of CATALOGUES[maker]?.models ?? []) {
      const claimed = providers.filter((provider) => provider.supports(id)).map((provider) => provider.id);
      // Open weights are served by others under the same name.
      if (!/^(gemma|glm)/i.test(id)) expect(claimed, id).toEqual([maker]);
    }
  }
});

test("own prices and facts go over the catalogue's, under the model's name or an alias of it", () => {
  const prices = { "claude-sonnet": { inputPerMillionUsd: 1, outputPerMillionUsd: 2 } };
  const capabilities = { "claude-sonnet": { images: false, contextWindowTokens: 50_000 } };
  for (const asked of [ANTHROPIC_ALIASES["claude-sonnet"] ?? "", "claude-sonnet"]) {
    const provider = anthropic({ ...KEY, prices, capabilities });
    expect(provider.pricing(asked)).toMatchObject({ inputPerMillionUsd: 1, outputPerMillionUsd: 2, catalogue: "own" });
    expect(provider.capabilities(asked).images).toEqual({ answer: "no", source: "configuration" });
    expect(provider.capabilities(asked).contextWindowTokens).toBe(50_000);
  }
});

test("own aliases go over the bundled ones, and names of the language are no aliases", () => {
  const provider = anthropic({ ...KEY, aliases: { claude: "claude-haiku-4-5", mine: "claude-haiku-4-5" } });
  expect(provider.pricing("claude")).toEqual(provider.pricing("claude-haiku-4-5"));
  expect(provider.supports("mine")).toBe(true);
  for (const name of ["constructor", "toString", "__proto__"]) {
    expect(provider.supports(name)).toBe(false);
    expect(provider.pricing(name)).toBeUndefined();
    expect(provider.capabilities(name).audio.answer).toBe("unknown");
  }
});

test("a dated spelling of a model has the row of its family", () => {
  expect(anthropic(KEY).pricing("claude-sonnet-4-5-20250929")).toEqual(anthropic(KEY).pricing("claude-sonnet-4-5"));
  expect(openai(KEY).pricing("gpt-4.1-mini-2025-04-14")).toEqual(openai(KEY).pricing("gpt-4.1-mini"));
});
