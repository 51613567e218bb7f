/** What the schema finds, in words: which key was meant, which values there are, what is missing. */
import { isJsonObject, nearestNames } from "@dragoman/llm";
import type { z } from "zod";
import type { ConfigurationPath } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** A problem before its place in the file is known. */
export interface FoundProblem {
  readonly severity: "error" | "warning";
  readonly path: ConfigurationPath;
  /** Which end of the setting is wrong. Default `value`. */
  readonly part?: "key" | "value";
  readonly message: string;
  readonly nearest?: readonly string[];
  readonly advice?: string;
}

/** All issues of one check. `tree` is what was checked. */
export function schemaProblems(issues: readonly Issue[], tree: unknown): readonly FoundProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, [], tree));
}

function problemsOf(issue: Issue, above: ConfigurationPath, tree: unknown): readonly FoundProblem[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], issue.message.split(" ")));
    case "invalid_key":
      return [{ severity: "error", path, part: "key", message: issue.issues[0]?.message ?? "this name cannot be used" }];
    case "invalid_union":
      return unionProblems(issue, path, tree);
    case "invalid_value":
      return [unknownChoice(path, issue.values.map(String), valueAt(tree, path))];
    default:
      return [valueAt(tree, path) === undefined && issue.code !== "custom" ? missing(path) : error(path, issue.message)];
  }
}

function error(path: ConfigurationPath, message: string): FoundProblem {
  return { severity: "error", path, message };
}

function missing(path: ConfigurationPath): FoundProblem {
  return error(path, "it is missing");
}

function unknownKey(path: ConfigurationPath, known: readonly string[]): FoundProblem {
  const nearest = nearestKeys(String(path.at(-1)), known);
  const advice = nearest.length === 0 ? { advice: `known are ${known.join(", ")}` } : { nearest };
  return { severity: "error", path, part: "key", message: "there is no such key", ...advice };
}

/** One at most. Letters that changed places are the likeliest slip: `kye` is `key` before it is `type`. */
function nearestKeys(written: string, known: readonly string[]): readonly string[] {
  const letters = (name: string) => [...name.slice(0, 100)].sort().join("");
  const swapped = known.find((name) => letters(name) === letters(written));
  return swapped === undefined ? nearestNames(written, known).slice(0, 1) : [swapped];
}

function unknownChoice(path: ConfigurationPath, choices: readonly string[], given: unknown): FoundProblem {
  if (given === undefined) return missing(path);
  const nearest = typeof given === "string" ? nearestNames(given, choices).slice(0, 1) : [];
  return { ...error(path, `it must be one of ${choices.join(", ")}`), ...(nearest.length === 0 ? {} : { nearest }) };
}

/** Of the ways to write a value, the one that was tried: whose outer kind fits. */
function unionProblems(
  issue: Extract<Issue, { readonly code: "invalid_union" }>,
  path: ConfigurationPath,
  tree: unknown,
): readonly FoundProblem[] {
  const given = valueAt(tree, path);
  if (given === undefined) return [missing(path)];
  const ways = issue.errors.map((issues) => issues.flatMap((inner) => problemsOf(inner, path, tree)));
  const isWithin = (problem: FoundProblem): boolean => problem.path.length > path.length;
  const tried = ways.find((problems) => problems.length > 0 && problems.every(isWithin));
  if (tried !== undefined) return tried;
  // A rule that looks at a whole table complains at the table itself.
  if (isJsonObject(given)) return ways.find((problems) => problems.some(isWithin)) ?? [error(path, issue.message)];
  const choices = ways.flat().find(({ nearest }) => nearest !== undefined);
  return [choices ?? error(path, issue.message)];
}

/** Undefined for what is not there. */
export function valueAt(tree: unknown, path: ConfigurationPath): unknown {
  let value = tree;
  for (const part of path) {
    if (Array.isArray(value) && typeof part === "number") value = value[part];
    else if (isJsonObject(value) && Object.hasOwn(value, part)) value = value[String(part)];
    else return undefined;
  }
  return value;
}
