/** Patterns of names, as `gpt-*`: `*` stands for any text, everything else for itself. Matched in linear time, without a regex. */

/** True where one of the patterns is the name's. Upper and lower case differ. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  const { exact, open } = compiled(patterns);
  return exact.has(name) || open.some((pieces) => matchesPieces(pieces, name));
}

interface Compiled {
  readonly exact: ReadonlySet<string>;
  /** What stands between the stars. */
  readonly open: readonly (readonly string[])[];
}

/** Restrictions are values that live as long as their key; what was compiled of one goes with it. */
const cache = new WeakMap<readonly string[], Compiled>();

function compiled(patterns: readonly string[]): Compiled {
  const known = cache.get(patterns);
  if (known !== undefined) return known;
  const made = {
    exact: new Set(patterns.filter((pattern) => !pattern.includes("*"))),
    open: patterns.filter((pattern) => pattern.includes("*")).map((pattern) => pattern.split("*")),
  };
  cache.set(patterns, made);
  return made;
}

/** Each piece between is taken at its first place: that leaves the most for the others. */
function matchesPieces(pieces: readonly string[], name: string): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
