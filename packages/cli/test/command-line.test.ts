import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { commandReference } from "../src/command-reference.ts";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
afterAll(() => sandbox.remove());

describe.concurrent("the command line", () => {
  it("prints help on standard output when called alone", async ({ expect }) => {
    const { code, stdout, stderr } = await sandbox.run([]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const command of ["serve", "ask", "models", "doctor", "probe"]) expect(stdout).toContain(`  ${command}`);
  });

  it("prints its version, from each entry", async ({ expect }) => {
    const options = [{}, { source: "main.mjs" }, { source: "main.ts" }] as const;
    for (const { code, stdout } of await Promise.all(options.map((option) => sandbox.run(["--version"], option)))) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    }
  });

  it("answers from its sources, too", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["ask", "-m", "sim:echo", "hello"], { source: "main.mjs" });
    expect(code).toBe(0);
    expect(stdout).toContain("“hello”");
  });

  it("prints help of a command", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["probe", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: dragoman probe");
  });

  it("suggests the command that was meant", async ({ expect }) => {
    const { code, stdout, stderr } = await sandbox.run(["sevre"]);
    expect(code).toBe(EXIT.usage);
    expect(stdout).toBe("");
    expect(stderr).toContain("Did you mean serve?");
  });

  it("suggests the option that was meant", async ({ expect }) => {
    const { code, stderr } = await sandbox.run(["ask", "--temprature", "1", "hi"]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("--temperature");
  });

  it.for([
    [["ask", "--max-tokens", "0", "hi"], "whole number"],
    [["ask", "--timeout", "0", "hi"], "over 0"],
    [["ask", "--effort", "huge", "hi"], "Allowed choices"],
    [["serve", "--port", "70000"], "0 to 65535"],
    [["probe"], "missing required argument"],
  ] as const)("refuses %j", async ([words, said], { expect }) => {
    const { code, stderr } = await sandbox.run([...words]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain(said);
  });

  it("reads .env, and leaves alone what is set", async ({ expect }) => {
    await writeFile(join(sandbox.folder, ".env"), "DRAGOMAN_PORT=not-a-port\n");
    const fromFile = await sandbox.run(["serve"]);
    expect(fromFile.code).toBe(EXIT.usage);
    expect(fromFile.stderr).toContain("DRAGOMAN_PORT");
    const overridden = await sandbox.run(["serve"], { environment: { DRAGOMAN_PORT: "also-none" } });
    expect(overridden.stderr).toContain("also-none");
  });

  it("names a file of its own that is damaged", async ({ expect }) => {
    const { code, stderr } = await sandbox.run(["ask", "hi"], { environment: { DRAGOMAN_HOME: await damagedHome() } });
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("capabilities.json does not hold findings");
  });
});

async function damagedHome(): Promise<string> {
  await writeFile(join(sandbox.folder, "capabilities.json"), '{"openai":{"gpt-5":{"tools":"perhaps"}}}');
  return sandbox.folder;
}

describe("the reference", () => {
  const reference = commandReference();

  it("has every command with its options", ({ expect }) => {
    for (const heading of ["## `dragoman serve", "## `dragoman ask", "### `dragoman models refresh", "## `dragoman doctor"])
      expect(reference).toContain(heading);
    expect(reference).toMatch(/^\| `-p, --port <number>` \| port; 0 takes any free one .* \| `DRAGOMAN_PORT` \|$/m);
    expect(reference).toContain("`-m, --model <provider:model>`");
  });

  it("has every exit status with its meaning", ({ expect }) => {
    for (const status of Object.values(EXIT)) expect(reference).toMatch(new RegExp(`^\\| ${status} \\| \\w`, "m"));
  });

  it("tells nothing of this machine", ({ expect }) => {
    expect(reference).not.toContain(process.cwd());
    expect(reference).not.toContain(process.env.HOME);
  });
});
