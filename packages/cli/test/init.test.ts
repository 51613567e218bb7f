import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUILT_IN_PROVIDERS } from "@dragoman/llm";
import { afterAll, describe, it } from "vitest";
import { composeConfiguration } from "../src/config/compose-configuration.ts";
import { parseConfiguration } from "../src/config/gateway-configuration.ts";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
afterAll(() => sandbox.remove());

describe("dragoman init", () => {
  it("writes a file that validates, for the keys in the environment", async ({ expect }) => {
    const environment = { OPENAI_API_KEY: "the-value", GEMINI_API_KEY: "another", DRAGOMAN_SEARCH_KEY: "a-third" };
    const written = await sandbox.run(["init", "--yes", "--team", "search", "--budget", "25"], { environment });
    expect(written).toMatchObject({ code: EXIT.ok, stderr: "", stdout: expect.stringContaining("Written: dragoman.yaml") });
    const text = await readFile(join(sandbox.folder, "dragoman.yaml"), "utf8");
    expect(text).toContain("openai: { key: env:OPENAI_API_KEY }");
    expect(text).not.toMatch(/the-value|another|a-third/);
    const validated = await sandbox.run(["config", "validate"], { environment });
    expect(validated).toMatchObject({ code: EXIT.ok, stdout: "dragoman.yaml is valid\n" });
    const { configuration } = parseConfiguration(text, { format: "yaml" });
    expect(Object.keys(configuration.providers)).toEqual(["openai", "gemini"]);
    expect(configuration.models.smart?.fallback).toHaveLength(1);
    expect(configuration.limits[0]).toMatchObject({ metric: "usd", amount: 25, warnAt: [0.8] });
    expect(configuration.keys["search-key"]).toMatchObject({ team: "search" });
  });

  it("overwrites nothing unless it is told to", async ({ expect }) => {
    const file = join(sandbox.folder, "mine.yaml");
    await writeFile(file, "# mine");
    const refused = await sandbox.run(["init", "mine.yaml", "--yes"]);
    expect(refused).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("mine.yaml is there already") });
    expect(await readFile(file, "utf8")).toBe("# mine");
    const forced = await sandbox.run(["init", "mine.yaml", "--yes", "--force", "--provider", "ollama"]);
    expect(forced.code).toBe(EXIT.ok);
    expect(await readFile(file, "utf8")).toContain("  ollama: {}");
  });

  it("asks nobody where there is no terminal, and suggests the provider that was meant", async ({ expect }) => {
    const [unasked, unknown] = await Promise.all([
      sandbox.run(["init", "a.yaml"]),
      sandbox.run(["init", "b.yaml", "--yes", "--provider", "opnai"]),
    ]);
    expect(unasked).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--yes") });
    expect(unknown).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("did you mean openai") });
  });

  it("writes what validates without a warning, whatever is chosen", ({ expect }) => {
    const ids = BUILT_IN_PROVIDERS.map(({ id }) => id);
    for (const providers of [...ids.map((id) => [id]), ids]) {
      for (const team of [undefined, "team.1-a"]) {
        const text = composeConfiguration({ providers, budgetUsd: 1.5, ...(team !== undefined && { team }) });
        expect(parseConfiguration(text, { format: "yaml" }).warnings, providers.join()).toEqual([]);
      }
    }
  });
});
