import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
let anthropic: FakeVendor;
let openai: FakeVendor;
let ollama: FakeVendor;
let environment: Record<string, string>;

beforeAll(async () => {
  [anthropic, openai, ollama] = await Promise.all([
    startFakeVendor("anthropic"),
    startFakeVendor("openai"),
    startFakeVendor("ollama"),
  ]);
  environment = { OPENAI_API_KEY: "any-key", OPENAI_BASE_URL: openai.baseUrl, OLLAMA_BASE_URL: ollama.baseUrl };
}, 60_000);

afterAll(async () => {
  await Promise.all([anthropic.close(), openai.close(), ollama.close()]);
  sandbox.remove();
});

describe.concurrent("dragoman doctor", () => {
  it("reports key, reach and one call of each provider", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["doctor", "--json"], { environment });
    expect(code).toBe(EXIT.ok);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ works: true, node: process.version, environmentFile: { state: "absent" } });
    expect(report.files.folder).toBe(sandbox.home);
    const of = (id: string) => report.providers.find((row: { provider: string }) => row.provider === id);
    expect(of("openai")).toMatchObject({
      works: true,
      key: { reference: "env:OPENAI_API_KEY", present: true },
      reach: { ok: true, durationMs: expect.any(Number) },
      call: { ok: true, inputTokens: expect.any(Number), costUsd: expect.any(Number) },
    });
    expect(of("ollama")).toMatchObject({ works: true, call: { ok: true, model: "qwen3:4b" } });
    expect(of("ollama").call).not.toHaveProperty("costUsd");
    expect(of("gemini")).toMatchObject({ works: false, key: { reference: "env:GEMINI_API_KEY", present: false } });
    expect(of("gemini").nextStep).toContain("GEMINI_API_KEY");
    expect(of("llamacpp")).toMatchObject({ works: false, reach: { ok: false } });
  });

  it("says the same to a person, without a key's value", async ({ expect }) => {
    const secret = { ...environment, OPENAI_API_KEY: "the-value-of-the-key" };
    const { code, stdout, stderr } = await sandbox.run(["doctor", "--all"], { environment: secret });
    expect(code).toBe(EXIT.ok);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/✓ openai +key env:OPENAI_API_KEY is set\n +reached in [\d.]+ m?s: /);
    expect(stdout).toMatch(/answered in [\d.]+ m?s: \d+ tokens in, \d+ out, \$/);
    expect(stdout).toContain("next: start its server: lms server start");
    expect(stdout).toContain("Ready: openai, ollama.");
    const brief = await sandbox.run(["doctor"], { environment: secret });
    expect(brief.stdout).toContain("anthropic (ANTHROPIC_API_KEY)");
    expect(brief.stdout).not.toContain("next: start its server");
    expect(stdout).not.toContain("the-value-of-the-key");
  });

  it("makes no call with --no-call", async ({ expect }) => {
    const own = await startFakeVendor("anthropic");
    const { code } = await sandbox.run(["doctor", "--no-call"], {
      environment: { ANTHROPIC_API_KEY: "any-key", ANTHROPIC_BASE_URL: own.baseUrl },
    });
    await own.close();
    expect(code).toBe(EXIT.ok);
    expect(own.requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("exits 1 and says what to do when a key is refused and nothing else works", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["doctor"], {
      environment: { ANTHROPIC_API_KEY: "bad-key", ANTHROPIC_BASE_URL: anthropic.baseUrl },
    });
    expect(code).toBe(EXIT.failed);
    expect(stdout).toMatch(/✗ anthropic/);
    expect(stdout).toContain("next: set ANTHROPIC_API_KEY");
    expect(stdout).toContain("No provider works yet");
    expect(stdout).not.toContain("bad-key");
  });

  it("says that .env was read", async ({ expect }) => {
    const own = createSandbox();
    await writeFile(join(own.folder, ".env"), `OPENAI_API_KEY=any-key\nOLLAMA_BASE_URL=${ollama.baseUrl}\n`);
    const { stdout } = await own.run(["doctor", "--no-call"], { environment: { OPENAI_BASE_URL: openai.baseUrl } });
    own.remove();
    expect(stdout).toContain(`${join(own.folder, ".env")} was read`);
    expect(stdout).toContain("✓ openai");
    // Set before, so the file does not change it.
    expect(stdout).not.toContain("✓ ollama");
  });
});

describe("dragoman probe", () => {
  const probe = (words: readonly string[]) => sandbox.run(["probe", ...words], { environment });

  it("prints each finding with its evidence, keeps them, and every command reads them", async ({ expect }) => {
    const { code, stdout } = await probe(["ollama:gemma3:1b"]);
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/^CAPABILITY +ANSWER +EVIDENCE\n/);
    expect(stdout).toMatch(/^streaming +yes +\w/m);
    expect(stdout).toContain(`kept in ${join(sandbox.home, "capabilities.json")}`);
    const kept = JSON.parse(await readFile(join(sandbox.home, "capabilities.json"), "utf8"));
    expect(kept.ollama["gemma3:1b"]).toMatchObject({ streaming: true });
    const listed = await sandbox.run(["models", "gemma3:1b", "--json"], { environment });
    expect(JSON.parse(listed.stdout).models[0].capabilities.streaming.source).not.toBe("family");
  });

  it("prints the report as JSON and keeps nothing with --no-save", async ({ expect }) => {
    const { code, stdout } = await probe(["openai:gpt-4.1-mini", "--json", "--no-save"]);
    expect(code).toBe(EXIT.ok);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ provider: "openai", model: "gpt-4.1-mini", costUsd: expect.any(Number) });
    expect(report).not.toHaveProperty("savedTo");
    const kept = await readFile(join(sandbox.home, "capabilities.json"), "utf8").catch(() => "{}");
    expect(JSON.parse(kept)).not.toHaveProperty("openai");
  });

  it("stops at a model that is not there", async ({ expect }) => {
    const { code, stderr } = await probe(["ollama:gema3:1b"]);
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain("nearest: ollama:gemma3:1b");
  });

  it("is stopped by Ctrl+C and keeps nothing", async ({ expect }) => {
    const slow = await startFakeVendor("anthropic", { chunkDelayMs: 200 });
    const { child, result } = sandbox.start(["probe", "anthropic:claude-sonnet-4-5"], {
      environment: { ANTHROPIC_API_KEY: "any-key", ANTHROPIC_BASE_URL: slow.baseUrl },
    });
    await expect.poll(() => slow.requests.length, { timeout: 15_000 }).toBeGreaterThan(0);
    child.kill("SIGINT");
    const { code, stderr } = await result;
    await slow.close();
    expect(code).toBe(EXIT.interrupted);
    expect(stderr).toContain("nothing was kept");
  });
});
