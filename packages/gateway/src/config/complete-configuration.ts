/** A configuration that a program writes down, with what it leaves out filled in, and the checks of a file. */
import type {
  AgentEntry,
  FailingConfiguration,
  GatewayConfiguration,
  KeyEntry,
  LimitRule,
  ModelRoute,
  ProviderEntry,
  RouteTargetEntry,
  StoreConfiguration,
  TeamEntry,
} from "../configuration.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { gatherConfiguration } from "./gather-configuration.ts";
import type { DraftRule } from "./limit-form.ts";
import { ConfigurationError, type ConfigurationProblem, pathText } from "./problem.ts";
import { readDraft } from "./read-draft.ts";
import type { FoundProblem } from "./schema-problems.ts";

type Named<Value> = Readonly<Record<string, Value>>;

/** What has a default may be left out; what only names a model may be that name. */
export interface PartialGatewayConfiguration {
  readonly server?: Partial<GatewayConfiguration["server"]>;
  /** Or as a file has it: `memory`, `sqlite:./dragoman.db`, `env:DATABASE_URL`. */
  readonly store?: StoreConfiguration | string;
  readonly providers?: Named<ProviderEntry & PartialLimits>;
  readonly models?: Named<PartialModelRoute | string | readonly string[]>;
  readonly agents?: Named<(AgentEntry & PartialLimits) | string>;
  readonly teams?: Named<TeamEntry & PartialLimits>;
  readonly keys?: Named<Omit<KeyEntry, "restrictions"> & Partial<Pick<KeyEntry, "restrictions">> & PartialLimits>;
  readonly limits?: readonly PartialLimitRule[];
  readonly budgets?: readonly PartialLimitRule[];
  readonly cache?: Partial<GatewayConfiguration["cache"]>;
  readonly failing?: Partial<Omit<FailingConfiguration, "breaker">> & {
    readonly breaker?: Partial<FailingConfiguration["breaker"]>;
  };
  readonly ledger?: Partial<GatewayConfiguration["ledger"]>;
  readonly telemetry?: Partial<GatewayConfiguration["telemetry"]>;
  readonly preferred?: Named<string>;
  readonly directModels?: boolean;
}

/** The window may be left out where calls at once are counted. */
export type PartialLimitRule = Pick<LimitRule, "metric" | "amount"> & Partial<DraftRule>;

export interface PartialLimits {
  readonly limits?: readonly PartialLimitRule[];
  readonly budgets?: readonly PartialLimitRule[];
}

export type PartialTarget = string | (Pick<RouteTargetEntry, "model"> & Partial<RouteTargetEntry>);

export interface PartialModelRoute extends Partial<Omit<ModelRoute, "targets" | "fallback" | "overflow" | "complexity">> {
  readonly targets: readonly PartialTarget[];
  readonly fallback?: readonly PartialTarget[];
  readonly overflow?: readonly PartialTarget[];
  readonly complexity?: Partial<ModelRoute["complexity"]> & { readonly simple: string };
}

export interface CompleteConfigurationOptions {
  /** Where packages of providers are looked for. Default: the working directory. */
  readonly folder?: string;
  /** Names of providers that a program brings along, in the registry that it gives to `createGateway`. Default: none. */
  readonly providers?: readonly string[];
  /** Where `env:NAME` is looked up, to warn of what is not set. Default: it is not. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of what is worth a second look, as `loadConfiguration` gives it back for a file. Default: nobody. */
  readonly onWarning?: (warning: ConfigurationProblem) => void;
}

/** Throws a `ConfigurationError` with every problem, as a file would. A complete configuration comes back as it is. */
export function completeConfiguration(
  partial: PartialGatewayConfiguration = {},
  options: CompleteConfigurationOptions = {},
): GatewayConfiguration {
  const { problems, draft, originalPath } = readDraft(partial, "value");
  const found = draft === undefined ? [] : checkConfiguration(draft, partial, options);
  const all = [...problems, ...found.map((problem) => ({ ...problem, path: originalPath(problem.path) }))].map(told);
  if (draft === undefined || all.some(({ severity }) => severity === "error")) throw new ConfigurationError(all);
  if (options.onWarning !== undefined) for (const warning of all) options.onWarning(warning);
  return gatherConfiguration(draft);
}

/** Everything at its default, but for what is given. */
export function defaultConfiguration(overrides: PartialGatewayConfiguration = {}): GatewayConfiguration {
  return completeConfiguration(overrides);
}

function told({ severity, path, message, nearest = [], advice }: FoundProblem): ConfigurationProblem {
  return {
    severity,
    path: pathText(path),
    message,
    ...(nearest.length > 0 && { nearest }),
    ...(advice !== undefined && { advice }),
  };
}
