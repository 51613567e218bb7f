/**
 * Bundles a package's sources into few files of JavaScript, as loading hundreds costs more than running them. Each entry
 * point keeps its place under the built folder; what the main one loads is one chunk, what else is shared goes into others,
 * and what is imported on demand stays so. Dependencies are not bundled.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, relative } from "node:path";
import { type ChunkingContext, type CodeSplittingNameFunction, type LogLevel, type RolldownLog, rolldown } from "rolldown";
import { asciiOnly } from "./ascii-only.ts";
import { compactCatalogues } from "./compact-catalogues.ts";
import { BUILT_FOLDER } from "./publish-manifest.ts";
import type { WorkspacePackage } from "./workspace.ts";

export async function bundlePackage(target: WorkspacePackage): Promise<void> {
  const sources = join(target.folder, "src");
  const entries = new Set([...declaredEntries(target), ...(await locatedEntries(sources))]);
  await using bundle = await rolldown({
    input: Object.fromEntries([...entries].map((file) => [nameOf(file, sources), file])),
    platform: "node",
    tsconfig: false,
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    onLog: refuseWarning,
    plugins: [compactCatalogues, asciiOnly],
  });
  await bundle.write({
    dir: join(target.dist, BUILT_FOLDER),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    codeSplitting: {
      groups: [{ debugName: "main", name: mainChunk(join(sources, "index.ts"), entries) }],
    },
    // The declarations keep them, which is where an editor looks.
    comments: { legal: true, annotation: true, jsdoc: false },
  });
}

function refuseWarning(level: LogLevel, { code, message }: RolldownLog): void {
  // A module that the main entry loads anyway and another imports on demand, for its own entry's sake.
  if (level === "warn" && code !== "INEFFECTIVE_DYNAMIC_IMPORT") throw new Error(message);
}

/**
 * Puts what `main` loads at once into one chunk, but for other entries and what leads to them: the bundler takes everything
 * along that a chunk's modules load, and who wants one of those entries wants no more than that.
 */
function mainChunk(main: string, entries: ReadonlySet<string>): CodeSplittingNameFunction {
  const leadsToEntry = (module: string, context: ChunkingContext) =>
    [...loadedAtOnce(module, context)].some((other) => other !== main && entries.has(other));
  let loaded: ReadonlySet<string> | undefined;
  return (module, context) => {
    loaded ??= loadedAtOnce(main, context);
    return loaded.has(module) && !leadsToEntry(module, context) ? "main" : null;
  };
}

function loadedAtOnce(main: string, context: ChunkingContext): ReadonlySet<string> {
  const loaded = new Set([main]);
  for (const module of loaded) for (const imported of context.getModuleInfo(module)?.importedIds ?? []) loaded.add(imported);
  return loaded;
}

/** Entry points and commands of the manifest, as absolute paths of sources. */
function declaredEntries({ folder, manifest }: WorkspacePackage): readonly string[] {
  const { exports = {}, bin = {} } = manifest;
  return [...Object.values(exports), ...Object.values(bin)].map((file) => join(folder, file));
}

/** A module that asks where it lies, to find a file beside it. */
const OWN_ADDRESS = "import.meta.url";
const NAMED_FILE = /"(\.[^"\n]*\.ts)"/g;

/**
 * A module that starts a worker beside itself, and the worker, which nothing imports. Both are entries, so that the path
 * from one to the other stays what the source says.
 */
async function locatedEntries(sources: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await readdir(sources, { recursive: true })).filter((entry) => entry.endsWith(".ts"))) {
    const file = join(sources, name);
    const code = await readFile(file, "utf8");
    if (!code.includes(OWN_ADDRESS)) continue;
    const address = code.split("\n").filter((line) => line.includes(OWN_ADDRESS));
    const named = address.flatMap((line) => [...line.matchAll(NAMED_FILE)].map(([, path = ""]) => join(dirname(file), path)));
    found.push(file, ...named);
  }
  return found;
}

function nameOf(file: string, sources: string): string {
  const path = relative(sources, file);
  return path.slice(0, -extname(path).length);
}
