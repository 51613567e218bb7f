/** A configuration as a file would say it, every default written out. What is read from it is the same configuration. */
import { Document, isCollection, isScalar, type Node, visit } from "yaml";
import type { GatewayConfiguration } from "../configuration.ts";
import { configurationForm } from "./configuration-form.ts";
import type { ConfigurationPath } from "./problem.ts";

/** As a file's values: keys in snake_case, durations as text. Limits stand together, each with its `of`. */
export function configurationValues(configuration: GatewayConfiguration): Readonly<Record<string, unknown>> {
  const values: unknown = configurationForm.write({ ...configuration, budgets: [] });
  const { budgets: _none, ...rest } = Object(values) as Readonly<Record<string, unknown>>;
  return rest;
}

export interface RenderConfigurationOptions {
  /** Marks what it says no to with the comment `# default`. */
  readonly isWritten?: (path: ConfigurationPath) => boolean;
}

/** YAML. */
export function renderConfiguration(configuration: GatewayConfiguration, { isWritten }: RenderConfigurationOptions = {}): string {
  const document = new Document(configurationValues(configuration), { aliasDuplicateObjects: false });
  if (isWritten !== undefined) markDefaults(document, isWritten);
  // The writer puts an empty list and its comment on lines of their own.
  return document.toString({ lineWidth: 120 }).replaceAll(/\n +(\[\]|\{\})\n +# default/g, " $1 # default");
}

function markDefaults(document: Document, isWritten: (path: ConfigurationPath) => boolean): void {
  visit(document, {
    Pair: (_, pair, ancestors) => {
      const path = [...pathOf(ancestors), String(isScalar(pair.key) ? pair.key.value : pair.key)];
      // Limits are gathered from all over the file, and a route written short says its targets elsewhere.
      if (path[0] === "limits" || (path[0] === "models" && path.length === 3 && path[2] === "targets")) return visit.SKIP;
      const value = pair.value as Node | null;
      const isLeaf = isScalar(value) || (isCollection(value) && value.items.length === 0);
      if (isLeaf && !isWritten(path)) value.comment = " default";
      return undefined;
    },
  });
}

/** Of the map around a pair, from the pairs above it. */
function pathOf(ancestors: readonly unknown[]): readonly string[] {
  return ancestors.flatMap((ancestor) => {
    const key = typeof ancestor === "object" && ancestor !== null && "key" in ancestor ? ancestor.key : undefined;
    return isScalar(key) ? [String(key.value)] : [];
  });
}
