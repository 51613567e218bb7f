/** What the schema cannot see: names that lead nowhere, circles, rules that match nothing, keys written down. */
import { isJsonObject } from "@dragoman/llm";
import { checkLimits } from "./check-limits.ts";
import { checkModels } from "./check-models.ts";
import { checkProviders } from "./check-providers.ts";
import { checkReferences } from "./check-references.ts";
import { checkSecrets } from "./check-secrets.ts";
import { checkVariables } from "./check-variables.ts";
import type { ConfigurationDraft } from "./configuration-form.ts";
import type { ConfigurationPath } from "./problem.ts";
import { createReference, type KnownProvider } from "./reference-providers.ts";
import type { FoundProblem } from "./schema-problems.ts";

/** What the checks go by. */
export interface CheckContext {
  readonly draft: ConfigurationDraft;
  /** All names that were written, those of entries with mistakes included: a mistake in a provider does not make it unknown. */
  readonly names: Readonly<Record<NameTable, readonly string[]>>;
  /** Built-in providers with what is known of their models; undefined for what only a vendor, an engine or a package knows. */
  readonly known: ReadonlyMap<string, KnownProvider | undefined>;
  /** The folder whose packages may be named as types. */
  readonly folder: string;
  readonly environment: CheckOptions["environment"] | undefined;
  readonly report: Report;
}

export type NameTable = "providers" | "models" | "agents" | "teams" | "keys";

export type Report = (
  path: ConfigurationPath,
  message: string,
  more?: Omit<FoundProblem, "severity" | "path" | "message"> & { readonly severity?: "warning" },
) => void;

const TABLES = ["providers", "models", "agents", "teams", "keys"] as const satisfies readonly NameTable[];

export interface CheckOptions {
  /** Default: the working directory. */
  readonly folder?: string;
  /** Default: variables are not looked at. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Names of providers that a program brings along, in a registry of its own. Default: none. */
  readonly providers?: readonly string[];
}

/** `tree` is what was written, before anything wrong was left out of it. */
export function checkConfiguration(draft: ConfigurationDraft, tree: unknown, options: CheckOptions): readonly FoundProblem[] {
  const problems: FoundProblem[] = [];
  const context: CheckContext = {
    draft,
    names: namesOf(draft, tree, options.providers ?? []),
    known: createReference(draft.providers),
    folder: options.folder ?? process.cwd(),
    environment: options.environment,
    report: (path, message, more) => problems.push({ severity: "error", path, message, ...more }),
  };
  for (const check of [checkProviders, checkSecrets, checkReferences, checkLimits, checkModels, checkVariables]) check(context);
  return problems;
}

function namesOf(draft: ConfigurationDraft, tree: unknown, brought: readonly string[]): CheckContext["names"] {
  const written = (table: NameTable): readonly string[] => {
    const entries = isJsonObject(tree) ? tree[table] : undefined;
    return [...new Set([...Object.keys(draft[table]), ...(isJsonObject(entries) ? Object.keys(entries) : [])])];
  };
  const names = Object.fromEntries(TABLES.map((table) => [table, written(table)])) as Record<NameTable, readonly string[]>;
  return { ...names, providers: [...new Set([...names.providers, ...brought])] };
}
