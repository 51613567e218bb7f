/**
 * What the command keeps for a user: findings of `probe` (`capabilities.json`) and a refreshed catalogue
 * (`catalogue/<provider>.generated.json`), under `DRAGOMAN_HOME`, else `$XDG_CONFIG_HOME/dragoman`, else `~/.config/dragoman`.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import {
  CAPABILITY_NAMES,
  type CapabilityFacts,
  type Catalogue,
  DragomanError,
  isJsonObject,
  type JsonObject,
} from "@dragoman/llm";

/** Provider id -> model id -> facts. */
export type SavedCapabilities = Readonly<Record<string, Readonly<Record<string, CapabilityFacts>>>>;

export interface UserData {
  readonly capabilities: SavedCapabilities;
  readonly catalogues: Readonly<Record<string, Catalogue>>;
}

const CATALOGUE_ENDING = ".generated.json";

export function userFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment.DRAGOMAN_HOME?.trim();
  if (own) return own;
  return join(environment.XDG_CONFIG_HOME?.trim() || join(homedir(), ".config"), "dragoman");
}

export function catalogueFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), "catalogue");
}

export function capabilitiesFile(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), "capabilities.json");
}

/** Throws `configuration` when a file is there and is not what we write. */
export async function readUserData(environment: NodeJS.ProcessEnv = process.env): Promise<UserData> {
  const [capabilities, catalogues] = await Promise.all([readCapabilities(environment), readCatalogues(environment)]);
  return { capabilities, catalogues };
}

/** Adds findings to what is kept. Written beside and renamed, so that a crash leaves the old file whole. */
export async function saveCapabilities(
  provider: string,
  model: string,
  facts: CapabilityFacts,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const capabilities = await readCapabilities(environment);
  const next = {
    ...capabilities,
    [provider]: { ...capabilities[provider], [model]: { ...capabilities[provider]?.[model], ...facts } },
  };
  const file = capabilitiesFile(environment);
  await mkdir(userFolder(environment), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, `${JSON.stringify(next, null, 2)}\n`);
  await rename(beside, file);
  return file;
}

async function readCapabilities(environment: NodeJS.ProcessEnv): Promise<SavedCapabilities> {
  const file = capabilitiesFile(environment);
  const saved = (await readJson(file)) ?? {};
  const isRight = Object.values(saved).every(
    (models) => isJsonObject(models) && Object.values(models).every((facts) => isJsonObject(facts) && areFacts(facts)),
  );
  if (!isRight) throw damaged(file, "does not hold findings of models");
  return saved as SavedCapabilities;
}

const FACT_NAMES: ReadonlySet<string> = new Set(CAPABILITY_NAMES);
const SIZE_NAMES: ReadonlySet<string> = new Set(["contextWindowTokens", "outputTokensMax"]);

/** Names that a later version may have written are let through; values of the wrong kind are not. */
function areFacts(facts: JsonObject): boolean {
  return Object.entries(facts).every(([name, value]) =>
    FACT_NAMES.has(name) ? typeof value === "boolean" : !SIZE_NAMES.has(name) || typeof value === "number",
  );
}

async function readCatalogues(environment: NodeJS.ProcessEnv): Promise<Record<string, Catalogue>> {
  const folder = catalogueFolder(environment);
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(CATALOGUE_ENDING));
  const entries = await Promise.all(
    files.map(async (name): Promise<[string, Catalogue]> => {
      const file = join(folder, name);
      const catalogue = await readJson(file);
      if (!isCatalogue(catalogue)) throw damaged(file, "is no catalogue");
      return [basename(name, CATALOGUE_ENDING), catalogue];
    }),
  );
  return Object.fromEntries(entries);
}

/** Its rows are trusted in their depth, as they are written by `refresh-catalogue.ts` alone. */
export function isCatalogue(value: unknown): value is Catalogue {
  return (
    isJsonObject(value) &&
    typeof value.version === "string" &&
    Array.isArray(value.models) &&
    value.models.every((row: unknown) => isJsonObject(row) && typeof row.id === "string")
  );
}

/** Undefined when the file is not there. */
async function readJson(file: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw damaged(file, "cannot be read");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(file, "is not JSON");
  }
  if (!isJsonObject(value)) throw damaged(file, "is not a JSON object");
  return value;
}

function damaged(file: string, what: string): DragomanError {
  return new DragomanError({
    code: "configuration",
    detail: `${file} ${what}`,
    advice: "delete or restore the file; dragoman probe and dragoman models refresh write it",
  });
}
