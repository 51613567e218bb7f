import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ConfigurationError, completeConfiguration, parseConfiguration } from "../../src/config/index.ts";

const FORMATS = ["yaml", "toml"] as const;
/** All but the heaviest take milliseconds. */
const RUNS = 60;

/** The error, or undefined; anything else that is thrown fails the test. */
function failureOf(text: string, format: "yaml" | "toml"): ConfigurationError | undefined {
  return attempt(() => void parseConfiguration(text, { format }));
}

function attempt(run: () => void): ConfigurationError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error instanceof ConfigurationError ? error : undefined;
  }
}

const KEYS = [
  "server",
  "port",
  "providers",
  "openai",
  "key",
  "models",
  "targets",
  "fallback",
  "model",
  "when",
  "teams",
  "keys",
  "limits",
  "requests",
  "per",
  "of",
  "each",
  "cache",
  "store",
  "__proto__",
  "constructor",
  "toString",
  "a",
  "",
];
const leaf = fc.oneof(
  fc.constantFrom("openai:gpt-5", "env:A", "30s", "a", "smart", "", "memory", "__proto__"),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 5 })), tie("tree"), { maxKeys: 6 }),
  ),
}));

describe("whatever stands in a file", () => {
  it("is a configuration or a configuration error", () => {
    fc.assert(
      fc.property(tree, (value) => void failureOf(stringify(value, { aliasDuplicateObjects: false }), "yaml")),
      { numRuns: RUNS, seed: 1 },
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.constantFrom(...FORMATS), (text, format) => void failureOf(text, format)),
      { numRuns: RUNS, seed: 2 },
    );
  });

  it("is so for tables of the right shape too", () => {
    const entries = fc.dictionary(fc.constantFrom("openai", "a", "constructor", "b"), tree, { maxKeys: 3 });
    const shaped = fc.record(
      { providers: entries, models: entries, teams: entries, keys: entries, limits: fc.array(tree, { maxLength: 3 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(shaped, (value) => void failureOf(stringify(value, { aliasDuplicateObjects: false }), "yaml")),
      { numRuns: RUNS, seed: 3 },
    );
    fc.assert(
      fc.property(shaped, (value) => void attempt(() => void completeConfiguration(Object(value)))),
      { numRuns: RUNS, seed: 4 },
    );
  });

  it.each([
    ["brackets", "[".repeat(100_000)],
    ["braces", "{a: ".repeat(100_000)],
    ["dashes", `${"- ".repeat(200_000)}a`],
    ["indentation", `a:\n${" ".repeat(500_000)}b: 1`],
    ["levels", Array.from({ length: 300 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")],
    ["deep brackets that close", `${"[".repeat(150)}${"]".repeat(150)}`],
  ])("is refused at once for its %s", (_, text) => {
    expect(failureOf(text, "yaml")?.message).toMatch(/nested too deeply/);
  });

  it("is refused for deep TOML", () => {
    expect(failureOf(`a = ${"[".repeat(100_000)}`, "toml")).toBeDefined();
    expect(failureOf(`a = ${"[".repeat(100)}${"]".repeat(100)}`, "toml")).toBeDefined();
  });

  it("is refused when anchors multiply", () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `  a${level + 1}: &l${level + 1} [${Array.from({ length: 9 }, () => `*l${level}`).join(", ")}]`,
    );
    expect(failureOf(["preferred:", "  a0: &l0 [x]", ...levels].join("\n"), "yaml")?.message).toContain("more than 50000 values");
    expect(failureOf("server: &a { host: *a }", "yaml")?.message).toContain("contains itself");
    expect(failureOf("server: &a { <<: *a }", "yaml")?.message).toContain("does not contain itself");
  });

  it("is refused above a mebibyte", () => {
    expect(failureOf(`# ${"x".repeat(1024 * 1024)}`, "yaml")?.message).toContain("larger than 1048576 bytes");
  });

  it("cannot reach a prototype", () => {
    for (const [text, format] of [
      ['{"__proto__": {"port": 1}}', "yaml"],
      ["server: { __proto__: { port: 1 } }", "yaml"],
      ["[server.__proto__]\nport = 1", "toml"],
    ] as const) {
      expect(failureOf(text, format)?.message).toContain("this name cannot be used");
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("ends for routes whose fallbacks share their ends", () => {
    const routes = Array.from(
      { length: 60 },
      (_, index) => `  r${index}: { targets: [openai:gpt-5], fallback: [r${index + 1}, r${index + 2}] }`,
    );
    const text = ["providers: { openai: {} }", "models:", ...routes, "  r60: openai:gpt-5-mini", "  r61: openai:gpt-5-nano"].join(
      "\n",
    );
    const { configuration } = parseConfiguration(text, { format: "yaml" });
    expect(configuration.models.r0?.fallback.map(({ model }) => model)).toEqual([
      "openai:gpt-5",
      "openai:gpt-5-mini",
      "openai:gpt-5-nano",
    ]);
  });
});
