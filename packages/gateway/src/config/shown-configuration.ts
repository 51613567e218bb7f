/** A configuration as it may be shown: keys by where they are, and nothing that could be a key itself. */
import { isJsonObject, redactSecrets } from "@dragoman/llm";
import type { GatewayConfiguration } from "../configuration.ts";
import { type ConfigurationChange, diffConfigurations } from "./diff-configurations.ts";
import { configurationValues } from "./render-configuration.ts";

const REFERENCE = /^(?:env|file|exec):\S/;
const SECRET_NAME = /(?:^|[_-])(?:key|secret|token|password|passphrase|credentials?)$|^(?:proxy-)?authorization$|^cookie$/i;
const HIDDEN = "***";

/** As a file would say it, every default written out. */
export function shownConfiguration(configuration: GatewayConfiguration): Readonly<Record<string, unknown>> {
  const values = shown(configurationValues(configuration), []);
  return isJsonObject(values) ? values : {};
}

export function shownChanges(before: GatewayConfiguration, after: GatewayConfiguration): readonly ConfigurationChange[] {
  return diffConfigurations(before, after).map((change) => {
    const path = change.path.split(".");
    return {
      ...change,
      ...(change.before === undefined ? {} : { before: shown(change.before, path) }),
      ...(change.after === undefined ? {} : { after: shown(change.after, path) }),
    };
  });
}

function shown(value: unknown, path: readonly string[]): unknown {
  if (typeof value === "string") return shownText(value, path);
  if (Array.isArray(value)) return value.map((one) => shown(one, path));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one, [...path, name])]));
}

/** Headers that a configuration sets may hold anything; so only where they are set by reference is told what they are. */
function shownText(text: string, path: readonly string[]): string {
  if (REFERENCE.test(text)) return redactSecrets(text);
  const isSecret = SECRET_NAME.test(path.at(-1) ?? "") || path.at(-2) === "headers";
  return isSecret ? HIDDEN : redactSecrets(text);
}
