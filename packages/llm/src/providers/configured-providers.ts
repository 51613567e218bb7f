/** Providers out of configuration that is checked key by key. */
import { findPackageJSON } from "node:module";
import { join, resolve as resolvePath, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { OwnPricing } from "../pricing.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { createRegistry, nearestNames, type Registry } from "../registry.ts";
import type { Timeouts } from "../request.ts";
import { BUILT_IN_PROVIDERS } from "./built-in.ts";
import {
  COMPATIBLE_OPTIONS,
  type LoadProvidersOptions,
  type ProviderConfiguration,
  type ProviderPackage,
  type ProvidersConfiguration,
} from "./load-providers.ts";
import { type OpenAICompatibleDefinition, openaiCompatible } from "./openai-compatible.ts";

const KEYS = [
  "type",
  "enabled",
  "key",
  "baseUrl",
  "headers",
  "timeouts",
  "streamBytesMax",
  "prices",
  "aliases",
  "capabilities",
  "options",
] as const satisfies readonly (keyof ProviderConfiguration)[];
const TOP_KEYS = ["providers", "aliases", "preferred"] as const satisfies readonly (keyof ProvidersConfiguration)[];

const TIMEOUT_KEYS = [
  "connectMs",
  "firstByteMs",
  "firstTokenMs",
  "idleMs",
  "totalMs",
] as const satisfies readonly (keyof Timeouts)[];
const PRICE_KEYS = [
  "inputPerMillionUsd",
  "outputPerMillionUsd",
  "cacheReadPerMillionUsd",
  "cacheWritePerMillionUsd",
  "cacheWriteOneHourPerMillionUsd",
  "inputAudioPerMillionUsd",
  "outputAudioPerMillionUsd",
  "toolCallsPerThousandUsd",
  "webSearchesPerThousandUsd",
  "fileSearchesPerThousandUsd",
  "requestsPerThousandUsd",
  "tiers",
  "hours",
  "batchFactor",
] as const satisfies readonly (keyof OwnPricing)[];

export async function configuredProviders(
  configuration: ProvidersConfiguration,
  options: LoadProvidersOptions,
): Promise<Registry> {
  checkKeys(configuration, TOP_KEYS, "");
  const rows = Object.entries(configuration.providers ?? {});
  for (const [name, row] of rows) checkRow(name, row);
  const providers = await Promise.all(
    rows.filter(([, row]) => row.enabled !== false).map(([name, row]) => loadProvider(name, row, options)),
  );
  const { aliases, preferred } = configuration;
  return createRegistry(providers, { ...(aliases && { aliases }), ...(preferred && { preferred }) });
}

function checkRow(name: string, row: ProviderConfiguration): void {
  const path = `providers.${name}`;
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name)) throw wrong(path, "a provider's name is letters, digits, dots and dashes");
  checkKeys(row, KEYS, path);
  if (row.key !== undefined && !/^(env|file|exec):./.test(row.key)) {
    throw wrong(`${path}.key`, "a key is named by reference, never written down", "write env:NAME, file:PATH or exec:COMMAND");
  }
  for (const key of ["type", "baseUrl"] as const) {
    if (row[key] !== undefined && typeof row[key] !== "string") throw wrong(`${path}.${key}`, "it must be text");
  }
  if (row.baseUrl !== undefined && !URL.canParse(row.baseUrl)) throw wrong(`${path}.baseUrl`, "it is no URL");
  if (row.timeouts !== undefined) checkAmounts(row.timeouts, TIMEOUT_KEYS, `${path}.timeouts`);
  if (row.streamBytesMax !== undefined && !(Number.isInteger(row.streamBytesMax) && row.streamBytesMax > 0)) {
    throw wrong(`${path}.streamBytesMax`, "it must be bytes, as a whole number above 0");
  }
  for (const [model, price] of Object.entries(row.prices ?? {})) {
    const { tiers: _tiers, hours: _hours, ...rates } = isJsonObject(price as JsonValue) ? price : {};
    checkKeys(price, PRICE_KEYS, `${path}.prices.${model}`);
    checkAmounts(rates, PRICE_KEYS, `${path}.prices.${model}`);
  }
}

function checkAmounts(value: object, known: readonly string[], path: string): void {
  checkKeys(value, known, path);
  for (const [key, amount] of Object.entries(value)) {
    if (typeof amount !== "number" || !(amount >= 0)) throw wrong(`${path}.${key}`, "it must be a number of 0 or more");
  }
}

function checkKeys(value: unknown, known: readonly string[], path: string): void {
  if (!isJsonObject(value as JsonValue)) throw wrong(path || "configuration", "it must be an object");
  for (const key of Object.keys(value as JsonObject)) {
    if (known.includes(key)) continue;
    const [nearest] = nearestNames(key, known);
    const advice = nearest === undefined ? `known are ${known.join(", ")}` : `did you mean ${nearest}?`;
    throw wrong(path === "" ? key : `${path}.${key}`, "there is no such setting", advice);
  }
}

