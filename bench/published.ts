/** Our packages as a user gets them from the registry: built now, and laid out as an installation lays them out. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { buildPackage } from "../scripts/publishing/build-package.ts";
import { ROOT, type WorkspacePackage, workspacePackages } from "../scripts/publishing/workspace.ts";

/** Below `node_modules`, so that imports of other packages are found and nothing of it is committed. */
const CACHE = join(ROOT, "node_modules/.cache");

export interface Published {
  /** A file below whose folder `@dragoman/llm` resolves to the built package. */
  readonly folder: string;
  /** The command's entry. */
  readonly command: string;
}

/** `name`: of the folder, for whoever runs while another benchmark publishes anew. */
export async function publishLocally(name = "dragoman-bench"): Promise<Published> {
  const folder = join(CACHE, name);
  rmSync(folder, { recursive: true, force: true });
  const built: WorkspacePackage[] = [];
  for (const target of workspacePackages()) {
    await buildPackage(target, built);
    built.push(target);
    install(target, folder);
  }
  return { folder, command: join(folder, "node_modules/dragoman/lib/main.js") };
}

/** A server of the benchmarks as plain JavaScript among the packages as published, for Node strips no types there. Its path. */
export function placeServer(file: string, { folder }: Published): string {
  for (const name of [file, "serve-child.ts"]) {
    const text = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, "servers", name), "utf8"));
    writeFileSync(join(folder, name.replace(/\.ts$/, ".mjs")), text.replaceAll('.ts"', '.mjs"'));
  }
  return join(folder, file.replace(/\.ts$/, ".mjs"));
}

/** Copied, for a link would lead back to where its neighbours are sources. */
function install({ folder, dist, manifest }: WorkspacePackage, root: string): void {
  const to = join(root, "node_modules", manifest.name);
  mkdirSync(to, { recursive: true });
  cpSync(dist, to, { recursive: true });
  // Versions that npm could not put at the root.
  const own = join(folder, "node_modules");
  if (existsSync(own)) symlinkSync(own, join(to, "node_modules"));
}
