/** Names that have to lead somewhere: to a provider, a route, a team. */
import { nearestNames } from "@dragoman/llm";
import type { ModelRoute, RouteTargetEntry } from "../configuration.ts";
import type { CheckContext, NameTable } from "./check-configuration.ts";
import { type ConfigurationPath, pathText } from "./problem.ts";

export function checkReferences(context: CheckContext): void {
  const { draft } = context;
  for (const [name, route] of Object.entries(draft.models)) checkRoute(name, route, context);
  checkCircles(context);
  for (const [name, { fallback = [] }] of Object.entries(draft.providers)) {
    for (const [index, model] of fallback.entries())
      checkModel(["providers", name, "fallback", index], model, "or route", context);
  }
  for (const [name, { model }] of Object.entries(draft.agents)) checkModel(["agents", name, "model"], model, "or route", context);
  for (const [name, { models = [] }] of Object.entries(draft.teams)) checkPatterns(["teams", name, "models"], models, context);
  for (const [name, { team, restrictions }] of Object.entries(draft.keys)) {
    if (team !== undefined) checkName(["keys", name, "team"], team, "teams", "team", context);
    checkPatterns(["keys", name, "restrictions", "models"], restrictions.models ?? [], context);
  }
  for (const [model, provider] of Object.entries(draft.preferred))
    checkName(["preferred", model], provider, "providers", "provider", context);
}

function checkRoute(name: string, route: ModelRoute, context: CheckContext): void {
  const path = ["models", name];
  const [before, after] = splitModel(name);
  if (after !== undefined && (before === "agent" || context.names.providers.includes(before))) {
    context.report(
      path,
      `a route's name must not begin with ${before}:, which is a ${before === "agent" ? "word of ours" : "provider"}`,
      { part: "key" },
    );
  }
  for (const [index, target] of route.targets.entries()) checkTarget([...path, "targets", index], target, "only", context);
  for (const kind of ["fallback", "overflow"] as const) {
    for (const [index, target] of route[kind].entries()) checkTarget([...path, kind, index], target, "or route", context);
  }
  if (route.complexity !== undefined) checkModel([...path, "complexity", "simple"], route.complexity.simple, "only", context);
}

function checkTarget(path: ConfigurationPath, { model, when }: RouteTargetEntry, kind: ModelKind, context: CheckContext): void {
  checkModel([...path, "model"], model, kind, context);
  for (const [index, team] of (when?.teams ?? []).entries())
    checkName([...path, "when", "teams", index], team, "teams", "team", context);
  for (const [index, agent] of (when?.agents ?? []).entries())
    checkName([...path, "when", "agents", index], agent, "agents", "agent", context);
}

/** Whether a route may stand where a model is named. */
type ModelKind = "only" | "or route";

function checkModel(path: ConfigurationPath, model: string, kind: ModelKind, context: CheckContext): void {
  const { names, report, draft } = context;
  const isRoute = names.models.includes(model);
  if (kind === "or route" && isRoute) return;
  const [provider, id] = splitModel(model);
  const isKnown = id !== undefined && names.providers.includes(provider);
  if (isKnown && id === "") report(path, "no model stands behind the colon", { advice: `write ${provider}:MODEL` });
  else if (isKnown) {
    if (draft.providers[provider]?.enabled !== false) return;
    report(path, `the provider ${provider} is not enabled`, { advice: "enable it, or name another" });
  } else if (isRoute) {
    report(path, "a route cannot stand here, only a model", { advice: "name its models, or put the route under fallback" });
  } else if (id === undefined) reportBare(path, model, kind, context);
  else reportNoProvider(path, model, kind, context);
}

