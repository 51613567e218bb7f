/** Documentation cannot lie: its TypeScript is type-checked, and what is marked `run` runs. See `docs/code-blocks.ts`. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DocumentedModule, documentedModules } from "./docs/code-blocks.ts";
import { type RunInTurn, runInTurn } from "./in-turn/run-in-turn.ts";

const ROOT = resolve(import.meta.dirname, "..");
const TIMEOUT_MS = 120_000;
/** One checker, as each has to know most of the library. */
const TSC = [join(ROOT, "node_modules/typescript/bin/tsc"), "--checkers", "1"];
const execute = promisify(execFile);

const documented = pages().flatMap((page) => documentedModules(page, readFileSync(join(ROOT, page), "utf8")));
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dragoman-docs-"));
  // Its modules find the packages as a reader's would: by name.
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  mkdirSync(join(folder, "blocks"));
  for (const one of documented) writeFileSync(fileOf(one), `${one.code}\nexport {};\n`);
  const compilerOptions = { noUnusedLocals: false, typeRoots: [join(ROOT, "node_modules/@types")] };
  writeFileSync(
    join(folder, "tsconfig.json"),
    // What the sources themselves declare of their surroundings belongs to every program.
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions,
      include: ["blocks", join(ROOT, "packages/*/src/**/*.d.ts")],
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there are blocks, in the library's guide too", () => {
  expect(documented.map(({ page }) => page)).toContain("docs/library.md");
});

test(
  "every block type-checks",
  async () => {
    const errors = await execute(process.execPath, [...TSC, "-p", folder]).then(
      () => "",
      ({ stdout, message }: { stdout?: string; message: string }) => stdout || message,
    );
    expect(
      errors.replaceAll(
        /^.*blocks\/(.+?)--L\d+\.ts\((\d+),\d+\)/gm,
        (_whole, page, line) => `${page.replaceAll("--", "/")}:${line}`,
      ),
    ).toBe("");
  },
  TIMEOUT_MS,
);

describe("runs", () => {
  const toRun = documented.filter(({ run }) => run);
  let ran: RunInTurn;
  beforeAll(async () => {
    ran = await runInTurn(toRun.map(fileOf));
  }, TIMEOUT_MS);

  test.each(toRun.map((one) => [`${one.page}:${one.line}`, one] as const))("%s", (_place, one) => {
    const run = ran.runs.find(({ file }) => file === fileOf(one));
    expect(run?.outcome ?? `was not reached: the process ${ran.process}`, run?.output).toBe("ended well");
  });

  test("none leaves anything behind that keeps a process alive", () => {
    expect(ran.process).toBe("ended well");
  });
});

describe("reading a page", () => {
  const FENCE = "```";

  test("a continued block is one module with the block before it, each on its own lines", () => {
    const page = ["# Page", `${FENCE}ts run`, "const a = 1;", FENCE, "words", `${FENCE}ts continued`, "a + 1;", FENCE].join("\n");
    const [only, ...others] = documentedModules("page.md", page);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ line: 2, run: true });
    expect(only?.code.split("\n")).toEqual(["", "", "const a = 1;", "", "", "", "a + 1;"]);
  });

  test("leaves out fragments and other languages", () => {
    const page = [`${FENCE}ts no-check`, "…", FENCE, `${FENCE}sh`, "npm start", FENCE].join("\n");
    expect(documentedModules("page.md", page)).toEqual([]);
  });

  test("refuses a word that it does not know, and a block that continues nothing", () => {
    expect(() => documentedModules("page.md", `${FENCE}ts runs\n${FENCE}`)).toThrow('page.md:1: a block cannot be "runs"');
    expect(() => documentedModules("page.md", `${FENCE}ts continued\n${FENCE}`)).toThrow("no block to continue");
  });
});

function pages(): readonly string[] {
  const inDocs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map(
    (name) => `docs/${name.replaceAll("\\", "/")}`,
  );
  return ["README.md", ...inDocs.filter((name) => name.endsWith(".md")).sort()];
}

function fileOf({ page, line }: DocumentedModule): string {
  return join(folder, "blocks", `${page.replaceAll("/", "--")}--L${line}.ts`);
}
