/**
 * Bundles a package's sources into few files of JavaScript, as loading hundreds costs more than running them. Each entry
 * point keeps its place under the built folder; what entries share goes into chunks, and what is imported on demand stays
 * so. Dependencies are not bundled, but for the few in `taken-along.ts`.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, relative } from "node:path";
import { type LogLevel, type RolldownLog, rolldown } from "rolldown";
import { asciiOnly } from "./ascii-only.ts";
import { chunkOfTrifles } from "./chunk-of-trifles.ts";
import { chunksOfEntries } from "./chunks-of-entries.ts";
import { compactCatalogues } from "./compact-catalogues.ts";
import { BUILT_FOLDER } from "./publish-manifest.ts";
import { isTakenAlong, licencesOfOthers } from "./taken-along.ts";
import type { WorkspacePackage } from "./workspace.ts";

export async function bundlePackage(target: WorkspacePackage): Promise<void> {
  const sources = join(target.folder, "src");
  const { exports = {}, bin = {} } = target.manifest;
  const named = (files: readonly string[]) => files.map((file) => [nameOf(file, sources), file] as const);
  const exported = named(Object.values(exports).map((file) => join(target.folder, file)));
  const commands = named(Object.values(bin).map((file) => join(target.folder, file)));
  // What is for tests may load all of the package.
  const entries = exported.filter(([name]) => !name.startsWith("testing/"));
  const located = new Set(await locatedEntries(sources));
  await using bundle = await rolldown({
    input: Object.fromEntries([...exported, ...commands, ...named([...located])]),
    platform: "node",
    tsconfig: false,
    external: (id) => !id.startsWith(".") && !isAbsolute(id) && !isTakenAlong(id),
    onLog: refuseWarning,
    plugins: [compactCatalogues, licencesOfOthers, asciiOnly],
  });
  await bundle.write({
    dir: join(target.dist, BUILT_FOLDER),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    codeSplitting: { groups: [...chunksOfEntries(entries, located), ...commands.map(([, file]) => chunkOfTrifles(file))] },
    // The declarations keep them, which is where an editor looks.
    comments: { legal: true, annotation: true, jsdoc: false },
  });
}

function refuseWarning(level: LogLevel, { code, message }: RolldownLog): void {
  // A module that the main entry loads anyway and another imports on demand, for its own entry's sake.
  if (level === "warn" && code !== "INEFFECTIVE_DYNAMIC_IMPORT") throw new Error(message);
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
