/** Keys whose variable is not set: told, and let through, since it may be set where the gateway will run. */
import type { CheckContext } from "./check-configuration.ts";
import type { ConfigurationPath } from "./problem.ts";

export function checkVariables({ draft, environment, report }: CheckContext): void {
  if (environment === undefined) return;
  for (const [path, reference] of referencesOf(draft)) {
    const variable = reference?.startsWith("env:") ? reference.slice("env:".length) : undefined;
    if (variable === undefined || environment[variable]?.trim()) continue;
    report(path, `the variable ${variable} is not set`, { severity: "warning", advice: "set it, or write it into .env" });
  }
}

function referencesOf({
  providers,
  keys,
  store,
  cache,
}: CheckContext["draft"]): readonly (readonly [ConfigurationPath, string | undefined])[] {
  return [
    ...Object.entries(providers).flatMap(([name, { key, enabled }]) =>
      enabled === false ? [] : [[["providers", name, "key"], key] as const],
    ),
    ...Object.entries(keys).map(([name, { key }]) => [["keys", name, "key"], key] as const),
    ...(store.type === "postgres" ? [[["store"], store.url] as const] : []),
    ...(typeof cache.store === "object" ? [[["cache", "store", "keyv"], cache.store.keyv] as const] : []),
  ];
}
