/** Types that exist, and options that they take. */
import { findPackageJSON } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BUILT_IN_PROVIDERS, COMPATIBLE_OPTIONS, nearestNames } from "@dragoman/llm";
import type { ProviderEntry } from "../configuration.ts";
import type { CheckContext } from "./check-configuration.ts";
import { snakeCase } from "./form.ts";

const COMPATIBLE = "openai-compatible";
const TYPES = [...BUILT_IN_PROVIDERS.map(({ id }) => id), COMPATIBLE];

export function checkProviders(context: CheckContext): void {
  for (const [name, entry] of Object.entries(context.draft.providers)) {
    checkType(name, entry, context);
    checkOptions(name, entry, context);
  }
}

function checkType(name: string, { type = name, type: written, baseUrl }: ProviderEntry, { report, folder }: CheckContext): void {
  const path = ["providers", name];
  if (type === COMPATIBLE && baseUrl === undefined) {
    report(path, "an openai-compatible server needs its address", { part: "key", advice: "add base_url" });
  }
  if (TYPES.includes(type) || isInstalled(type, folder)) return;
  const nearest = nearestNames(type, TYPES);
  report(
    written === undefined ? path : [...path, "type"],
    "there is no built-in provider and no installed package of this name",
    {
      ...(written === undefined ? { part: "key" } : {}),
      nearest,
      ...(nearest.length === 0 ? { advice: "name its type, as type: openai-compatible, or install its package" } : {}),
    },
  );
}

function isInstalled(type: string, folder: string): boolean {
  if (!/^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(type)) return false;
  try {
    return findPackageJSON(type, pathToFileURL(join(folder, "package.json"))) !== undefined;
  } catch {
    return false;
  }
}

/** A stranger's package checks its own. */
function checkOptions(name: string, { type = name, options = {} }: ProviderEntry, { report }: CheckContext): void {
  const builtIn = BUILT_IN_PROVIDERS.find(({ id }) => id === type);
  const taken: readonly string[] | undefined = type === COMPATIBLE ? COMPATIBLE_OPTIONS : builtIn && (builtIn.optionNames ?? []);
  if (taken === undefined) return;
  for (const key of Object.keys(options)) {
    if (taken.includes(key)) continue;
    const known = taken.map(snakeCase);
    const nearest = nearestNames(snakeCase(key), known).slice(0, 1);
    const advice = known.length === 0 ? `${type} takes no options` : `known are ${known.join(", ")}`;
    report(["providers", name, "options", key], "there is no such option", {
      part: "key",
      ...(nearest.length > 0 ? { nearest } : { advice }),
    });
  }
}
