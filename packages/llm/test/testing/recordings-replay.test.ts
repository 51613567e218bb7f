import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replayCommand } from "../../src/testing/recordings/replay-command.ts";
import { describeSummary, summarise } from "../../src/testing/recordings/replay-summary.ts";
import { chatAnswer, chatStream, spentQuota, unspokenAnswer } from "./recordings-samples.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "dragoman-replay-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

async function run(args: readonly string[], isTerminal = false, environment: Record<string, string> = {}): Promise<Run> {
  let text = "";
  let errors = "";
  const code = await replayCommand(args, {
    write: (piece) => {
      text += piece;
    },
    writeError: (piece) => {
      errors += piece;
    },
    isTerminal,
    environment,
  });
  return { code, text, errors };
}

async function put(name: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
}

/** An answer whose figures contradict one another, so that no dialect can satisfy the reader. */
const CONTRADICTION = {
  ...chatAnswer,
  exchanges: [
    {
      request: { method: "POST", url: "/v1/chat/completions", headers: {}, body: null },
      response: {
        status: 200,
        headers: { "content-type": "application/json" },
        body: {
          choices: [{ index: 0, message: { role: "assistant", content: "x" }, finish_reason: "stop" }],
          usage: { prompt_tokens: -4, completion_tokens: 1 },
        },
      },
    },
  ],
};

describe("npm run replay", () => {
  it("ends with the verdict and 0 when nothing failed", async () => {
    await put("openai-chat/a.json", chatAnswer);
    await put("openai-chat/b.json", chatStream);
    await put("error/c.json", spentQuota);
    await put("cloudflare-ai/d.json", unspokenAnswer);
    await put("README.md", "not looked at");
    const { code, text } = await run([folder]);
    expect(text.trimEnd().split("\n").at(-1)).toBe("replayed 3, failed 0, skipped 1");
    expect(text).toContain("1 skipped: no dialect speaks this wire yet");
    expect(code).toBe(0);
  });

  it("names a file that is no recording", async () => {
    await put("a.json", chatAnswer);
    await put("b.json", "{ broken");
    await put("c.json", { hello: "world" });
    const { code, text } = await run([folder]);
    expect(text).toContain("b.json is not a recording");
    expect(text).toContain("c.json is not a recording: ");
    expect(text.trimEnd().endsWith("replayed 1, failed 0, skipped 2")).toBe(true);
    expect(code).toBe(0);
  });

  it("ends with 1 when something failed, and says where and what", async () => {
    await put("x/contradiction.json", CONTRADICTION);
    const jsonFile = path.join(folder, "findings.txt");
    const { code, text } = await run([folder, "--json", jsonFile]);
    expect(code).toBe(1);
    expect(text).toContain("failed x/contradiction.json, exchange 0");
    const findings: unknown = JSON.parse(await readFile(jsonFile, "utf8"));
    expect(findings).toMatchObject({ replayed: 0, failed: 1, failures: [{ file: "x/contradiction.json", exchange: 0 }] });
  });

  it("ends with 2 when the findings cannot be written", async () => {
    await put("a.json", chatAnswer);
    const { code, errors } = await run([folder, "--json", path.join(folder, "missing", "findings.json")]);
    expect(code).toBe(2);
    expect(errors).toContain("cannot write");
  });

  it("plays only what was chosen", async () => {
    await put("openai-chat/a.json", chatAnswer);
    await put("error/c.json", spentQuota);
    await put("cloudflare-ai/d.json", unspokenAnswer);
    expect((await run([folder, "--only", "error/"])).text).toContain("replayed 1, failed 0, skipped 0");
    expect((await run([folder, "--wire", "openai-chat"])).text).toContain("replayed 2, failed 0, skipped 0");
  });

  it.each([
    ["no folder", () => []],
    ["two folders", () => [folder, folder]],
    ["a missing folder", () => [path.join(folder, "missing")]],
    ["a folder without recordings", () => [folder]],
    ["an unknown option", () => [folder, "--fast"]],
  ])("ends with 2 for %s", async (_name, args) => {
    await put("nothing.json", []);
    const { code, text, errors } = await run(args());
    expect(code).toBe(2);
    expect(text).toBe("");
    expect(errors).toContain("replay: ");
  });

  it("colours and shows progress on a terminal only, and no colours when told so", async () => {
    await put("a.json", chatAnswer);
    const terminal = await run([folder], true);
    expect(terminal.text).toContain("\u001b[1m");
    expect(terminal.errors).toContain("played 1 of 1 files");
    expect((await run([folder], true, { NO_COLOR: "1" })).text).not.toContain("\u001b");
    const piped = await run([folder]);
    expect(piped.text).not.toContain("\u001b");
    expect(piped.errors).toBe("");
  });
});

describe("describeSummary", () => {
  it("shows what was expected and what came", () => {
    const summary = summarise([
      {
        file: "a.json",
        type: "recording",
        wire: "ollama",
        exchanges: [{ exchange: 2, status: "failed", failures: [{ check: "answer text", expected: '"a"', got: '"b"' }] }],
      },
    ]);
    const text = describeSummary(summary);
    expect(text).toContain('failed a.json, exchange 2\n  answer text\n    expected "a"\n    got      "b"');
    expect(text.endsWith("replayed 0, failed 1, skipped 0")).toBe(true);
  });
});
