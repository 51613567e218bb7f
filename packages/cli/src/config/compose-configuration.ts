/** A first configuration, with comments, from a few answers. */
import { BUILT_IN_PROVIDERS, type BuiltInProvider, isJsonObject } from "@dragoman/llm";

/** What `dragoman init` asks. */
export interface InitAnswers {
  /** Ids of built-in providers, in the order in which they are tried. At least one. */
  readonly providers: readonly string[];
  /** US dollars a month, for all calls. Absent: none. */
  readonly budgetUsd?: number;
  /** A team with a key of its own. Absent: none. */
  readonly team?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Providers whose key, or credentials, are in the environment. */
export function providersWithKeys(environment: Environment): readonly string[] {
  const isSet = (name: string) => Boolean(environment[name]?.trim());
  return BUILT_IN_PROVIDERS.filter(
    ({ keyVariable, credentialVariables = [] }) =>
      (keyVariable !== undefined && isSet(keyVariable)) || (credentialVariables.length > 0 && credentialVariables.every(isSet)),
  ).map(({ id }) => id);
}

/** What is given, and else what the environment offers; without any key, the two vendors that most begin with. */
export function suggestedAnswers(environment: Environment, given: Partial<InitAnswers>): InitAnswers {
  const found = providersWithKeys(environment).filter((id) => everydayModel(id) !== undefined);
  const providers = found.length > 0 ? found : ["anthropic", "openai"];
  return { providers, budgetUsd: 100, ...given };
}

/** The model behind the alias of a vendor's everyday one; undefined for an engine. */
export function everydayModel(id: string): string | undefined {
  return modelOf(id, "everydayModel");
}

function modelOf(id: string, kind: "everydayModel" | "smallModel"): string | undefined {
  const row = BUILT_IN_PROVIDERS.find((one) => one.id === id);
  const alias = row?.[kind];
  if (row === undefined || alias === undefined) return undefined;
  const aliases = row.create({ secrets: { environment: {} } }).aliases;
  return (isJsonObject(aliases) ? aliases[alias] : undefined) ?? alias;
}

/** YAML that validates. */
export function composeConfiguration({ providers, budgetUsd, team }: InitAnswers): string {
  const smart = modelsOf(providers, "everydayModel");
  const fast = modelsOf(providers, "smallModel");
  const routes = [...(smart.length > 0 ? ["smart"] : []), ...(fast.length > 0 ? ["fast"] : [])];
  return [
    ...HEAD,
    ...providerLines(providers),
    ...routeLines(smart, fast),
    ...(team === undefined ? [] : teamLines(team, routes)),
    ...(budgetUsd === undefined ? [] : budgetLines(budgetUsd)),
    ...TAIL,
  ].join("\n");
}

function modelsOf(providers: readonly string[], kind: "everydayModel" | "smallModel"): readonly string[] {
  return providers.flatMap((id) => {
    const model = modelOf(id, kind);
    return model === undefined ? [] : [`${id}:${model}`];
  });
}

const HEAD = [
  "# yaml-language-server: $schema=dragoman.schema.json",
  "# For help in an editor: dragoman config schema > dragoman.schema.json",
  "# Every key with its meaning: docs/configuration.md. Check this file with: dragoman config validate",
  "",
  "server:",
  "  host: 127.0.0.1",
  "  port: 4242",
  "",
  "# What must not be lost: keys, budgets, the ledger. Also: memory, or env:DATABASE_URL for PostgreSQL.",
  "store: sqlite:./dragoman.db",
  "",
  "# Who serves models. A key never stands here, only where it is: env:NAME, file:PATH or exec:COMMAND.",
  "providers:",
];

function providerLines(providers: readonly string[]): readonly string[] {
  return providers.flatMap((id) => {
    const row = BUILT_IN_PROVIDERS.find((one) => one.id === id);
    return [`  ${id}:${row?.keyVariable === undefined || usesCredentials(row) ? " {}" : ` { key: env:${row.keyVariable} }`}`];
  });
}

/** A cloud whose credentials are more than a key: its own search for them goes on. */
function usesCredentials({ credentialVariables = [] }: BuiltInProvider): boolean {
  return credentialVariables.length > 0;
}

function routeLines(smart: readonly string[], fast: readonly string[]): readonly string[] {
  if (smart.length === 0)
    return [
      "",
      "# Any model may be called as provider:model. A route gives a name to some of them:",
      "# models:",
      "#   smart: ollama:qwen3",
    ];
  return [
    "",
    "# What clients call. The first target answers; where it fails, the fallback is asked in turn.",
    "models:",
    ...route("smart", smart),
    ...(fast.length === 0 ? [] : route("fast", fast)),
    "",
    "# Models may be called without a route as well, as provider:model.",
    "direct_models: true",
  ];
}

function route(name: string, [first = "", ...others]: readonly string[]): readonly string[] {
  if (others.length === 0) return [`  ${name}: ${first}`];
  return [`  ${name}:`, `    targets: [${first}]`, `    fallback: [${others.join(", ")}]`];
}

function teamLines(team: string, routes: readonly string[]): readonly string[] {
  const variable = `${team.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_KEY`;
  return [
    "",
    "# Who may call, and what. More keys: dragoman keys create",
    "teams:",
    `  ${JSON.stringify(team)}:${routes.length === 0 ? " {}" : ` { models: [${routes.join(", ")}] }`}`,
    "keys:",
    `  ${JSON.stringify(`${team}-key`)}:`,
    `    key: env:DRAGOMAN_${variable}   # any long random text`,
    `    team: ${JSON.stringify(team)}`,
    "    limits: [{ requests: 60, per: minute }]",
  ];
}

function budgetLines(budgetUsd: number): readonly string[] {
  return [
    "",
    "# A hard stop, with a warning before it. A span is the calendar's, in UTC.",
    "budgets:",
    `  - { name: everything, usd: ${budgetUsd}, per: month, warn_at: [0.8] }`,
  ];
}

const TAIL = [
  "",
  "# Answers of equal calls, kept for a while. Never shared between teams.",
  "cache: { enabled: false, time_to_live: 5m }",
  "",
  "ledger: { retention: 400d, content: false }",
  "",
];
