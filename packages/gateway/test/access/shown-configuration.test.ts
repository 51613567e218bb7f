import { describe, it } from "vitest";
import { defaultConfiguration } from "../../src/config/index.ts";
import { shownChanges, shownConfiguration } from "../../src/config/shown-configuration.ts";

describe("a configuration that is shown", () => {
  const configuration = {
    ...defaultConfiguration(),
    providers: {
      acme: {
        type: "openai-compatible",
        key: "written-in-the-clear",
        baseUrl: "https://user:hidden-password@acme.example/v1",
        headers: { "x-team": "hidden-header", "x-from": "env:FROM" },
        options: { apiSecret: "hidden-option", api_key: "hidden-option", nested: { token: "hidden-option", region: "eu" } },
      },
      other: { key: "env:OTHER_KEY" },
    },
    keys: { ci: { key: "env:CI_KEY", restrictions: {} } },
    store: { type: "postgres", url: "postgres://user:hidden-password@db/x", file: "x.db", node: "n", leaseMs: 1000 } as const,
  };

  it("has references and settings, and nothing that could be a secret", ({ expect }) => {
    const text = JSON.stringify(shownConfiguration(configuration));
    expect(text).not.toMatch(/hidden|written-in-the-clear/);
    for (const told of ["env:OTHER_KEY", "env:CI_KEY", "env:FROM", "acme.example", "eu"]) expect(text).toContain(told);
  });

  it("tells of changes without their secrets", ({ expect }) => {
    const text = JSON.stringify(shownChanges(defaultConfiguration(), configuration));
    expect(text).not.toMatch(/hidden|written-in-the-clear/);
    expect(text).toContain("env:CI_KEY");
  });
});
