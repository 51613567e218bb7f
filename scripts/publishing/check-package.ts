/** Whether a built package is fit for the registry: publint for the manifest, attw for the types of every entry point. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import type { WorkspacePackage } from "./workspace.ts";

export async function checkPackage({ dist, manifest }: WorkspacePackage): Promise<void> {
  await refuseSourceSpecifiers(dist);
  await runCommand(["publint", dist, "--strict", "--pack", "npm"]);
  // A package that is only a command has no types to resolve.
  if (manifest.exports !== undefined) await runCommand(["attw", "--pack", dist, "--profile", "esm-only", "--no-color"]);
}

/** A statement or a type that names a relative `.ts` file; a string that holds such a line does not begin with it. */
const SOURCE_SPECIFIER = /^(?:(?:import|export|declare module|\})[^"'\n]*|.*\bimport\()["']\.[^"'\n]*\.ts["']/m;

/** No built file may import a source: there is none in the package. */
async function refuseSourceSpecifiers(dist: string): Promise<void> {
  const left: string[] = [];
  for (const name of (await readdir(dist, { recursive: true })).filter((entry) => /\.(js|d\.ts)$/.test(entry))) {
    const code = (await readFile(join(dist, name), "utf8")).replace(/\/\*[\s\S]*?\*\//g, "");
    if (SOURCE_SPECIFIER.test(code)) left.push(name);
  }
  if (left.length > 0) throw new Error(`these built files still name sources:\n${left.join("\n")}`);
}
