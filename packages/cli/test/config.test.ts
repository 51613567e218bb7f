import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
const GOOD = "server: { port: 1 }\nproviders: { openai: { key: env:OPENAI_API_KEY } }\nmodels: { fast: openai:gpt-5 }\n";
const SECRET = "a-word-that-nobody-may-see";
const environment = { OPENAI_API_KEY: "any-key" };

beforeAll(async () => {
  await mkdir(sandbox.home, { recursive: true });
  await Promise.all(
    Object.entries({
      "good.yaml": GOOD,
      "other.toml":
        '[server]\nport = 2\n[providers.openai]\nkey = "env:OPENAI_API_KEY"\n[models]\nfast = "openai:gpt-5"\nslow = "openai:gpt-5"\n',
      "bad.yaml": `server:\n  prot: 1\nproviders:\n  openai: { key: ${SECRET}, headers: { Authorization: "Bearer ${SECRET}" } }\n`,
    }).map(([name, text]) => writeFile(join(sandbox.folder, name), text)),
  );
  await sandbox.run(["config", "validate", "good.yaml"]);
}, 60_000);
afterAll(() => sandbox.remove());

describe.concurrent("dragoman config validate", () => {
  it("says that a file is valid", async ({ expect }) => {
    const { code, stdout, stderr } = await sandbox.run(["config", "validate", "good.yaml"], { environment });
    expect({ code, stdout, stderr }).toEqual({ code: EXIT.ok, stdout: "good.yaml is valid\n", stderr: "" });
  });

  it("shows every problem with its line, and no secret", async ({ expect }) => {
    const { code, stdout, stderr } = await sandbox.run(["config", "validate", "bad.yaml"]);
    expect(code).toBe(EXIT.failed);
    expect(stderr).toBe("");
    expect(stdout).toContain(
      "bad.yaml:2:3 error server.prot: there is no such key\n  2 |   prot: 1\n    |   ^\n    = did you mean port?",
    );
    expect(stdout).toContain("bad.yaml:4:18 error providers.openai.key: ");
    expect(stdout).toMatch(/openai: \{ key: \*+, headers/);
    expect(stdout).toContain("bad.yaml is not valid: 3 errors");
    expect(stdout).not.toContain(SECRET);
  });

  it("prints JSON", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["config", "validate", "bad.yaml", "--json"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).not.toContain(SECRET);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ valid: false, file: "bad.yaml" });
    expect(report.problems[0]).toEqual({
      severity: "error",
      file: "bad.yaml",
      line: 2,
      column: 3,
      path: "server.prot",
      message: "there is no such key",
      nearest: ["port"],
    });
  });

  it("tells of a file that is not there", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["config", "validate", "none.yaml"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).toContain("there is no such file");
  });

  it("takes the file of the option, of the variable, of the folder, of the user", async ({ expect }) => {
    const folder = join(sandbox.folder, "elsewhere");
    await mkdir(folder);
    const none = await sandbox.run(["config", "validate"], { folder });
    expect(none).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("dragoman init") });
    await writeFile(join(sandbox.home, "dragoman.yml"), GOOD);
    const run = async (...words: string[]) =>
      (await sandbox.run(["config", "validate", ...words], { folder, environment })).stdout;
    expect(await run()).toContain(join(sandbox.home, "dragoman.yml"));
    await writeFile(join(folder, "dragoman.toml"), "");
    expect(await run()).toBe("dragoman.toml is valid\n");
    await writeFile(join(folder, "v.yaml"), "");
    const byVariable = await sandbox.run(["config", "validate"], { folder, environment: { DRAGOMAN_CONFIG: "v.yaml" } });
    expect(byVariable.stdout).toBe("v.yaml is valid\n");
    expect(await run("--config", "../good.yaml")).toBe("../good.yaml is valid\n");
  });
});

describe.concurrent("dragoman config show", () => {
  it("shows what holds, and what of it is a default", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["config", "show", "good.yaml"], { environment });
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain("  port: 1\n");
    expect(stdout).toContain("  host: 127.0.0.1 # default\n");
    expect(stdout).toContain("key: env:OPENAI_API_KEY");
    expect(stdout).not.toContain("any-key");
  });

  it("prints JSON", async ({ expect }) => {
    const { stdout } = await sandbox.run(["config", "show", "good.yaml", "--json"], { environment });
    expect(JSON.parse(stdout)).toMatchObject({ server: { port: 1, drain: "30s" }, direct_models: false });
  });

  it("refuses a file that is wrong", async ({ expect }) => {
    const { code, stdout, stderr } = await sandbox.run(["config", "show", "bad.yaml"]);
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: "" });
    expect(stderr).toContain("bad.yaml:2:3: server.prot");
    expect(stderr).not.toContain(SECRET);
  });
});

describe.concurrent("dragoman config diff", () => {
  it("tells what changes, across languages", async ({ expect }) => {
    const { code, stdout } = await sandbox.run(["config", "diff", "good.yaml", "other.toml"], { environment });
    expect(code).toBe(EXIT.ok);
    expect(stdout.split("\n")[0]).toBe("~ server.port: 1 -> 2");
    expect(stdout).toContain("+ models.slow: added ");
    const same = await sandbox.run(["config", "diff", "good.yaml", "good.yaml", "--json"], { environment });
    expect(JSON.parse(same.stdout)).toEqual([]);
  });
});

describe.concurrent("dragoman config schema", () => {
  it("prints the schema for editors", async ({ expect }) => {
    const { stdout } = await sandbox.run(["config", "schema"]);
    expect(JSON.parse(stdout)).toMatchObject({ title: "Dragoman", type: "object" });
  });
});
