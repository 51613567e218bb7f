/** The names that editors offer: made of the catalogues, and in step with those that are bundled. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Catalogue } from "@dragoman/llm";
import { expect, test } from "vitest";
import { catalogueFromTypeScript } from "../src/catalogue-source.ts";
import { MODEL_NAMES_FILE, modelNamesAsTypeScript } from "../src/model-names.ts";

const FOLDER = join(import.meta.dirname, "../../llm/src/catalogue");

function bundledCatalogues(): ReadonlyMap<string, Catalogue> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".generated.ts") && file !== MODEL_NAMES_FILE);
  return new Map(
    files.map((file) => {
      const catalogue = catalogueFromTypeScript(readFileSync(join(FOLDER, file), "utf8")) as Catalogue;
      return [basename(file, ".generated.ts"), catalogue];
    }),
  );
}

test("the bundled names are those of the bundled catalogues: `npm run catalogue` writes both", () => {
  expect(readFileSync(join(FOLDER, MODEL_NAMES_FILE), "utf8")).toBe(modelNamesAsTypeScript(bundledCatalogues()));
});

test("short names come first; what is deprecated, retired, no id or no chat model is left out", () => {
  const anthropic: Catalogue = {
    version: "1",
    models: [
      { id: "claude-b-9" },
      { id: "claude-a-9" },
      { id: "claude-3-haiku" },
      { id: "claude-gone", deprecated: true },
      { id: "claude-embed" },
    ],
  };
  const written = modelNamesAsTypeScript(new Map([["anthropic", anthropic]]));
  const [, names = ""] = /readonly anthropic:([^;]*);/.exec(written) ?? [];
  const offered = [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  expect(offered[0]).toBe("claude");
  expect(offered).toEqual(expect.arrayContaining(["claude-sonnet", "claude-sonnet-5", "claude-b-9"]));
  expect(offered.indexOf("claude-a-9")).toBeLessThan(offered.indexOf("claude-b-9"));
  for (const absent of ["claude-3-haiku", "claude-gone", "claude-embed"]) expect(offered).not.toContain(absent);
  expect(written).toContain('export type AnthropicModel = Suggested<ModelNames["anthropic"]>;');
});

test("the lists stay short enough to choose from and to compile", () => {
  const written = modelNamesAsTypeScript(bundledCatalogues());
  expect(written.match(/^ +\| /gm)?.length ?? 0).toBeLessThan(450);
});
