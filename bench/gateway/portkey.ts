/** Where Portkey's gateway is, if this machine has it. It is no dependency of the project. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface InstalledPortkey {
  readonly folder: string;
  readonly version: string;
}

const PACKAGE = "node_modules/@portkey-ai/gateway";

/** A folder in whose `node_modules` it is. Default: the project's own. */
export const PORTKEY_FOLDER = "DRAGOMAN_BENCH_PORTKEY";

/** Throws when a folder is named that does not have it. */
export function findPortkey(): InstalledPortkey | undefined {
  const named = process.env[PORTKEY_FOLDER];
  const folder = join(named ?? join(import.meta.dirname, "../.."), PACKAGE);
  const manifest = join(folder, "package.json");
  if (existsSync(manifest)) return { folder, version: versionOf(readFileSync(manifest, "utf8")) };
  if (named !== undefined) throw new Error(`${PORTKEY_FOLDER} names a folder without ${PACKAGE}: ${named}`);
  return undefined;
}

function versionOf(manifest: string): string {
  const { version } = JSON.parse(manifest) as { readonly version?: unknown };
  return typeof version === "string" ? version : "of an unknown version";
}
