/**
 * `npm run reference`: writes the reference of every public name of `@dragoman/llm` as HTML. A public name without a doc
 * comment, or a link that leads nowhere, is an error.
 *
 *     npm run reference                 writes docs/reference/html
 *     npm run reference -- --check      writes nothing
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./publishing/workspace.ts";

const FOLDER = join(ROOT, "docs/reference");
const LIBRARY = join(ROOT, "packages/llm");
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

process.exitCode = buildReference();

function buildReference(): number {
  const typedoc = findTypedoc();
  if (typedoc === undefined) {
    console.error("typedoc is not installed; `npm ci` brings it with docs/reference, which is a workspace");
    return 1;
  }
  const args = [...entryPoints().flatMap((file) => ["--entryPoints", file]), ...(values.check ? ["--emit", "none"] : [])];
  const { status, error } = spawnSync(process.execPath, [typedoc, ...args], { cwd: FOLDER, stdio: "inherit" });
  if (error !== undefined) console.error(error.message);
  if (status === 0) console.log(values.check ? "✓ every public name is documented" : "✓ docs/reference/html/index.html");
  return status ?? 1;
}

/** npm puts it beside `docs/reference`, or higher up where no other version is in the way. */
function findTypedoc(): string | undefined {
  const folders = createRequire(join(FOLDER, "package.json")).resolve.paths("typedoc") ?? [];
  return folders.map((folder) => join(folder, "typedoc/bin/typedoc")).find((file) => existsSync(file));
}

/** What the package exports, so that a new entry point is documented without being named here. */
function entryPoints(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(LIBRARY, "package.json"), "utf8")) as { exports: Record<string, string> };
  return Object.values(exports).map((file) => join(LIBRARY, file));
}