async function loadProvider(name: string, row: ProviderConfiguration, load: LoadProvidersOptions): Promise<Provider> {
  const { type = name, enabled: _enabled, options: own, key, ...shared } = row;
  const path = `providers.${name}`;
  checkOwnOptions(type, row, path);
  const create = await creatorOf(type, path, load.folder ?? process.cwd());
  const options: ProviderOptions = {
    ...(own as ProviderOptions | undefined),
    ...shared,
    ...(key === undefined ? {} : { key: key as `env:${string}` }),
    ...(load.environment === undefined ? {} : { secrets: { environment: load.environment } }),
    id: name,
  };
  return create(options);
}

/** The type of any server that speaks OpenAI's chat wire. */
const COMPATIBLE = "openai-compatible";
type CompatibleOptions = ProviderOptions & Pick<OpenAICompatibleDefinition, (typeof COMPATIBLE_OPTIONS)[number]>;

function createCompatible(options: CompatibleOptions): Provider {
  const { name, quirks, keyOptional, modelPrefixes, modelsPath, embeddings, rerank, ...shared } = options;
  const own = { name, quirks, keyOptional, modelPrefixes, modelsPath, embeddings, rerank };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const key = shared.key === undefined ? {} : { key: shared.key };
  return openaiCompatible({ ...given, ...key, id: shared.id ?? COMPATIBLE, baseUrl: shared.baseUrl ?? "", options: shared });
}

/** A stranger's package checks its own; those of built-in types are known here. */
function checkOwnOptions(type: string, { options = {}, baseUrl }: ProviderConfiguration, path: string): void {
  const builtIn = BUILT_IN_PROVIDERS.find(({ id }) => id === type);
  const known = type === COMPATIBLE ? COMPATIBLE_OPTIONS : builtIn?.optionNames;
  if (builtIn !== undefined || type === COMPATIBLE) checkKeys(options, known ?? [], `${path}.options`);
  if (type === COMPATIBLE && baseUrl === undefined)
    throw wrong(`${path}.baseUrl`, "an openai-compatible server needs its address");
}

async function creatorOf(type: string, path: string, folder: string): Promise<ProviderPackage["createProvider"]> {
  const builtIn = BUILT_IN_PROVIDERS.find(({ id }) => id === type);
  if (builtIn !== undefined) return builtIn.create;
  if (type === COMPATIBLE) return createCompatible;
  const entry = await entryOf(type, path, folder);
  const loaded: unknown = await import(pathToFileURL(entry).href).catch((error: unknown) => {
    throw wrong(path, `the package ${type} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (isProviderPackage(loaded)) return loaded.createProvider;
  throw wrong(path, `the package ${type} exports no function createProvider`, "see docs/providers/writing-a-provider.md");
}

function isProviderPackage(loaded: unknown): loaded is ProviderPackage {
  return (
    typeof loaded === "object" && loaded !== null && "createProvider" in loaded && typeof loaded.createProvider === "function"
  );
}

/** The file that the package's name stands for, by its own manifest. A path or an address is no name. */
async function entryOf(type: string, path: string, folder: string): Promise<string> {
  const manifestFile = /^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(type) ? manifestOf(type, folder) : undefined;
  if (manifestFile === undefined) {
    const nearest = nearestNames(
      type,
      BUILT_IN_PROVIDERS.map(({ id }) => id),
    );
    const advice = `${nearest.length === 0 ? "" : `did you mean ${nearest.join(" or ")}? Else `}install the package: npm install ${type}`;
    throw wrong(path, `no built-in provider and no installed package is named ${type}`, advice);
  }
  const { readFile } = await import("node:fs/promises");
  const manifest: unknown = JSON.parse(await readFile(manifestFile, "utf8"));
  const entry = isJsonObject(manifest) ? (exportedEntry(manifest.exports) ?? manifest.main ?? "index.js") : "index.js";
  const packageFolder = join(manifestFile, "..");
  const file = resolvePath(packageFolder, String(entry));
  if (!file.startsWith(packageFolder + sep)) throw wrong(path, `the package ${type} names an entry outside itself`);
  return file;
}

function manifestOf(type: string, folder: string): string | undefined {
  try {
    return findPackageJSON(type, pathToFileURL(join(folder, "package.json")));
  } catch {
    return undefined;
  }
}

function exportedEntry(exports: JsonValue | undefined): string | undefined {
  if (typeof exports === "string") return exports;
  if (!isJsonObject(exports)) return undefined;
  return exportedEntry(exports["."] ?? exports.import ?? exports.node ?? exports.default);
}

function wrong(field: string, detail: string, advice?: string): DragomanError {
  return new DragomanError({
    code: "configuration",
    field,
    detail: `${field}: ${detail}`,
    ...(advice === undefined ? {} : { advice }),
  });
}
