import { describe, expect, it } from "vitest";
import {
  completeConfiguration,
  configurationReference,
  configurationSchema,
  configurationValues,
  defaultConfiguration,
  parseConfiguration,
  renderConfiguration,
  STANDARD_CONFIGURATION,
} from "../../src/config/index.ts";
import { FULL_TOML, FULL_YAML } from "./full-configuration.ts";

const yaml = (text: string) => parseConfiguration(text, { format: "yaml" }).configuration;

describe("a file", () => {
  const full = yaml(FULL_YAML);

  it("says the same in YAML and in TOML", () => {
    expect(parseConfiguration(FULL_TOML, { format: "toml" }).configuration).toEqual(full);
  });

  it("becomes values in milliseconds, bytes and dates", () => {
    expect(full.server).toMatchObject({ port: 4242, requireKey: true, drainMs: 30_000, bodyBytesMax: 8 * 1024 * 1024 });
    expect(full.providers.openai?.timeouts).toEqual({ firstTokenMs: 10_000, idleMs: 90_000 });
    expect(full.keys.ci).toMatchObject({
      key: "env:DRAGOMAN_CI_KEY",
      team: "search",
      restrictions: { expiresAt: Date.UTC(2027, 0, 1) },
    });
    expect(full.ledger.retentionDays).toBeUndefined();
    expect(full.providers.openai?.prices).toEqual({
      "gpt-5": { inputPerMillionUsd: 1.25, tiers: [{ inputTokensAbove: 200_000, inputPerMillionUsd: 2.5 }] },
    });
    expect(full.providers.openai?.capabilities).toEqual({ "gpt-5": { parallelToolCalls: false, contextWindowTokens: 400_000 } });
    expect(full.providers.local?.options).toEqual({ contextTokens: 8192, keepAlive: "5m" });
    expect(full.cache.store).toEqual({ keyv: "env:REDIS_URL" });
  });

  it("takes a model, a list of models, or a table for a route", () => {
    expect(full.models.fast?.targets).toEqual([{ model: "openai:gpt-5-mini", weight: 1, order: 0 }]);
    expect(full.models.both?.targets.map(({ model }) => model)).toEqual(["openai:gpt-5", "local:qwen3"]);
    expect(full.models.smart?.targets[1]).toMatchObject({
      weight: 2,
      when: { tools: true, capabilities: ["jsonSchema"], tags: { tier: "gold" } },
    });
  });

  it("writes out a route that stands under fallback", () => {
    expect(full.models.smart?.fallback.map(({ model }) => model)).toEqual(["gemini:gemini-2.5-pro", "openai:gpt-5-mini"]);
  });

  it("gathers limits with their owner and their place as a name", () => {
    expect(full.limits.map(({ name, of }) => [name, of])).toEqual([
      ["everything", {}],
      ["burst", { team: ["search"], model: ["gpt-5"] }],
      ["day", {}],
      ["providers.openai.limits[0]", { provider: ["openai"] }],
      ["agents.writer.limits[0]", { agent: ["writer"] }],
      ["teams.search.budgets[0]", { team: ["search"] }],
      ["keys.ci.limits[0]", { key: ["ci"] }],
    ]);
    expect(full.providers.openai).not.toHaveProperty("limits");
    expect(full.teams.search).not.toHaveProperty("budgets");
  });

  it.each([
    ["per: minute", { type: "rolling", ms: 60_000 }],
    ["per: hour", { type: "rolling", ms: 3_600_000 }],
    ["per: hour, window: calendar", { type: "calendar", unit: "hour", timeZone: "UTC" }],
    ["per: day", { type: "calendar", unit: "day", timeZone: "UTC" }],
    ["per: day, window: rolling", { type: "rolling", ms: 86_400_000 }],
    ["per: month, time_zone: Asia/Tokyo", { type: "calendar", unit: "month", timeZone: "Asia/Tokyo" }],
    ["per: 30d", { type: "rolling", ms: 30 * 86_400_000 }],
    ["per: 1h30m", { type: "rolling", ms: 5_400_000 }],
  ])("counts %s", (said, window) => {
    expect(yaml(`limits: [{ usd: 1, ${said} }]`).limits[0]?.window).toEqual(window);
  });

  it.each([
    ["memory", { type: "memory" }],
    ["sqlite:a/b.db", { type: "sqlite", file: "a/b.db" }],
    ["env:DATABASE_URL", { type: "postgres", url: "env:DATABASE_URL", file: "./dragoman.db", leaseMs: 10_000 }],
    ["postgres://db/x", { type: "postgres", url: "postgres://db/x" }],
    [
      "{ url: env:A, file: b.db, node: n1, lease: 5s }",
      { type: "postgres", url: "env:A", file: "b.db", node: "n1", leaseMs: 5_000 },
    ],
  ])("keeps what must not be lost in %s", (said, store) => {
    expect(yaml(`store: ${said}`).store).toMatchObject(store);
  });

  it("may use anchors and merge keys, and what stands in a map goes over what is merged", () => {
    const { models } = yaml(`
providers: { openai: {}, gemini: {} }
models:
  one: &base { targets: [openai:gpt-5], sticky: false, strategy: cost }
  two: { <<: *base, strategy: latency }
  three: *base
`);
    expect(models.two).toMatchObject({ targets: [{ model: "openai:gpt-5" }], sticky: false, strategy: "latency" });
    expect(models.three).toEqual(models.one);
  });

  it("may be empty", () => {
    for (const text of ["", "# nothing\n", "---\n", "\uFEFF"]) expect(yaml(text)).toEqual(defaultConfiguration());
    expect(parseConfiguration("", { format: "toml" }).configuration).toEqual(defaultConfiguration());
  });

  it("is the standard one where it says nothing", () => {
    expect(STANDARD_CONFIGURATION).toEqual(defaultConfiguration());
  });

  it("lets models be called directly while it has no routes", () => {
    expect(yaml("").directModels).toBe(true);
    expect(yaml("providers: { openai: {} }\nmodels: { a: openai:gpt-5 }").directModels).toBe(false);
  });

  it("is told apart from its defaults", () => {
    const { configuration, isWritten } = parseConfiguration("server: { port: 1 }", { format: "yaml" });
    expect(isWritten(["server", "port"])).toBe(true);
    expect(isWritten(["server", "host"])).toBe(false);
    const shown = renderConfiguration(configuration, { isWritten });
    expect(shown).toContain("  port: 1\n");
    expect(shown).toContain("  host: 127.0.0.1 # default\n");
    expect(shown).toContain("  allowed_origins: [] # default\n");
  });
});

