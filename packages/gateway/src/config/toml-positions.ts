/**
 * Where the keys and values of a TOML document stand, exactly. Only for text that has been parsed: what is not valid is
 * not noticed here.
 */
import type { ConfigurationPath } from "./problem.ts";
import { createLineIndex, createPositions, type Positions } from "./source.ts";

export function locateToml(text: string): Positions {
  const positions = createPositions();
  const positionAt = createLineIndex(text);
  /** How many tables of `[[name]]` have been seen, by path. */
  const counts = new Map<string, number>();
  let at = 0;
  let table: ConfigurationPath = [];

  function skipSpace(pattern: RegExp): void {
    pattern.lastIndex = at;
    at += pattern.exec(text)?.[0].length ?? 0;
  }

  /** A value, or a name, up to its end. Returns what was written. */
  function take(pattern: RegExp): string {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0] ?? "";
    // Always goes on, so that nothing can make it stand still.
    at += Math.max(1, taken.length);
    return taken;
  }

  function takeKey(): readonly string[] {
    const names: string[] = [];
    do {
      skipSpace(BLANKS);
      names.push(nameOf(take(NAME)));
      skipSpace(BLANKS);
    } while (text[at] === "." && ++at);
    return names;
  }

  /** The tables above a name that are lists stand for their last table. */
  function within(names: readonly string[]): ConfigurationPath {
    const path: (string | number)[] = [];
    for (const name of names) {
      path.push(name);
      const count = counts.get(JSON.stringify(path));
      if (count !== undefined) path.push(count - 1);
    }
    return path;
  }

  function takeHeader(): void {
    const isList = text[at + 1] === "[";
    const start = at;
    at += isList ? 2 : 1;
    const names = takeKey();
    if (isList) {
      const list = [...within(names.slice(0, -1)), names.at(-1) ?? ""];
      const place = JSON.stringify(list);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    table = within(names);
    for (let length = 1; length <= table.length; length++) placeOnce(table.slice(0, length), start);
    skipSpace(REST_OF_LINE);
  }

  function placeOnce(path: ConfigurationPath, offset: number): void {
    for (const part of ["key", "value"] as const) {
      if (positions.get(path, part) === undefined) positions.set(path, part, positionAt(offset));
    }
  }

  function takePair(parent: ConfigurationPath): void {
    const start = at;
    const names = takeKey();
    const path = [...parent, ...names];
    for (let length = parent.length + 1; length < path.length; length++) placeOnce(path.slice(0, length), start);
    positions.set(path, "key", positionAt(start));
    skipSpace(BLANKS);
    at++;
    skipSpace(BLANKS);
    takeValue(path);
  }

  function takeValue(path: ConfigurationPath): void {
    positions.set(path, "value", positionAt(at));
    if (text[at] === "[") takeList(path);
    else if (text[at] === "{") takeTable(path);
    else take(SCALAR);
  }

  function takeList(path: ConfigurationPath): void {
    at++;
    for (let index = 0; at < text.length; index++) {
      skipSpace(SPACE);
      if (text[at] === "]") break;
      takeValue([...path, index]);
      skipSpace(SPACE);
      if (text[at] === ",") at++;
    }
    at++;
  }

  function takeTable(path: ConfigurationPath): void {
    at++;
    while (at < text.length) {
      skipSpace(SPACE);
      if (text[at] === "}") break;
      takePair(path);
      skipSpace(SPACE);
      if (text[at] === ",") at++;
    }
    at++;
  }

  for (skipSpace(SPACE); at < text.length; skipSpace(SPACE)) {
    if (text[at] === "[") takeHeader();
    else takePair(table);
  }
  return positions;
}

const BLANKS = /[ \t]*/y;
/** Blanks, line ends and comments. */
const SPACE = /(?:[ \t\r\n]+|#[^\n]*)*/y;
const REST_OF_LINE = /[^\n]*/y;
const NAME = /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+/y;
const SCALAR = /"""(?:[^\\]|\\[\s\S])*?"""+|'''[\s\S]*?'''+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^,\]}\n#]+/y;

function nameOf(written: string): string {
  if (written.startsWith("'")) return written.slice(1, -1);
  if (!written.startsWith('"')) return written;
  try {
    return String(JSON.parse(written));
  } catch {
    // `\U0001F600` and `\e` are TOML's own.
    return written.slice(1, -1);
  }
}
