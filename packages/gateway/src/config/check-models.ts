/** Models of which a provider's catalogue knows nothing: told, and let through, since vendors bring out models faster than catalogues. */
import { nearestNames } from "@dragoman/llm";
import type { CheckContext } from "./check-configuration.ts";
import { splitModel } from "./check-references.ts";
import type { ConfigurationPath } from "./problem.ts";

export function checkModels(context: CheckContext): void {
  const { draft } = context;
  for (const [name, route] of Object.entries(draft.models)) {
    for (const kind of ["targets", "fallback", "overflow"] as const) {
      for (const [index, { model }] of route[kind].entries()) checkModel(["models", name, kind, index, "model"], model, context);
    }
    if (route.complexity !== undefined) checkModel(["models", name, "complexity", "simple"], route.complexity.simple, context);
  }
  for (const [name, { model }] of Object.entries(draft.agents)) checkModel(["agents", name, "model"], model, context);
  for (const [name, { fallback = [], defaultModel }] of Object.entries(draft.providers)) {
    for (const [index, model] of fallback.entries()) checkModel(["providers", name, "fallback", index], model, context);
    if (defaultModel !== undefined)
      checkModel(["providers", name, "defaultModel"], `${name}:${bare(defaultModel, name)}`, context);
  }
}

function bare(model: string, provider: string): string {
  return model.startsWith(`${provider}:`) ? model.slice(provider.length + 1) : model;
}

function checkModel(path: ConfigurationPath, model: string, { known, report, names }: CheckContext): void {
  if (names.models.includes(model)) return;
  const [name, id] = splitModel(model);
  const provider = known.get(name);
  if (provider === undefined || id === undefined || id === "" || provider.supports(id)) return;
  const nearest = nearestNames(id, provider.models).slice(0, 1);
  report(path, `the catalogue of ${name} does not know this model`, {
    severity: "warning",
    ...(nearest.length > 0 ? { nearest: nearest.map((near) => `${name}:${near}`) } : {}),
  });
}
