/**
 * What the command keeps for a user: findings of `probe` (`capabilities.json`) and a refreshed catalogue
 * (`catalogue/<provider>.generated.json`), under `DRAGOMAN_HOME`, else `$XDG_CONFIG_HOME/dragoman`, else `~/.config/dragoman`.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { type CapabilityFacts, type Catalogue, DragomanError, isJsonObject } from "@dragoman/llm";

/** Provider id -> model id -> facts. */
export type SavedCapabilities = Readonly<Record<string, Readonly<Record<string, CapabilityFacts>>>>;

export interface UserData {
  readonly capabilities: SavedCapabilities;
  readonly catalogues: Readonly<Record<string, Catalogue>>;
}

export function userFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment.DRAGOMAN_HOME?.trim();
  if (own) return own;
  return join(environment.XDG_CONFIG_HOME?.trim() || join(homedir(), ".config"), "dragoman");
}

export function catalogueFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), "catalogue");
}

export async function readUserData(environment: NodeJS.ProcessEnv = process.env): Promise<UserData> {
  const saved = await readJson(capabilitiesFile(environment));
  return { capabilities: (saved ?? {}) as SavedCapabilities, catalogues: await readCatalogues(environment) };
}

/** Adds findings to what is kept. Written beside and renamed, so that a crash leaves the old file whole. */
export async function saveCapabilities(
  provider: string,
  model: string,
  facts: CapabilityFacts,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { capabilities } = await readUserData(environment);
  const next = {
    ...capabilities,
    [provider]: { ...capabilities[provider], [model]: { ...capabilities[provider]?.[model], ...facts } },
  };
  const file = capabilitiesFile(environment);
  await mkdir(userFolder(environment), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(next, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}

function capabilitiesFile(environment: NodeJS.ProcessEnv): string {
  return join(userFolder(environment), "capabilities.json");
}

async function readCatalogues(environment: NodeJS.ProcessEnv): Promise<Record<string, Catalogue>> {
  const folder = catalogueFolder(environment);
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(".generated.json"));
  const entries = await Promise.all(
    files.map(async (name) => [basename(name, ".generated.json"), await readJson(join(folder, name))] as const),
  );
  return Object.fromEntries(
    entries.filter((entry): entry is [string, Record<string, never>] => entry[1] !== undefined),
  ) as unknown as Record<string, Catalogue>;
}

/** Undefined when the file is not there. Throws `configuration` when it is there and cannot be read. */
async function readJson(file: string): Promise<object | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Falls through to the one error below.
  }
  throw new DragomanError({
    code: "configuration",
    detail: `${file} is not a JSON object`,
    advice: "delete the file or restore it; it is written by dragoman probe and dragoman models refresh",
  });
}