describe("a configuration", () => {
  it("reads the same after it was written", () => {
    const full = yaml(FULL_YAML);
    expect(yaml(renderConfiguration(full))).toEqual(full);
  });

  it("comes back as it is when it is complete", () => {
    const full = yaml(FULL_YAML);
    expect(completeConfiguration(full)).toEqual(full);
    expect(completeConfiguration(defaultConfiguration())).toEqual(defaultConfiguration());
  });

  it("is filled in where a program leaves something out", () => {
    const configuration = completeConfiguration({
      providers: { openai: { key: "env:A" } },
      models: { smart: { targets: ["openai:gpt-5", { model: "openai:gpt-5-mini", weight: 3 }] }, fast: "openai:gpt-5-mini" },
      limits: [{ metric: "concurrency", amount: 3 }],
      failing: { breaker: { failures: 2 } },
    });
    expect(configuration.models.smart?.targets.map(({ weight }) => weight)).toEqual([1, 3]);
    expect(configuration.limits[0]).toMatchObject({ name: "limits[0]", window: { type: "now" }, overflow: { type: "refuse" } });
    expect(configuration.failing).toMatchObject({ attemptsMax: 6, breaker: { failures: 2, openMs: 10_000 } });
    expect(configuration.server).toEqual(defaultConfiguration().server);
  });

  it("is checked as a file is, in a program's words", () => {
    const wrong: object = { server: { prot: 1 }, models: { a: "opena:x" }, keys: { k: { key: "secret-word" } } };
    expect(() => completeConfiguration(wrong)).toThrow(/server\.prot: there is no such key; did you mean port\?/);
    expect(() => completeConfiguration(wrong)).toThrow(/models\.a.*there is no provider "opena"/);
    expect(() => completeConfiguration(wrong)).not.toThrow(/secret-word/);
  });

  it("has the defaults that its schema and its reference tell", () => {
    const told = [...configurationReference().values()].flat();
    const defaults = configurationValues(defaultConfiguration());
    const server = new Map(Object.entries(Object(defaults.server)));
    for (const [name, value] of server) {
      const row = told.find(({ path }) => path === `server.${name}`);
      expect(row?.defaultText, name).toBeDefined();
      if (typeof value !== "object") expect(row?.defaultText, name).toBe(String(value));
    }
    expect(told.every(({ description }) => description.endsWith("."))).toBe(true);
  });

  it("has a schema for editors that knows every key", () => {
    const schema = JSON.stringify(configurationSchema());
    for (const key of ["require_key", "time_to_live", "warn_at", "direct_models", "context_window_tokens"])
      expect(schema).toContain(`"${key}"`);
    expect(configurationSchema()).toMatchObject({ type: "object", additionalProperties: false });
  });
});
