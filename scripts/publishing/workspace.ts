/** The packages of this repository, in the order in which they depend on one another. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SourceManifest } from "./publish-manifest.ts";

export const ROOT = resolve(import.meta.dirname, "../..");

export interface WorkspacePackage {
  /** Absolute. */
  readonly folder: string;
  /** Absolute; what is published. */
  readonly dist: string;
  readonly manifest: SourceManifest;
}

/** A package stands after those that it depends on. Throws when they depend on one another in a circle. */
export function workspacePackages(): readonly WorkspacePackage[] {
  const waiting = readdirSync(join(ROOT, "packages")).map((name) => readPackage(join(ROOT, "packages", name)));
  const names = new Set(waiting.map(({ manifest }) => manifest.name));
  const ordered: WorkspacePackage[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ manifest }) =>
      Object.keys(manifest.dependencies ?? {}).every(
        (name) => !names.has(name) || ordered.some((before) => before.manifest.name === name),
      ),
    );
    if (next < 0) throw new Error(`packages depend on one another: ${waiting.map(({ manifest }) => manifest.name).join(", ")}`);
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

function readPackage(folder: string): WorkspacePackage {
  return {
    folder,
    dist: join(folder, "dist"),
    manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as SourceManifest,
  };
}
