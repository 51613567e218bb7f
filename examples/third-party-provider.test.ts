/** The example package as a stranger installs it: packed, put into a project of its own, loaded by name, held to the suite. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadProviders, textOf, userMessage } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const SOURCE = join(import.meta.dirname, "third-party-provider");
const LLM = join(import.meta.dirname, "../packages/llm");
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "dragoman-stranger-"));
  await run("npm", ["pack", "--pack-destination", project], { cwd: SOURCE });
  const [tarball = "nothing"] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps", `./${tarball}`], { cwd: project });
  // The peer of the project: this very library.
  await mkdir(join(project, "node_modules/@dragoman"), { recursive: true });
  await symlink(LLM, join(project, "node_modules/@dragoman/llm"), "dir");
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

test("the whole package, its test included, is under 200 lines", async () => {
  const files = ["package.json", "index.js", "index.test.js"];
  const lines = await Promise.all(files.map(async (file) => (await readFile(join(SOURCE, file), "utf8")).split("\n").length));
  expect(lines.reduce((sum, count) => sum + count)).toBeLessThan(200);
});

test("loaded by name from configuration, it answers like any other provider", async () => {
  const vendor = await startFakeVendor("openai-compatible");
  const row = { type: "dragoman-provider-acme", key: "env:ACME_API_KEY", baseUrl: vendor.baseUrl, options: { region: "eu" } };
  const configuration = { providers: { acme: row }, aliases: { everyday: "acme:plain" } };
  const registry = await loadProviders(configuration, { folder: project, environment: { ACME_API_KEY: "sk-any" } });
  const { provider, model } = registry.resolve("everyday");
  const completion = await provider.complete({ model, messages: [userMessage("Hello, stranger.")] });
  expect(textOf(completion.message)).toContain("Hello, stranger.");
  expect(completion.origin).toMatchObject({ provider: "acme", model: "plain-model" });
  expect(completion.cost?.catalogue).toBe("acme 2026-11-01");
  await vendor.close();
});

test("what the package does not know is its own error, and a package that is not there says how to get it", async () => {
  const load = (row: object) => loadProviders({ providers: { acme: row } }, { folder: project });
  await expect(load({ type: "dragoman-provider-acme", options: { region: "mars" } })).rejects.toMatchObject({
    code: "configuration",
    field: "options.region",
  });
  await expect(load({ type: "dragoman-provider-nowhere" })).rejects.toMatchObject({
    code: "configuration",
    advice: expect.stringContaining("npm install dragoman-provider-nowhere"),
  });
});

test("its own test passes where it is installed", async () => {
  await writeFile(join(project, "index.test.js"), await readFile(join(SOURCE, "index.test.js")));
  const { stdout } = await run(process.execPath, ["--test", "--test-isolation=none", "index.test.js"], { cwd: project });
  expect(stdout).toMatch(/pass \d{2,}/);
  expect(stdout).toMatch(/fail 0/);
}, 60_000);