function reportNoProvider(path: ConfigurationPath, model: string, kind: ModelKind, context: CheckContext): void {
  const { names, report } = context;
  const [provider, id = ""] = splitModel(model);
  const nearest = [
    ...nearestNames(provider, names.providers).map((near) => `${near}:${id}`),
    ...(kind === "or route" ? nearestNames(model, names.models) : []),
  ].slice(0, 3);
  const advice = names.providers.length === 0 ? "add it under providers" : `known are ${names.providers.slice(0, 12).join(", ")}`;
  report(path, `there is no provider ${JSON.stringify(provider)}`, nearest.length > 0 ? { nearest } : { advice });
}

/** Neither a route nor `provider:model`. */
function reportBare(path: ConfigurationPath, model: string, kind: ModelKind, { names, known, report }: CheckContext): void {
  const owners = [...known].filter(([, provider]) => provider?.supports(model)).map(([provider]) => `${provider}:${model}`);
  const routes = kind === "or route" ? nearestNames(model, names.models) : [];
  const nearest = [...owners, ...routes].slice(0, 3);
  const what =
    kind === "or route"
      ? "it is neither a route nor a model, which is written as provider:model"
      : "a model is written as provider:model";
  report(path, what, nearest.length > 0 ? { nearest } : { advice: "write it as openai:gpt-5" });
}

function checkName(path: ConfigurationPath, name: string, table: NameTable, word: string, { names, report }: CheckContext): void {
  if (names[table].includes(name)) return;
  const nearest = nearestNames(name, names[table]);
  report(path, `there is no such ${word}`, nearest.length > 0 ? { nearest } : { advice: `add it under ${table}` });
}

/** What a key or a team may use: a pattern has to match something that can be called. */
function checkPatterns(path: ConfigurationPath, patterns: readonly string[], context: CheckContext): void {
  const { names, known, report, draft } = context;
  const callable = [...names.models, ...names.agents, ...names.agents.map((agent) => `agent:${agent}`), ...names.providers];
  for (const [index, pattern] of patterns.entries()) {
    const beginning = pattern.endsWith("*") ? pattern.slice(0, -1) : undefined;
    const [provider, id] = splitModel(pattern);
    const isOfProvider = id !== undefined && names.providers.includes(provider);
    const matches =
      beginning === undefined
        ? callable.includes(pattern)
        : callable.some((name) => name.startsWith(beginning)) || names.providers.some((name) => `${name}:`.startsWith(beginning));
    const mayBeBare =
      draft.directModels !== false && [...known.values()].some((one) => one === undefined || one.supports(beginning ?? pattern));
    if (isOfProvider || matches || (id === undefined && mayBeBare)) continue;
    const nearest = nearestNames(pattern, callable);
    report(
      [...path, index],
      "it matches no route and no model",
      nearest.length > 0 ? { nearest } : { advice: "name a route, or a model as provider:model" },
    );
  }
}

/** A route that falls back to itself, over any number of others, would never end. Each circle is told once. */
function checkCircles({ draft, report }: CheckContext): void {
  const done = new Set<string>();
  function visit(name: string, above: readonly string[]): void {
    if (done.has(name)) return;
    const route = draft.models[name];
    for (const kind of ["fallback", "overflow"] as const) {
      for (const [index, { model }] of (route?.[kind] ?? []).entries()) {
        if (!Object.hasOwn(draft.models, model)) continue;
        const circle = [...above, name];
        if (circle.includes(model)) {
          const names = [...circle.slice(circle.indexOf(model)), model];
          report(
            ["models", name, kind, index],
            `routes fall back in a circle: ${names.map((one) => pathText([one])).join(" -> ")}`,
            { advice: "take one of them out" },
          );
        } else visit(model, circle);
      }
    }
    done.add(name);
  }
  for (const name of Object.keys(draft.models)) visit(name, []);
}

/** At the first colon; the second part is undefined where there is none. */
export function splitModel(model: string): readonly [string, string | undefined] {
  const colon = model.indexOf(":");
  return colon === -1 ? [model, undefined] : [model.slice(0, colon), model.slice(colon + 1)];
}
