/**
 * YAML 1.2 with merge keys and anchors, and without tags. The document's tree is walked by hand: so that each value has its
 * place in the file, what an anchor stands for is counted at each use, and no key can reach an object's prototype.
 *
 * What is too deep is refused before the parser sees it: it calls itself for every level, and makes a regular expression as
 * long as an indentation, which ends the whole process when that is some hundred thousand spaces.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { ConfigurationPath } from "./problem.ts";
import {
  createLineIndex,
  createPositions,
  isReservedName,
  type Position,
  SOURCE_DEPTH_MAX,
  SOURCE_VALUES_MAX,
  type Source,
  type SourceProblem,
  setOwn,
} from "./source.ts";

/** Never throws. */
export function readYaml(text: string): Source {
  const tooDeep = findExcess(text);
  if (tooDeep !== undefined) return unreadable([tooDeep]);
  const positionAt = createLineIndex(text);
  try {
    const document = parseDocument(text, { prettyErrors: false, merge: true, version: "1.2", logLevel: "silent" });
    if (document.errors.length > 0) {
      return unreadable(
        document.errors.map(({ message, pos }) => ({
          message: `this is no valid YAML: ${withoutQuotes(message)}`,
          path: [],
          at: positionAt(pos[0]),
        })),
      );
    }
    // Each look goes through the whole document: once is enough.
    const resolved = new Map<Alias, Node | undefined>();
    const resolve = (alias: Alias): Node | undefined => {
      if (!resolved.has(alias)) resolved.set(alias, alias.resolve(document));
      return resolved.get(alias);
    };
    return walk(document.contents, resolve, positionAt);
  } catch {
    return unreadable([{ message: "this is no valid YAML: it is nested too deeply", path: [] }]);
  }
}

function unreadable(problems: readonly SourceProblem[]): Source {
  return { value: undefined, problems, positionOf: () => undefined };
}

/** The parser quotes what it found, which may be a key. */
function withoutQuotes(message: string): string {
  return message.split(/: (?=\S*["'`])|\n/)[0]?.replaceAll(/(["'`]).{8,}?\1/g, "…") ?? message;
}

const LINE_INDENT_MAX = 400;

/** Deep nesting shows in unclosed brackets, or in what stands before the first word of a line. */
function findExcess(text: string): SourceProblem | undefined {
  let open = 0;
  let line = 1;
  let indent = 0;
  let isIndent = true;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\n") {
      line++;
      indent = 0;
      isIndent = true;
      continue;
    }
    if (isIndent && (character === " " || character === "\t" || character === "-" || character === "?" || character === ":")) {
      indent++;
    } else isIndent = false;
    if (character === "[" || character === "{") open++;
    if ((character === "]" || character === "}") && open > 0) open--;
    if (open > SOURCE_DEPTH_MAX * 5 || indent > LINE_INDENT_MAX) {
      return { message: "this is nested too deeply", path: [], at: { line, column: 1 } };
    }
  }
  return undefined;
}

interface Walk {
  readonly problems: SourceProblem[];
  readonly problem: (path: ConfigurationPath, node: Node | undefined, message: string, advice?: string) => void;
  readonly place: (path: ConfigurationPath, part: "key" | "value", node: Node | undefined) => void;
  readonly resolve: (alias: Alias) => Node | undefined;
  /** Anchors whose values are being walked: one that contains itself has no end. */
  readonly within: Set<Node>;
  /** Counts a value; false when there are too many. */
  readonly count: () => boolean;
}

function walk(
  contents: Node | null,
  resolve: (alias: Alias) => Node | undefined,
  positionAt: (offset: number) => Position,
): Source {
  const positions = createPositions();
  const problems: SourceProblem[] = [];
  let values = 0;
  const at = (node: Node | undefined): Position | undefined => {
    const start = node?.range?.[0];
    return start === undefined ? undefined : positionAt(start);
  };
  const value = readNode(contents ?? undefined, [], {
    problems,
    problem: (path, node, message, advice) => {
      const position = at(node);
      problems.push({ path, message, ...(advice && { advice }), ...(position && { at: position }) });
    },
    place: (path, part, node) => {
      const position = at(node);
      if (position !== undefined) positions.set(path, part, position);
    },
    resolve,
    within: new Set(),
    count: () => {
      values++;
      if (values === SOURCE_VALUES_MAX + 1)
        problems.push({ path: [], message: `there are more than ${SOURCE_VALUES_MAX} values` });
      return values <= SOURCE_VALUES_MAX;
    },
  });
  return { value, problems, positionOf: positions.get };
}

function readNode(node: Node | undefined, path: ConfigurationPath, walk: Walk): unknown {
  if (!walk.count()) return undefined;
  walk.place(path, "value", node);
  if (path.length > SOURCE_DEPTH_MAX) {
    walk.problem(path, node, "this is nested too deeply");
    return undefined;
  }
  if (node?.tag !== undefined) {
    walk.problem(path, node, "tags are not taken", "write the value without its tag");
    return undefined;
  }
  if (isAlias(node)) return aliasOf(node, path, walk);
  if (isMap(node)) return mapOf(node, path, walk);
  if (isSeq(node)) return node.items.map((item, index) => readNode(item as Node, [...path, index], walk));
  return isScalar(node) ? scalarOf(node) : null;
}

function scalarOf({ value }: Scalar): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function aliasOf(alias: Alias, path: ConfigurationPath, walk: Walk): unknown {
  const target = walk.resolve(alias);
  if (target === undefined || walk.within.has(target)) {
    walk.problem(path, alias, target === undefined ? "there is no such anchor above" : "this anchor contains itself");
    return undefined;
  }
  walk.within.add(target);
  const value = readNode(target, path, walk);
  walk.within.delete(target);
  walk.place(path, "value", alias);
  return value;
}

function mapOf(map: YAMLMap, path: ConfigurationPath, walk: Walk): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  // What stands in the map itself goes over what is merged into it, wherever the merge stands.
  const pairs = map.items as readonly Pair<Node, Node>[];
  for (const pair of pairs.filter(isMerge)) merge(pair.value ?? undefined, object, path, walk);
  for (const pair of pairs.filter((one) => !isMerge(one))) {
    const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (key === undefined || isReservedName(key)) {
      walk.problem(path, pair.key, key === undefined ? "a key must be text" : "this name cannot be used");
      continue;
    }
    walk.place([...path, key], "key", pair.key);
    setOwn(object, key, readNode(pair.value ?? undefined, [...path, key], walk));
  }
  return object;
}

function isMerge({ key }: Pair<Node, Node>): boolean {
  return (
    isScalar(key) &&
    (key.value === "<<" || typeof key.value === "symbol") &&
    key.type !== "QUOTE_DOUBLE" &&
    key.type !== "QUOTE_SINGLE"
  );
}

/** The first of several goes over those behind it. */
function merge(node: Node | undefined, into: Record<string, unknown>, path: ConfigurationPath, walk: Walk): void {
  if (isSeq(node)) {
    for (const item of node.items.toReversed()) merge(item as Node, into, path, walk);
    return;
  }
  const target = isAlias(node) ? walk.resolve(node) : node;
  if (!isMap(target) || walk.within.has(target)) {
    walk.problem(path, node, "only a map that does not contain itself can be merged", "write <<: *anchor");
    return;
  }
  walk.within.add(target);
  walk.count();
  Object.assign(into, mapOf(target, path, walk));
  walk.within.delete(target);
}
