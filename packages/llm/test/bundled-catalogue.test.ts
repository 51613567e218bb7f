/** The bundled data against itself: what one file names, another must know. */
import { describe, expect, test } from "vitest";
import { ANTHROPIC_ALIASES, GEMINI_ALIASES, MOONSHOT_ALIASES, OPENAI_ALIASES } from "../src/catalogue/aliases.ts";
import { ANTHROPIC_CATALOGUE } from "../src/catalogue/anthropic.generated.ts";
import { GEMINI_CATALOGUE } from "../src/catalogue/gemini.generated.ts";
import { MOONSHOT_CATALOGUE } from "../src/catalogue/moonshot.generated.ts";
import { OPENAI_CATALOGUE } from "../src/catalogue/openai.generated.ts";
import { anthropic, findModel, gemini, moonshot, openai, type Provider, Secret } from "../src/index.ts";

const KEY = { key: new Secret("any-key") };
const VENDORS = [
  ["anthropic", anthropic(KEY), ANTHROPIC_CATALOGUE, ANTHROPIC_ALIASES],
  ["openai", openai(KEY), OPENAI_CATALOGUE, OPENAI_ALIASES],
  ["gemini", gemini(KEY), GEMINI_CATALOGUE, GEMINI_ALIASES],
  ["moonshot", moonshot(KEY), MOONSHOT_CATALOGUE, MOONSHOT_ALIASES],
] as const;

describe.each(VENDORS)("the bundled facts of %s", (_name, provider: Provider, catalogue, aliases) => {
  test.each(Object.entries(aliases))("the alias %s means %s: known, priced, not deprecated", (alias, model) => {
    const row = findModel(catalogue, model);
    expect(row, `${model} is not in the catalogue`).toBeDefined();
    expect(row?.deprecated).not.toBe(true);
    expect(provider.pricing(alias)).toEqual(provider.pricing(model));
    expect(provider.pricing(alias)?.inputPerMillionUsd).toBeGreaterThan(0);
    expect(provider.capabilities(alias)).toEqual(provider.capabilities(model));
    expect(provider.capabilities(alias).tools.answer).toBe("yes");
    expect(provider.supports(alias)).toBe(true);
  });

  test("an alias never takes the name of a model that the catalogue has", () => {
    for (const alias of Object.keys(aliases)) expect(catalogue.models.map((row) => row.id)).not.toContain(alias);
  });

  test("every row is found by its own id, once, with sound figures", () => {
    const ids = catalogue.models.map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(catalogue.version).toMatch(/\d/);
    for (const row of catalogue.models) {
      expect(findModel(catalogue, row.id)).toBe(row);
      for (const [name, figure] of Object.entries(row.pricing ?? {})) {
        if (typeof figure === "number") expect(figure, `${row.id} ${name}`).toBeGreaterThanOrEqual(0);
      }
      const above = (row.pricing?.tiers ?? []).map((tier) => tier.inputTokensAbove);
      expect(above, row.id).toEqual([...above].sort((one, other) => one - other));
      if (row.contextWindowTokens !== undefined) expect(row.contextWindowTokens, row.id).toBeGreaterThan(1_000);
    }
  });

  test("a price says which version of the catalogue it is from; own prices say that they are", () => {
    const model = Object.values(aliases)[0] ?? "";
    expect(provider.pricing(model)?.catalogue).toBe(catalogue.version);
    expect(provider.pricing("a-model-that-nobody-knows")).toBeUndefined();
  });
});

test("own prices and facts go over the catalogue's, under the model's name or an alias of it", () => {
  const prices = { "claude-sonnet": { inputPerMillionUsd: 1, outputPerMillionUsd: 2 } };
  const capabilities = { "claude-sonnet": { images: false, contextWindowTokens: 50_000 } };
  for (const asked of [ANTHROPIC_ALIASES["claude-sonnet"] ?? "", "claude-sonnet"]) {
    const provider = anthropic({ ...KEY, prices, capabilities });
    expect(provider.pricing(asked)).toEqual({ inputPerMillionUsd: 1, outputPerMillionUsd: 2, catalogue: "own" });
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
