import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Catalogue } from "@dragoman/llm";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogueAsTypeScript, catalogueFromTypeScript } from "../src/catalogue-source.ts";
import { compareCatalogues } from "../src/compare-catalogues.ts";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
let anthropic: FakeVendor;
let ollama: FakeVendor;
let environment: Record<string, string>;

beforeAll(async () => {
  [anthropic, ollama] = await Promise.all([startFakeVendor("anthropic"), startFakeVendor("ollama")]);
  environment = { ANTHROPIC_API_KEY: "any-key", ANTHROPIC_BASE_URL: anthropic.baseUrl, OLLAMA_BASE_URL: ollama.baseUrl };
}, 60_000);

afterAll(async () => {
  await Promise.all([anthropic.close(), ollama.close()]);
  sandbox.remove();
});

const models = (words: readonly string[], more: Record<string, string> = {}) =>
  sandbox.run(["models", ...words], { environment: { ...environment, ...more } });

describe.concurrent("dragoman models", () => {
  it("prints tab-separated columns into a pipe", async ({ expect }) => {
    const { code, stdout, stderr } = await models([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const rows = stdout.trimEnd().split("\n");
    for (const row of rows) expect(row.split("\t")).toHaveLength(6);
    const claude = rows.find((row) => row.startsWith("anthropic:claude-sonnet-4-5\t"))?.split("\t");
    expect(claude?.slice(2, 4)).toEqual(["3", "15"]);
    // The price of an engine of one's own is unknown, not 0.
    expect(rows.find((row) => row.startsWith("ollama:qwen3:4b\t"))).toContain("128000\t\t\ttools");
  });

  it("prints rows that hold the filter, as JSON", async ({ expect }) => {
    const { code, stdout } = await models(["QWEN", "--json"]);
    expect(code).toBe(0);
    const { models: rows, failures } = JSON.parse(stdout);
    expect(rows).toMatchObject([{ reference: "ollama:qwen3:4b", provider: "ollama", source: "vendor" }]);
    expect(failures).toEqual([]);
  });

  it("names the nearest for a filter that nothing holds", async ({ expect }) => {
    const { code, stdout, stderr } = await models(["gwen3:4b"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).toBe("");
    expect(stderr).toContain("nearest: qwen3:4b");
  });

  it("lists the others when one cannot be listed, and says which", async ({ expect }) => {
    const { code, stdout, stderr } = await models([], { ANTHROPIC_API_KEY: "bad-key" });
    expect(code).toBe(0);
    expect(stdout).toContain("ollama:qwen3:4b");
    expect(stdout).not.toContain("anthropic:claude-sonnet-4-5");
    expect(stderr).toContain("anthropic could not be listed");
    expect(stderr).not.toContain("bad-key");
  });
});

describe("dragoman models refresh", () => {
  const catalogueFile = () => join(sandbox.home, "catalogue", "anthropic.generated.json");

  it("writes the user's catalogue, and says what has changed", async () => {
    const first = await sandbox.run(["models", "refresh"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain("there was none to compare it with");

    const catalogue: Catalogue = JSON.parse(await readFile(catalogueFile(), "utf8"));
    const [gone, repriced, ...others] = catalogue.models;
    if (gone === undefined || repriced === undefined) throw new Error("an empty catalogue");
    const edited = [
      { ...repriced, pricing: { inputPerMillionUsd: 777, outputPerMillionUsd: 888 } },
      { id: "claude-of-yesterday" },
      ...others,
    ];
    await writeFile(catalogueFile(), JSON.stringify({ version: "edited", models: edited }));

    const second = await sandbox.run(["models", "refresh"]);
    expect(second.stdout).toContain(`new   ${gone.id}`);
    expect(second.stdout).toContain("gone  claude-of-yesterday");
    expect(second.stdout).toContain(`price ${repriced.id}: in $777 -> $`);
    expect(second.stdout).toMatch(/openai: .*\n {2}no change since genai-prices/);
    await rm(join(sandbox.home, "catalogue"), { recursive: true });
  });

  it("takes the prices of the user's catalogue", async () => {
    await sandbox.run(["models", "refresh"]);
    const catalogue: Catalogue = JSON.parse(await readFile(catalogueFile(), "utf8"));
    const own = { id: "claude-sonnet-4-5", pricing: { inputPerMillionUsd: 12.5, outputPerMillionUsd: 25 } };
    await writeFile(catalogueFile(), JSON.stringify({ ...catalogue, models: [own, ...catalogue.models] }));
    const { stdout } = await models(["claude-sonnet-4-5"]);
    expect(stdout).toContain("12.5\t25");
    await rm(join(sandbox.home, "catalogue"), { recursive: true });
  });
});

describe("a catalogue as TypeScript", () => {
  const catalogue: Catalogue = {
    version: 'of "today", it\'s said',
    models: [
      { id: "plain", match: { or: [{ equals: "plain" }, { regex: '^a"b\\.[\'"]$' }] }, pricing: { inputPerMillionUsd: 0.25 } },
      { id: 'only "double"', name: "a: b, }", deprecated: true },
      { id: "empty", match: { or: [] } },
    ],
  };

  it("is read back as it was", () => {
    expect(catalogueFromTypeScript(catalogueAsTypeScript("example", catalogue))).toEqual(catalogue);
  });

  it("is refused when it is something else", () => {
    expect(() => catalogueFromTypeScript("export const x = 1;")).toThrow(SyntaxError);
  });
});

describe("two catalogues", () => {
  it("differ in what is new, gone and repriced", () => {
    const before: Catalogue = { version: "1", models: [{ id: "a" }, { id: "b", pricing: { inputPerMillionUsd: 1 } }] };
    const after: Catalogue = { version: "2", models: [{ id: "b", pricing: { inputPerMillionUsd: 2 } }, { id: "c" }] };
    expect(compareCatalogues(before, after)).toEqual({
      added: ["c"],
      gone: ["a"],
      repriced: [{ id: "b", before: { inputPerMillionUsd: 1 }, after: { inputPerMillionUsd: 2 } }],
    });
    expect(compareCatalogues(after, after)).toEqual({ added: [], gone: [], repriced: [] });
  });
});
