/** Our packages as a user gets them from the registry: built now, and laid out as an installation lays them out. */
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { buildPackage } from "../scripts/publishing/build-package.ts";
import { ROOT, type WorkspacePackage, workspacePackages } from "../scripts/publishing/workspace.ts";

/** Below `node_modules`, so that imports of other packages are found and nothing of it is committed. */
const PUBLISHED = join(ROOT, "node_modules/.cache/dragoman-bench");

export interface Published {
  /** A file below whose folder `@dragoman/llm` resolves to the built package. */
  readonly folder: string;
  /** The command's entry. */
  readonly command: string;
}

export async function publishLocally(): Promise<Published> {
  rmSync(PUBLISHED, { recursive: true, force: true });
  const built: WorkspacePackage[] = [];
  for (const target of workspacePackages()) {
    await buildPackage(target, built);
    built.push(target);
    install(target);
  }
  return { folder: PUBLISHED, command: join(PUBLISHED, "node_modules/dragoman/lib/main.js") };
}

/** Copied, for a link would lead back to where its neighbours are sources. */
function install({ folder, dist, manifest }: WorkspacePackage): void {
  const to = join(PUBLISHED, "node_modules", manifest.name);
  mkdirSync(to, { recursive: true });
  cpSync(dist, to, { recursive: true });
  // Versions that npm could not put at the root.
  const own = join(folder, "node_modules");
  if (existsSync(own)) symlinkSync(own, join(to, "node_modules"));
}
