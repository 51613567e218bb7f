/**
 * Checks a tree against the schema, and reads what is right of it: so that one wrong value does not hide what else is wrong,
 * as a route to a provider that is not there.
 */
import { isJsonObject } from "@dragoman/llm";
import { type ConfigurationDraft, configurationForm } from "./configuration-form.ts";
import type { ConfigurationPath } from "./problem.ts";
import { type FoundProblem, schemaProblems, valueAt } from "./schema-problems.ts";

export interface ReadDraft {
  readonly problems: readonly FoundProblem[];
  /** Without what is wrong. Undefined where nothing could be made of it. */
  readonly draft: ConfigurationDraft | undefined;
  /** A path in the draft as it is in the tree: places in lists move when a wrong one is left out. */
  readonly originalPath: (path: ConfigurationPath) => ConfigurationPath;
}

/** How often what is wrong is left out; a table that lacks something goes at the second time, its own table at the third. */
const ROUNDS_MAX = 8;

/** `side` says whose spelling the tree has: a file's, or a program's. */
export function readDraft(tree: unknown, side: "file" | "value"): ReadDraft {
  const schema = configurationForm[side];
  const make = side === "file" ? configurationForm.read : configurationForm.fill;
  const wrong = new Set<string>();
  let problems: readonly FoundProblem[] | undefined;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { tree: kept, original } = without(tree, wrong);
    const result = schema.safeParse(kept);
    if (result.success) return { problems: problems ?? [], draft: make(kept), originalPath: original };
    const found = schemaProblems(result.error.issues, kept);
    problems ??= found;
    for (const { path } of found) wrong.add(JSON.stringify(innermost(original(path), tree, wrong)));
  }
  return { problems: problems ?? [], draft: undefined, originalPath: (path) => path };
}

/** The value at the path, or where there is none, or it is left out already, the table around it. */
function innermost(path: ConfigurationPath, tree: unknown, wrong: ReadonlySet<string>): ConfigurationPath {
  let at = path;
  while (at.length > 0 && (valueAt(tree, at) === undefined || wrong.has(JSON.stringify(at)))) at = at.slice(0, -1);
  return at;
}

interface Kept {
  readonly tree: unknown;
  readonly original: (path: ConfigurationPath) => ConfigurationPath;
}

function without(tree: unknown, wrong: ReadonlySet<string>): Kept {
  /** For each list in the new tree, which places its items had. */
  const places = new Map<string, readonly number[]>();

  function copy(value: unknown, from: ConfigurationPath, to: ConfigurationPath): unknown {
    if (Array.isArray(value)) {
      const kept = value.map((_, index) => index).filter((index) => !wrong.has(JSON.stringify([...from, index])));
      places.set(JSON.stringify(to), kept);
      return kept.map((index, place) => copy(value[index], [...from, index], [...to, place]));
    }
    if (!isJsonObject(value) || !isPlain(value)) return value;
    const fields = Object.entries(value).filter(([key]) => !wrong.has(JSON.stringify([...from, key])));
    return Object.fromEntries(fields.map(([key, field]) => [key, copy(field, [...from, key], [...to, key])]));
  }

  function original(path: ConfigurationPath): ConfigurationPath {
    return path.map((part, index) =>
      typeof part === "number" ? (places.get(JSON.stringify(path.slice(0, index)))?.[part] ?? part) : part,
    );
  }

  const kept = wrong.size === 0 || wrong.has("[]") ? (wrong.size === 0 ? tree : {}) : copy(tree, [], []);
  return { tree: kept, original };
}

/** What a program holds may be an object of a class, as a `Secret`: it is left as it is. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
