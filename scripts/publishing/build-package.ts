/** Builds one package into its `dist/`: JavaScript, declarations, its published manifest, README and LICENSE. */

import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePackage } from "./bundle-package.ts";
import { withBuiltSpecifiers } from "./declaration-specifiers.ts";
import { BUILT_FOLDER, publishManifest } from "./publish-manifest.ts";
import { runCommand } from "./run-command.ts";
import { ROOT, type WorkspacePackage } from "./workspace.ts";

/** `built` are the packages that this one may depend on; it is compiled against their declarations, not their sources. */
export async function buildPackage(target: WorkspacePackage, built: readonly WorkspacePackage[]): Promise<void> {
  await rm(target.dist, { recursive: true, force: true });
  await mkdir(target.dist, { recursive: true });
  await writeDeclarations(target, built);
  await rename(join(target.dist, "src"), join(target.dist, BUILT_FOLDER));
  await rewriteDeclarations(join(target.dist, BUILT_FOLDER));
  await bundlePackage(target);
  const manifest = publishManifest(target.manifest);
  await writeFile(join(target.dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const command of Object.values(manifest.bin ?? {})) await chmod(join(target.dist, command), 0o755);
  await copyFile(ownOrShared(target, "README.md"), join(target.dist, "README.md"));
  await copyFile(ownOrShared(target, "LICENSE"), join(target.dist, "LICENSE"));
}

/** File by file, as the compiler writes them: an editor shows each name where it is declared. */
async function writeDeclarations(target: WorkspacePackage, built: readonly WorkspacePackage[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dragoman-build-"));
  try {
    const project = join(folder, "tsconfig.json");
    await writeFile(project, JSON.stringify(compilerProject(target, built)));
    await runCommand(["tsc", "-p", project]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compilerProject(target: WorkspacePackage, built: readonly WorkspacePackage[]): object {
  return {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      // From the package's root, so that a manifest that is imported as JSON lies within.
      rootDir: target.folder,
      outDir: target.dist,
      declaration: true,
      emitDeclarationOnly: true,
      typeRoots: [join(ROOT, "node_modules/@types")],
      paths: Object.fromEntries(built.flatMap(declarationPaths)),
    },
    include: [join(target.folder, "src")],
  };
}

/** `@dragoman/llm/testing` -> its built declarations. */
function declarationPaths({ dist, manifest }: WorkspacePackage): [string, string[]][] {
  return Object.entries(publishManifest(manifest).exports ?? {}).flatMap(([entry, target]): [string, string[]][] =>
    typeof target === "string" ? [] : [[manifest.name + entry.slice(1), [join(dist, target.types)]]],
  );
}

async function rewriteDeclarations(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true });
  for (const name of entries.filter((entry) => entry.endsWith(".d.ts"))) {
    const file = join(folder, name);
    const declaration = await readFile(file, "utf8");
    const rewritten = withBuiltSpecifiers(declaration);
    if (rewritten !== declaration) await writeFile(file, rewritten);
  }
}

function ownOrShared({ folder, manifest }: WorkspacePackage, name: string): string {
  const found = [join(folder, name), join(ROOT, name)].find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${manifest.name} cannot be published without a ${name}, its own or the root's`);
  return found;
}
