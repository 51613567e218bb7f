/** What differs between two configurations, one line a setting: for notices of a reload, and for `dragoman config diff`. */
import { isJsonObject } from "@dragoman/llm";
import type { GatewayConfiguration } from "../configuration.ts";
import { pathText } from "./problem.ts";
import { configurationValues } from "./render-configuration.ts";

/** One setting that is not the same. Keys are shown by where they are; they stand in neither. */
export interface ConfigurationChange {
  readonly kind: "added" | "removed" | "changed";
  /** As a file spells it, as `failing.breaker.open`. */
  readonly path: string;
  /** Absent when it was added. */
  readonly before?: unknown;
  /** Absent when it was removed. */
  readonly after?: unknown;
}

export function diffConfigurations(before: GatewayConfiguration, after: GatewayConfiguration): readonly ConfigurationChange[] {
  return changesBetween(valuesOf(before), valuesOf(after), []);
}

/** `server.port: 4242 -> 8080`. */
export function changeText({ kind, path, before, after }: ConfigurationChange): string {
  if (kind === "added") return `${path}: added ${inline(after)}`;
  if (kind === "removed") return `${path}: removed ${inline(before)}`;
  return `${path}: ${inline(before)} -> ${inline(after)}`;
}

function inline(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}

/** Limits by their names: one that is put in front of the others changes none of them. */
function valuesOf(configuration: GatewayConfiguration): Readonly<Record<string, unknown>> {
  const { limits, ...values } = configurationValues(configuration);
  const rules = Array.isArray(limits) ? limits : [];
  return { ...values, limits: Object.fromEntries(rules.map(({ name, ...rule }: { readonly name: string }) => [name, rule])) };
}

function changesBetween(before: unknown, after: unknown, path: readonly string[]): readonly ConfigurationChange[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => changesBetween(own(before, name), own(after, name), [...path, name]));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const at = pathText(path);
  if (before === undefined) return [{ kind: "added", path: at, after }];
  if (after === undefined) return [{ kind: "removed", path: at, before }];
  return [{ kind: "changed", path: at, before, after }];
}

function own(table: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
