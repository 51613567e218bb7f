/** TOML 1.0. Where each value stands is found by a second pass: the parser keeps no positions. */
import { parse, TomlDate, TomlError } from "smol-toml";
import type { ConfigurationPath } from "./problem.ts";
import {
  isReservedName,
  type Positions,
  SOURCE_DEPTH_MAX,
  SOURCE_VALUES_MAX,
  type Source,
  type SourceProblem,
  setOwn,
} from "./source.ts";
import { locateToml } from "./toml-positions.ts";

/** Never throws. The parser stops at the first mistake in the syntax. */
export function readToml(text: string): Source {
  try {
    const parsed: unknown = parse(text, { maxDepth: SOURCE_DEPTH_MAX });
    const positions = locateToml(text);
    const problems: SourceProblem[] = [];
    return { value: plain(parsed, [], { problems, positions, values: 0 }), problems, positionOf: positions.get };
  } catch (error) {
    return { value: undefined, problems: [syntaxProblem(error)], positionOf: () => undefined };
  }
}

/** The parser's message goes on with a piece of the file, which may hold a key: only its first line is told. */
function syntaxProblem(error: unknown): SourceProblem {
  if (!(error instanceof TomlError)) return { message: "this is no valid TOML: it is nested too deeply", path: [] };
  const reason = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
  return { message: `this is no valid TOML: ${reason}`, path: [], at: { line: error.line, column: error.column } };
}

interface Walk {
  readonly problems: SourceProblem[];
  readonly positions: Positions;
  values: number;
}

/** Dates as text, as YAML has them. */
function plain(value: unknown, path: ConfigurationPath, walk: Walk): unknown {
  walk.values++;
  if (walk.values > SOURCE_VALUES_MAX) {
    if (walk.values === SOURCE_VALUES_MAX + 1) {
      walk.problems.push({ path: [], message: `there are more than ${SOURCE_VALUES_MAX} values` });
    }
    return undefined;
  }
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.map((item, index) => plain(item, [...path, index], walk));
  if (typeof value !== "object" || value === null) return value;
  const object: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (isReservedName(key)) {
      const at = walk.positions.get([...path, key], "key");
      walk.problems.push({ path, message: "this name cannot be used", ...(at && { at }) });
    } else setOwn(object, key, plain(field, [...path, key], walk));
  }
  return object;
}
