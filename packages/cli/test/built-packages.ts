/**
 * The packages as they are published, for tests that start the command a hundred times: of a start from sources, more than
 * half is finding and loading hundreds of files. Bundled once for each state of the sources.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundlePackage } from "../../../scripts/publishing/bundle-package.ts";
import { publishManifest } from "../../../scripts/publishing/publish-manifest.ts";
import { ROOT, type WorkspacePackage, workspacePackages } from "../../../scripts/publishing/workspace.ts";

/** Below the root's `node_modules`, where dependencies are found. */
const KEPT = join(ROOT, "node_modules/.cache/dragoman-test-packages");
/** What was built earlier than this is removed by the next build. */
const KEPT_MS = 3_600_000;

/** The absolute path of the built command `dragoman`. */
export async function builtCommand(): Promise<string> {
  return join(await builtPackages(), "node_modules/dragoman/lib/main.js");
}

async function builtPackages(): Promise<string> {
  const packages = workspacePackages();
  const folder = join(KEPT, await stateOf(packages));
  if (existsSync(folder)) return folder;
  await removeOld();
  const unfinished = await mkdtemp(join(KEPT, "unfinished-"));
  await Promise.all(packages.map((target) => build(target, unfinished)));
  // Another thread may have been first with the same.
  await rename(unfinished, folder).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

async function build(target: WorkspacePackage, folder: string): Promise<void> {
  const dist = join(folder, "node_modules", target.manifest.name);
  await mkdir(dist, { recursive: true });
  await bundlePackage({ ...target, dist });
  await writeFile(join(dist, "package.json"), JSON.stringify(publishManifest(target.manifest)));
  // Dependencies that are not shared with other packages.
  const own = join(target.folder, "node_modules");
  if (existsSync(own)) await symlink(own, join(dist, "node_modules"), "junction");
}

/** Changes whenever a source, a manifest or the way of building does. */
async function stateOf(packages: readonly WorkspacePackage[]): Promise<string> {
  const folders = [join(ROOT, "scripts/publishing"), ...packages.map(({ folder }) => join(folder, "src"))];
  const files = packages.map(({ folder }) => join(folder, "package.json"));
  for (const folder of folders) files.push(...(await readdir(folder, { recursive: true })).map((name) => join(folder, name)));
  const states = await Promise.all(files.map(async (file) => [file, await stat(file)] as const));
  const hash = createHash("sha256");
  for (const [file, { mtimeMs, size }] of states) hash.update(`${file} ${mtimeMs} ${size}\n`);
  return hash.digest("hex").slice(0, 16);
}

async function removeOld(): Promise<void> {
  await mkdir(KEPT, { recursive: true });
  for (const name of await readdir(KEPT)) {
    const folder = join(KEPT, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(folder, { recursive: true, force: true });
  }
}
