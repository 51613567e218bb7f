import { existsSync } from "node:fs";
import type { EnvironmentFile } from "../environment-file.ts";
import { capabilitiesFile, catalogueFolder, readUserData, userFolder } from "../user-data.ts";
import { VERSION } from "../version.ts";

/** What of this installation decides how the command behaves. */
export interface Installation {
  readonly version: string;
  readonly node: string;
  readonly environmentFile: EnvironmentFile;
  readonly files: {
    readonly folder: string;
    /** Absent when there is none. */
    readonly capabilities?: string;
    /** Own catalogues, which replace the bundled ones: provider id -> version. */
    readonly catalogues: Readonly<Record<string, string>>;
    readonly catalogueFolder: string;
  };
}

/** Throws `configuration` for a file of ours that is damaged. */
export async function describeInstallation(environmentFile: EnvironmentFile): Promise<Installation> {
  const { catalogues } = await readUserData();
  const capabilities = capabilitiesFile();
  return {
    version: VERSION,
    node: process.version,
    environmentFile,
    files: {
      folder: userFolder(),
      ...(existsSync(capabilities) ? { capabilities } : {}),
      catalogues: Object.fromEntries(Object.entries(catalogues).map(([provider, { version }]) => [provider, version])),
      catalogueFolder: catalogueFolder(),
    },
  };
}
