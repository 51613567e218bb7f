/** Rules that can match nothing, names that stand twice. */
import { nearestNames } from "@dragoman/llm";
import type { Dimension } from "../configuration.ts";
import type { CheckContext, NameTable } from "./check-configuration.ts";
import { splitModel } from "./check-references.ts";
import { placedRules } from "./gather-configuration.ts";
import type { ConfigurationPath } from "./problem.ts";

export function checkLimits(context: CheckContext): void {
  const { draft, report } = context;
  const places = new Map<string, ConfigurationPath>();
  const models = createModelCheck(context);
  for (const { rule, path } of placedRules(draft)) {
    if (places.has(rule.name))
      report([...path, "name"], "another limit has this name", { advice: "give each a name of its own" });
    else places.set(rule.name, path);
    checkOwner(path, context);
    for (const [dimension, values] of Object.entries(rule.of) as [Dimension, readonly string[]][]) {
      const at = [...path, "of", dimension];
      const table = TABLES[dimension];
      for (const [index, value] of values.entries()) {
        if (dimension === "model") models([...at, index], value);
        else if (table !== undefined) checkSubject([...at, index], value, table, context);
      }
    }
  }
  if (draft.store.type === "memory" && [...places.values()].length > 0) warnOfMemory(context);
}

const TABLES: Readonly<Partial<Record<Dimension, NameTable>>> = {
  provider: "providers",
  route: "models",
  key: "keys",
  team: "teams",
  agent: "agents",
};

function checkSubject(path: ConfigurationPath, name: string, table: NameTable, { names, report }: CheckContext): void {
  if (names[table].includes(name)) return;
  // Keys that were made by a command stand in no file; they have public ids.
  if (table === "keys" && (name.startsWith("k_") || name === "local")) return;
  const nearest = nearestNames(name, names[table]);
  report(
    path,
    `this matches nothing: there is no such name under ${table}`,
    nearest.length > 0 ? { nearest } : { advice: `add it under ${table}, or take it out` },
  );
}

/** What stands in a provider, team, key or agent is of it; its `of` names others. */
function checkOwner(path: ConfigurationPath, { draft, report }: CheckContext): void {
  const [table, owner, list, index] = path;
  if (typeof owner !== "string" || typeof index !== "number" || (list !== "limits" && list !== "budgets")) return;
  if (table !== "providers" && table !== "teams" && table !== "keys" && table !== "agents") return;
  const dimension = table.slice(0, -1);
  const written = draft[table][owner]?.[list]?.[index]?.of ?? {};
  if (Object.hasOwn(written, dimension)) {
    report([...path, "of", dimension], `this rule is of the ${dimension} in which it stands`, {
      advice: "leave it out, or move the rule to limits",
    });
  }
}

/** Which models can be called at all: those of routes, and of providers where models may be called directly. */
function createModelCheck({ draft, known, names, report }: CheckContext): (path: ConfigurationPath, model: string) => void {
  const routed = Object.values(draft.models).flatMap(({ targets, fallback, overflow, complexity }) => [
    ...[...targets, ...fallback, ...overflow].map(({ model }) => model),
    ...(complexity === undefined ? [] : [complexity.simple]),
  ]);
  const direct = Object.values(draft.providers).flatMap(({ fallback = [], defaultModel, aliases = {} }) => [
    ...fallback,
    ...(defaultModel === undefined ? [] : [defaultModel]),
    ...Object.keys(aliases),
    ...Object.values(aliases),
  ]);
  const agents = Object.values(draft.agents).map(({ model }) => model);
  const callable = new Set([...routed, ...direct, ...agents].map((model) => bareModel(model, names.providers)));
  const isOpen = draft.directModels ?? Object.keys(draft.models).length === 0;
  const isAnybodys = (model: string) =>
    [...known.values()].some((provider) => provider === undefined || provider.supports(model));
  return (path, model) => {
    const [provider, id] = splitModel(model);
    if (id !== undefined && names.providers.includes(provider)) {
      report(path, "a model is named here without its provider", { advice: `write of: { provider: ${provider}, model: … }` });
      return;
    }
    if (callable.has(model) || (isOpen && isAnybodys(model))) return;
    const catalogues = isOpen ? [...known.values()].flatMap((one) => one?.models ?? []) : [];
    const nearest = nearestNames(model, [...callable, ...catalogues]);
    report(
      path,
      "this matches nothing: no route and no provider has this model",
      nearest.length > 0 ? { nearest } : { advice: "name a model of a route, without its provider" },
    );
  };
}

function bareModel(model: string, providers: readonly string[]): string {
  const [provider, id] = splitModel(model);
  return id !== undefined && providers.includes(provider) ? id : model;
}

function warnOfMemory({ draft, report }: CheckContext): void {
  const long = placedRules(draft).find(({ rule }) => rule.metric === "usd" || rule.window.type === "calendar");
  if (long === undefined) return;
  report(["store"], "budgets are forgotten when the gateway ends", {
    severity: "warning",
    advice: "write store: sqlite:./dragoman.db",
  });
}
