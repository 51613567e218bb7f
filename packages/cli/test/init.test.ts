import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUILT_IN_PROVIDERS } from "@dragoman/llm";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, it } from "vitest";
import { parse } from "yaml";
import { composeConfiguration } from "../src/config/compose-configuration.ts";
import { configurationSchema, parseConfiguration } from "../src/config/gateway-configuration.ts";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
afterAll(() => sandbox.remove());

/** A pipe that takes itself for a terminal: what is written to it arrives as keys, one after the other. */
const TERMINAL = {
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(
    "for(const s of[process.stdin,process.stdout])s.isTTY=true;process.stdin.setRawMode=()=>process.stdin;process.stdout.columns=100;process.stdout.rows=60",
  )}`,
};
const KEYS = { enter: "\r", space: " ", backspace: "\u007f", cancel: "\u0003" } as const;

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

  it("asks at a terminal, and writes what was answered, so that it validates", async ({ expect }) => {
    const environment = { OPENAI_API_KEY: "the-value", DRAGOMAN_SEARCH_KEY: "a-third" };
    const { child, printed, result } = sandbox.start(["init", "asked.yaml"], { environment: { ...environment, ...TERMINAL } });
    // The suggested provider is marked; the first of the list is marked after it.
    await printed("to navigate");
    child.stdin.write(`${KEYS.space}${KEYS.enter}`);
    await printed("A budget for all calls");
    child.stdin.write(`${KEYS.backspace.repeat(3)}-5${KEYS.enter}`);
    await printed("A number above 0, or nothing.");
    child.stdin.write(`${KEYS.backspace.repeat(2)}25${KEYS.enter}`);
    await printed("A team, with a key of its own?");
    child.stdin.write("y");
    await printed("What is it called?");
    child.stdin.write(`${KEYS.backspace.repeat(4)}search${KEYS.enter}`);
    await printed("Written: asked.yaml");
    child.stdin.end();
    expect((await result).code).toBe(EXIT.ok);
    const text = await readFile(join(sandbox.folder, "asked.yaml"), "utf8");
    const { configuration } = parseConfiguration(text, { format: "yaml" });
    expect(Object.keys(configuration.providers)).toEqual(["openai", "anthropic"]);
    expect(configuration.limits[0]).toMatchObject({ metric: "usd", amount: 25 });
    expect(configuration.keys["search-key"]).toMatchObject({ team: "search" });
    const validated = await sandbox.run(["config", "validate", "asked.yaml"], { environment });
    expect(validated.stdout).toContain("asked.yaml is valid");
  });

  it("writes nothing where whoever is asked leaves, whichever the question", async ({ expect }) => {
    for (const [index, question] of ["Which providers", "A budget for all calls", "A team, with a key"].entries()) {
      const { child, printed, result } = sandbox.start(["init", "left.yaml"], { environment: TERMINAL });
      await printed("to navigate");
      if (index > 0) child.stdin.write(KEYS.enter);
      if (index > 1) {
        await printed("A budget for all calls");
        child.stdin.write(KEYS.enter);
      }
      await printed(question);
      child.stdin.end(KEYS.cancel);
      expect(await result).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("Nothing was written.") });
    }
    await expect(readFile(join(sandbox.folder, "left.yaml"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("writes what validates without a warning, whatever is chosen", ({ expect }) => {
    const ids = BUILT_IN_PROVIDERS.map(({ id }) => id);
    const matchesSchema = new Ajv2020({ allowUnionTypes: true, validateFormats: false }).compile(configurationSchema());
    for (const providers of [...ids.map((id) => [id]), ids]) {
      for (const team of [undefined, "team.1-a"]) {
        const text = composeConfiguration({ providers, budgetUsd: 1.5, ...(team !== undefined && { team }) });
        expect(parseConfiguration(text, { format: "yaml" }).warnings, providers.join()).toEqual([]);
        expect([providers.join(), matchesSchema(parse(text)), matchesSchema.errors]).toEqual([providers.join(), true, null]);
      }
    }
  });
});
