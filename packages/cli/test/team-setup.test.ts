/**
 * docs/team-setup.md, followed to the letter: each of its `sh` blocks is given to one shell, in order, with imitations in the place of
 * the two vendors and a free port in the place of 4242.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createSandbox, type Started } from "./run-command.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/team-setup.md"), "utf8");
const MAIN = join(import.meta.dirname, "../src/main.mjs");
const ADDRESS = "http://127.0.0.1:4242";
const TIMEOUT_MS = 60_000;

const sandbox = createSandbox();
const file = join(sandbox.folder, "dragoman.yaml");
const environment = { ANTHROPIC_API_KEY: "sk-ant-example", OPENAI_API_KEY: "sk-example" };
let vendors: readonly FakeVendor[] = [];
let shell: Shell;
let server: Started | undefined;

beforeAll(async () => {
  vendors = await Promise.all([
    startFakeVendor("anthropic", { models: ["claude-sonnet-5", "claude-haiku-4-5"] }),
    startFakeVendor("openai", { models: ["gpt-6-sol", "gpt-5.4-nano"] }),
  ]);
  shell = openShell();
});

afterAll(async () => {
  server?.child.kill();
  await server?.result;
  shell.close();
  await Promise.all(vendors.map((vendor) => vendor.close()));
  sandbox.remove();
});

/** Blocks of one language under one heading. */
function blocks(heading: string, language: string): readonly string[] {
  const section = PAGE.split(/^## /m).find((one) => one.startsWith(heading)) ?? "";
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
}

interface Shell {
  /** What it printed. Rejects where a command failed. */
  run(script: string): Promise<string>;
  close(): void;
}

/** One shell, as a reader has: what a block has set is there for the next. */
function openShell(): Shell {
  const child: ChildProcessWithoutNullStreams = spawn("bash", ["--norc"], {
    cwd: sandbox.folder,
    env: { PATH: process.env.PATH, HOME: sandbox.home, DRAGOMAN_HOME: sandbox.home, ...environment },
  });
  let printed = "";
  for (const output of [child.stdout, child.stderr])
    output.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  child.stdin.write(`dragoman() { '${process.execPath}' '${MAIN}' "$@"; }\n`);
  return {
    async run(script) {
      printed = "";
      child.stdin.write(`{ set -e\n${script}\nset +e; } 2>&1; echo "=== ended"\n`);
      await vi.waitFor(
        () => {
          if (!printed.includes("=== ended")) {
            if (child.exitCode !== null) return;
            throw new Error(`it has not ended: ${printed}`);
          }
        },
        { timeout: TIMEOUT_MS, interval: 20 },
      );
      if (child.exitCode !== null) throw new Error(`a command failed: ${printed}`);
      return printed;
    },
    close: () => void child.kill(),
  };
}

/** Runs a block that changes the file, and waits until the gateway has taken it. */
async function changeFile(block: string): Promise<void> {
  const taken = () => noticed.split("is in force").length;
  const before = taken();
  await shell.run(block);
  await vi.waitFor(() => expect(taken()).toBeGreaterThan(before), { timeout: TIMEOUT_MS, interval: 20 });
}

let noticed = "";
let url = "";

/** A block as it stands, with the gateway where it is. */
function asRun(block: string | undefined): string {
  return (block ?? "").replaceAll(ADDRESS, url);
}

describe("docs/team-setup.md", () => {
  test(
    "2. init writes the file that the page shows, and validate finds nothing wrong with it",
    async () => {
      const [init, validate] = blocks("2.", "sh");
      await shell.run(init ?? "");
      expect(readFileSync(file, "utf8")).toBe(blocks("2.", "yaml written")[0]);
      expect(await shell.run(validate ?? "")).toContain("is valid");
    },
    TIMEOUT_MS,
  );

  test(
    "3. serve prints the key for administration, once",
    async () => {
      const [anthropic, openai] = vendors;
      const written = readFileSync(file, "utf8")
        .replace("env:ANTHROPIC_API_KEY", `env:ANTHROPIC_API_KEY, base_url: "${anthropic?.baseUrl}"`)
        .replace("env:OPENAI_API_KEY", `env:OPENAI_API_KEY, base_url: "${openai?.baseUrl}"`);
      writeFileSync(file, written);
      expect(blocks("3.", "sh")).toEqual(["dragoman serve\n"]);
      server = sandbox.start(["serve"], { environment: { ...environment, DRAGOMAN_PORT: "0" } });
      server.child.stderr.on("data", (text: string) => {
        noticed += text;
      });
      const said = await server.printed("is followed");
      url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? "";
      expect(said).toMatch(/shown this once:\s+dgm_\w+/);
    },
    TIMEOUT_MS,
  );

  test(
    "4. teams are taken as the file is saved, and keys work at once",
    async () => {
      const [teams, keys] = blocks("4.", "sh");
      await changeFile(teams ?? "");
      // It is told line by line.
      await vi.waitFor(() => expect(noticed).toContain("teams.trial: added"), { timeout: TIMEOUT_MS, interval: 20 });
      const listed = await shell.run(keys ?? "");
      expect(listed).toMatch(/anna\s+search\s+active/);
      expect(listed).toMatch(/ben\s+search\s+active\s+.*fast/);
      const refused = await fetch(`${url}/v1/models`);
      await refused.text();
      expect(refused.status).toBe(401);
    },
    TIMEOUT_MS,
  );

  test(
    "5. a call is answered by the first target",
    async () => {
      const answer = await shell.run(asRun(blocks("5.", "sh")[0]));
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK/m);
      expect(answer).toContain("x-dragoman-model: anthropic:claude-sonnet-5");
      expect(answer).toMatch(/x-dragoman-cost-usd: 0\.\d+/);
    },
    TIMEOUT_MS,
  );

  test(
    "6. the budget lets one through, and refuses the next in the words of the page",
    async () => {
      const answers = await shell.run(asRun(blocks("6.", "sh")[0]));
      expect([...answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)).toEqual(["200", "402"]);
      const shown = blocks("6.", "text")[0]?.replace(/message":"[\s\S]*"}}/, (message) => message.replaceAll("\n", " ")) ?? "";
      for (const line of shown.trim().split("\n")) expect(figureless(answers)).toContain(figureless(line));
    },
    TIMEOUT_MS,
  );

  test(
    "7. a vendor whose key is wrong is stood in for, as the page shows",
    async () => {
      const [spoil, ask, mend] = blocks("7.", "sh");
      await changeFile(spoil ?? "");
      const answer = await shell.run(asRun(ask));
      for (const line of blocks("7.", "text")[0]?.trim().split("\n") ?? ["missing"]) expect(answer).toContain(line);
      await changeFile(mend ?? "");
    },
    TIMEOUT_MS,
  );

  test(
    "8. what it cost, and why it went there",
    async () => {
      const told = await shell.run(blocks("8.", "sh")[0] ?? "");
      expect(told).toMatch(/search\s.*claude-sonnet-5/);
      expect(told).toMatch(/trial\s.*claude-haiku-4-5/);
      for (const line of blocks("8.", "text")[0]?.trim().split("\n") ?? ["missing"])
        expect(figureless(told)).toContain(figureless(line));
    },
    TIMEOUT_MS,
  );

  test("no step of the page is left out", () => {
    const count = [...PAGE.matchAll(/^```sh\n/gm)].length;
    expect(["2.", "3.", "4.", "5.", "6.", "7.", "8."].flatMap((heading) => blocks(heading, "sh")).length).toBe(count);
  });
});

/** Times and amounts are what they are. */
function figureless(text: string): string {
  return text.replaceAll(/\r/g, "").replaceAll(/\d[\d.]*( [hm]in)?/g, "#");
}
