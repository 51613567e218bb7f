/**
 * Our packages as a user gets them from the registry: JavaScript without types. Types are only stripped here, so that a
 * benchmark needs no build; what is loaded is the same.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
/** Below `node_modules`, so that imports of other packages are found and nothing of it is committed. */
const PUBLISHED = join(ROOT, "node_modules/.cache/dragoman-bench");

const PACKAGES = ["llm", "gateway", "cli"] as const;

export interface Published {
  /** A file below whose folder `@dragoman/llm` resolves to the stripped copy. */
  readonly folder: string;
  /** The command's entry. */
  readonly command: string;
}

export function publishLocally(): Published {
  rmSync(PUBLISHED, { recursive: true, force: true });
  for (const name of PACKAGES) {
    const from = join(ROOT, "packages", name);
    const manifest = readFileSync(join(from, "package.json"), "utf8");
    const to = join(PUBLISHED, "node_modules", packageName(manifest));
    mkdirSync(to, { recursive: true });
    // Versions that npm could not put at the root.
    if (existsSync(join(from, "node_modules"))) symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
    writeFileSync(join(to, "package.json"), manifest.replaceAll(/\.ts"/g, '.js"'));
    for (const file of readdirSync(join(from, "src"), { recursive: true, encoding: "utf8" })) copy(from, join("src", file), to);
  }
  return { folder: PUBLISHED, command: join(PUBLISHED, "node_modules/dragoman/src/main.js") };
}

function packageName(manifest: string): string {
  const name: unknown = JSON.parse(manifest).name;
  if (typeof name !== "string") throw new Error("a package without a name");
  return name;
}

function copy(from: string, file: string, to: string): void {
  const target = join(to, file);
  mkdirSync(dirname(target), { recursive: true });
  if (!file.endsWith(".ts")) {
    if (/\.\w+$/.test(file)) cpSync(join(from, file), target);
    return;
  }
  const stripped = withoutWarning(() => stripTypeScriptTypes(readFileSync(join(from, file), "utf8")));
  writeFileSync(target.replace(/\.ts$/, ".js"), stripped.replaceAll(/((?:from|import|import\() *"\.[^"]*)\.ts"/g, '$1.js"'));
}

/** Stripping by hand still counts as experimental in Node 24, and says so. */
function withoutWarning<Value>(run: () => Value): Value {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
