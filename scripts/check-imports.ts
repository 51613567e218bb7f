/**
 * The import law, as a program: which package may import which, which folder of `llm` may import which, no cycle between
 * files, no package taken that its own manifest does not name. It reads imports as text; type-only imports count for the
 * layers but not for cycles, since they are gone when the code runs.
 */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");

/** Package -> our packages that it may import. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  llm: [],
  events: [],
  prompts: ["llm"],
  gateway: ["llm", "events"],
  agent: ["llm", "events", "prompts"],
  coder: ["agent", "llm", "events", "prompts"],
  cli: ["llm", "events", "prompts", "gateway", "agent", "coder"],
};

/** Inside `llm/src`: folder -> folders that it may import. The empty name is the files at the top: values and contracts. */
const LLM_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  "": ["transport", "schema", "handoff"],
  schema: [""],
  handoff: [""],
  catalogue: [""],
  dialects: [""],
  transport: [""],
  embeddings: ["", "dialects"],
  rerank: [""],
  files: [""],
  batches: ["", "files"],
  "fine-tuning": ["", "dialects", "files"],
  search: ["", "transport"],
  policies: ["", "search"],
  providers: ["", "dialects", "catalogue", "transport", "embeddings", "rerank", "files", "batches", "fine-tuning"],
  sync: ["", "providers"],
  testing: ["", "dialects", "catalogue", "transport", "embeddings", "rerank", "search", "policies", "providers"],
};

/** A dialect is pure: nothing of these in `dialects/`. */
const IMPURE = /^node:(fs|net|http|https|dns|child_process|worker_threads|timers)|^undici$/;

/** Files at the top of `llm/src` that hold things together and may see every folder. */
const ASSEMBLY = new Set(["index.ts"]);

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const statics = [...text.matchAll(STATIC_IMPORT)].map(([, type, specifier]) => ({
    file,
    specifier: specifier ?? "",
    typeOnly: type !== undefined,
    dynamic: false,
  }));
  const dynamics = [...text.matchAll(DYNAMIC_IMPORT)].map(([, specifier]) => ({
    file,
    specifier: specifier ?? "",
    typeOnly: false,
    dynamic: true,
  }));
  return [...statics, ...dynamics];
}

function packageOf(file: string): string {
  return relative(join(ROOT, "packages"), file).split(/[\\/]/)[0] ?? "";
}

function ownPackageName(specifier: string): string | undefined {
  const match = /^@dragoman\/([a-z]+)/.exec(specifier);
  return match?.[1] ?? (specifier === "dragoman" ? "cli" : undefined);
}

function layerViolation({ file, specifier }: Import): string | undefined {
  const from = packageOf(file);
  const own = ownPackageName(specifier);
  if (own !== undefined && own !== from && !PACKAGES[from]?.includes(own)) return `package ${from} may not import ${own}`;
  if (from !== "llm" || !file.includes(join("llm", "src"))) return undefined;
  const source = relative(join(ROOT, "packages/llm/src"), file).split(/[\\/]/);
  const fromFolder = source.length === 1 ? "" : (source[0] ?? "");
  if (fromFolder === "dialects" && IMPURE.test(specifier)) return `a dialect is pure and may not import ${specifier}`;
  if (!specifier.startsWith(".") || ASSEMBLY.has(source.join("/"))) return undefined;
  const target = relative(join(ROOT, "packages/llm/src"), resolve(dirname(file), specifier)).split(/[\\/]/);
  const toFolder = target.length === 1 ? "" : (target[0] ?? "");
  if (fromFolder === toFolder || LLM_FOLDERS[fromFolder]?.includes(toFolder)) return undefined;
  return `${fromFolder || "the values"} may not import ${toFolder || "the values"} (${specifier})`;
}

function manifestViolation({ file, specifier, typeOnly }: Import): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || typeOnly) return undefined;
  const name = specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : (specifier.split("/")[0] ?? "");
  if (builtinModules.includes(name)) return `write node:${name}`;
  const manifest = JSON.parse(readFileSync(join(ROOT, "packages", packageOf(file), "package.json"), "utf8"));
  const named = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  return name in named || name === manifest.name ? undefined : `${name} is not a dependency of ${manifest.name}`;
}

function findCycles(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { file, specifier, typeOnly, dynamic } of imports) {
    if (typeOnly || dynamic || !specifier.startsWith(".")) continue;
    edges.set(file, [...(edges.get(file) ?? []), resolve(dirname(file), specifier)]);
  }
  const cycles: string[] = [];
  const state = new Map<string, "open" | "done">();
  function visit(file: string, path: readonly string[]): void {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file].map((step) => relative(ROOT, step)).join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, "done");
  }
  for (const file of edges.keys()) visit(file, []);
  return cycles;
}

const packages = readdirSync(join(ROOT, "packages"));
const files = packages.flatMap((name) => sourceFiles(join(ROOT, "packages", name, "src")));
const imports = files.flatMap(importsOf);
const problems = imports.flatMap((found) =>
  [layerViolation(found), manifestViolation(found)]
    .filter((problem) => problem !== undefined)
    .map((problem) => `${relative(ROOT, found.file)}: ${problem}`),
);
for (const cycle of findCycles(imports)) problems.push(`cycle: ${cycle}`);

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${files.length} files, ${imports.length} imports: layers hold, no cycle`);
