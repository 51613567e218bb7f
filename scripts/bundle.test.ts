import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlePackage } from "./publishing/bundle-package.ts";

/** A package whose main entry has everything, another a part of it, and something that is loaded on demand. */
const SOURCES = {
  "index.ts": `
    export { part } from "./part/index.ts";
    export const whole = "only the whole";
    export const later = () => import("./later.ts");`,
  "part/index.ts": `
    import { shared } from "../shared.ts";
    export const part = "only a part of " + shared;`,
  "shared.ts": `export const shared = "…what both know 😀";`,
  "later.ts": `
    import { shared } from "./shared.ts";
    export const later = "on demand: " + shared;`,
};

let folder = "";
let lib = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dragoman-bundle-"));
  for (const [name, code] of Object.entries(SOURCES)) {
    const file = join(folder, "src", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, code);
  }
  const dist = join(folder, "dist");
  lib = join(dist, "lib");
  await bundlePackage({ folder, dist, manifest: MANIFEST });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const MANIFEST = {
  name: "bundled",
  version: "1.0.0",
  description: "of a test",
  keywords: [],
  license: "Apache-2.0",
  type: "module",
  engines: { node: ">=24" },
  files: ["lib"],
  exports: { ".": "./src/index.ts", "./part": "./src/part/index.ts" },
  publishConfig: { access: "public" },
} as const;

/** The code of an entry and of all that it loads at once. */
async function loadedBy(entry: string, seen = new Map<string, string>()): Promise<string> {
  const code = await readFile(entry, "utf8");
  seen.set(entry, code);
  for (const [, path = ""] of code.matchAll(/from "(\.[^"]+)"/g)) {
    const file = join(dirname(entry), path);
    if (!seen.has(file)) await loadedBy(file, seen);
  }
  return [...seen.values()].join("\n");
}

test("an entry point loads its part and no other", async () => {
  const [whole, part] = await Promise.all([loadedBy(join(lib, "index.js")), loadedBy(join(lib, "part/index.js"))]);
  expect(whole).toContain("only the whole");
  expect(whole).toContain("only a part");
  expect(part).toContain("only a part");
  expect(part).not.toContain("only the whole");
});

test("what is imported on demand is not loaded before", async () => {
  expect(await loadedBy(join(lib, "index.js"))).not.toContain("on demand");
  const { later } = await import(pathToFileURL(join(lib, "index.js")).href);
  expect(await later()).toEqual(expect.objectContaining({ later: "on demand: …what both know 😀" }));
});

test("built files are ASCII, and mean what they meant", async () => {
  const names = (await readdir(lib, { recursive: true })).filter((name) => name.endsWith(".js"));
  const codes = await Promise.all(names.map((name) => readFile(join(lib, name), "utf8")));
  expect(codes.filter((code) => /[^\0-\x7f]/.test(code))).toEqual([]);
  const { part } = await import(pathToFileURL(join(lib, "part/index.js")).href);
  expect(part).toBe("only a part of …what both know 😀");
});
