/** The JSON Schema for editors: that it is one, that it takes what the documentation shows, and refuses what the gateway refuses. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse as parseToml } from "smol-toml";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { configurationSchema, parseConfiguration } from "../../src/config/index.ts";
import { FULL_TOML, FULL_YAML } from "./full-configuration.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const schema = configurationSchema();
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
const validate = ajv.compile(schema);

function problemsOf(value: unknown): readonly string[] {
  return validate(value ?? {}) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Blocks of other programs' files, by a key that only they have. */
const OF_OTHERS = ["scrape_configs", "services", "apiVersion"];

function isOfOthers(value: unknown): boolean {
  return typeof value === "object" && value !== null && OF_OTHERS.some((key) => Object.hasOwn(value, key));
}

/** What the pages show, fragments included: every key may be left out. */
function documented(): readonly (readonly [place: string, text: string])[] {
  const pages = [
    "README.md",
    ...readdirSync(join(ROOT, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
  return pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    return [...text.matchAll(/^```yaml[^\n]*\n([\s\S]*?)^```/gm)]
      .filter(([, block = ""]) => !isOfOthers(parse(block)))
      .map(([, block = ""], index) => [`${page} ${index + 1}`, block] as const);
  });
}

function deployed(): readonly (readonly [place: string, text: string])[] {
  const kubernetes = parseAllDocuments(readFileSync(join(ROOT, "docs/deploy/kubernetes.yaml"), "utf8")).flatMap((document) => {
    const text: unknown = document.getIn(["data", "dragoman.yaml"]);
    return typeof text === "string" ? [["docs/deploy/kubernetes.yaml", text] as const] : [];
  });
  return [["docs/deploy/dragoman.yaml", readFileSync(join(ROOT, "docs/deploy/dragoman.yaml"), "utf8")], ...kubernetes];
}

describe("the JSON Schema of a configuration", () => {
  it("is a schema of the draft that it names", () => {
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
  });

  it("takes every example of the documentation, as the gateway does", () => {
    const examples = [...documented(), ...deployed()];
    expect(examples.length).toBeGreaterThan(10);
    for (const [place, text] of examples) expect([place, problemsOf(parse(text))]).toEqual([place, []]);
  });

  it("takes what uses most of what there is, in both languages, and nothing at all", () => {
    expect(problemsOf(parse(FULL_YAML))).toEqual([]);
    expect(problemsOf(JSON.parse(JSON.stringify(parseToml(FULL_TOML))))).toEqual([]);
    expect(problemsOf({})).toEqual([]);
  });

  it("takes names in capitals, as the gateway does", () => {
    const text =
      "providers: { OpenAI: { type: openai } }\nmodels: { Smart: OpenAI:gpt-5 }\nteams: { Search: {} }\nagents: { Finder: Smart }";
    expect(parseConfiguration(text, { format: "yaml" }).configuration.models.Smart).toBeDefined();
    expect(problemsOf(parse(text))).toEqual([]);
  });

  it.each([
    "sever: {}",
    "server: []",
    "server: { prot: 1 }",
    "server: { port: 70000 }",
    "server: { port: '80' }",
    "server: { port: 1.5 }",
    "server: { require_key: maybe }",
    "server: { drain: 30 }",
    "server: { drain: 30 seconds }",
    "server: { body_max: 32 }",
    "server: { connections_max: 0 }",
    "server: { connections_max: 1000001 }",
    "server: { unread_max: soon }",
    "store: mysql://localhost/db",
    "store: { file: ./dragoman.db }",
    "providers: { openai: { key: sk-proj-written-down } }",
    "providers: { openai: { stream_max: 128 } }",
    "providers: { 'open ai': {} }",
    "providers: { openai: { prices: { gpt-5: { input_per_million_usd: -1 } } } }",
    "models: { smart: { targets: openai } , fast: 3 }",
    "models: { smart: { targets: [{ weight: 1 }] } }",
    "models: { smart: { targets: [openai:gpt-5], strategy: random } }",
    "keys: { ci: { team: search } }",
    "limits: [{ requests: 5, per: fortnight }]",
    "limits: [{ requests: lots, per: minute }]",
    "budgets: { usd: 5 }",
    "cache: { enabled: yes please }",
    "cache: { store: { keyv: 3 } }",
    "failing: { breaker: { share: 2 } }",
    "ledger: { retention: 400 }",
    "telemetry: { log_level: loud }",
    "direct_models: sometimes",
  ])("refuses what the gateway refuses: %s", (text) => {
    expect(() => parseConfiguration(text, { format: "yaml" })).toThrow();
    expect(problemsOf(parse(text))).not.toEqual([]);
  });
});
