import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withBuiltSpecifiers } from "./publishing/declaration-specifiers.ts";
import { publishManifest } from "./publishing/publish-manifest.ts";
import { ROOT, workspacePackages } from "./publishing/workspace.ts";

const packages = workspacePackages();

describe.each(packages.map((one) => [one.manifest.name, one] as const))("%s", (_name, { folder, manifest }) => {
  test("every entry point and command leads to a source that exists", () => {
    const sources = [...Object.values(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})];
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !existsSync(join(folder, source)))).toEqual([]);
  });

  test("says everything that the registry wants to know", () => {
    expect(manifest).toMatchObject({
      license: "Apache-2.0",
      type: "module",
      engines: { node: ">=24" },
      files: ["lib"],
      publishConfig: { access: "public" },
    });
    expect(manifest.description).not.toBe("");
    expect(manifest.keywords.length).toBeGreaterThan(0);
  });

  test("is released in lockstep with the root and with its siblings", () => {
    const root = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(manifest.version).toBe(root.version);
    for (const sibling of packages) {
      const asked = manifest.dependencies?.[sibling.manifest.name];
      if (asked !== undefined) expect(asked).toBe(manifest.version);
    }
  });

  test("is published with built files only", () => {
    expect(JSON.stringify(publishManifest(manifest))).not.toMatch(/src\/|(?<!\.d)\.ts"/);
  });
});

test("a package comes after those that it depends on", () => {
  expect(packages.map(({ manifest }) => manifest.name)).toEqual([
    "@dragoman/events",
    "@dragoman/llm",
    "@dragoman/gateway",
    "dragoman",
  ]);
});

test("an entry point keeps its place under the built folder", () => {
  const llm = packages.find(({ manifest }) => manifest.name === "@dragoman/llm");
  expect(llm && publishManifest(llm.manifest).exports?.["./sync"]).toEqual({
    types: "./lib/sync/index.d.ts",
    default: "./lib/sync/index.js",
  });
});

test("declarations name built files, whatever form the specifier has, and comments stay", () => {
  const declaration = [
    'import type { A } from "./a.ts";',
    "export * from '../b/index.ts';",
    'export declare const c: import("./c.ts").C;',
    'import "./d.ts";',
    'declare module "../../message.ts" {',
    '/** As in `import { x } from "./x.ts"`. */',
    'import type { E } from "elsewhere/e.ts";',
  ].join("\n");
  expect(withBuiltSpecifiers(declaration)).toBe(
    [
      'import type { A } from "./a.js";',
      "export * from '../b/index.js';",
      'export declare const c: import("./c.js").C;',
      'import "./d.js";',
      'declare module "../../message.js" {',
      '/** As in `import { x } from "./x.ts"`. */',
      'import type { E } from "elsewhere/e.ts";',
    ].join("\n"),
  );
});
