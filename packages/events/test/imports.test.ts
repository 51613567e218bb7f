/** The main entry loads no database, and nothing of Node's: it runs where there is Web Crypto. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";

const SOURCES = resolve(import.meta.dirname, "../src");

test("the main entry loads nothing but its own files", () => {
  const files = new Set([resolve(SOURCES, "index.ts")]);
  const foreign: string[] = [];
  for (const file of files) {
    for (const [, type, specifier = ""] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/gm,
    )) {
      if (type !== undefined) continue;
      if (specifier.startsWith(".")) files.add(resolve(dirname(file), specifier));
      else foreign.push(`${file}: ${specifier}`);
    }
  }
  expect(foreign).toEqual([]);
  expect(files.size).toBeGreaterThan(15);
});
