/** The specification's examples do what it says that they do. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runExample, specExamples } from "./docs/spec-examples.ts";

const FOLDER = join(import.meta.dirname, "../docs/spec");
const pages = readdirSync(FOLDER).filter((name) => name.endsWith(".md"));
const examples = pages.flatMap((page) => specExamples(page, readFileSync(join(FOLDER, page), "utf8")));

test("there are examples of every kind", () => {
  expect(new Set(examples.map(({ operation }) => operation)).size).toBeGreaterThan(9);
});

test("no input is left without its result", () => {
  for (const page of pages) {
    const text = readFileSync(join(FOLDER, page), "utf8");
    const fences = [...text.matchAll(/^```(?:json|text) (?!gives)[a-z-]+/gm)].length;
    expect(specExamples(page, text).length, page).toBe(fences);
  }
});

describe("docs/spec", () => {
  test.each(examples.map((example) => [`${example.page}:${example.line} ${example.operation}`, example] as const))(
    "%s",
    (_place, { operation, dialect, input, gives }) => {
      expect(runExample(operation, dialect, input)).toEqual(JSON.parse(gives));
    },
  );
});
