/** SQL in pieces, each with its values, so that no value is ever written into the text. */

/** A piece of a statement. Values stand in the order of their `?`. */
export interface Sql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** What databases say differently. PostgreSQL also writes `$1` for `?`: see `numbered`. */
export interface SqlDialect {
  /** A tag's value, or NULL. `tags` is the column. */
  tag(tags: string, name: string): Sql;
  /** The hour, day or month of a column of milliseconds since 1970, as `periodLabel` writes it. */
  period(column: string, unit: "hour" | "day" | "month", timeZone: string): Sql;
}

export function sql(text: string, ...values: readonly (string | number)[]): Sql {
  return { text, values };
}

export function joinSql(pieces: readonly Sql[], separator: string): Sql {
  return { text: pieces.map(({ text }) => text).join(separator), values: pieces.flatMap(({ values }) => values) };
}

/** A template whose places are pieces. */
export function compose(texts: TemplateStringsArray, ...pieces: readonly Sql[]): Sql {
  let text = texts[0] ?? "";
  for (const [index, piece] of pieces.entries()) text += piece.text + (texts[index + 1] ?? "");
  return { text, values: pieces.flatMap(({ values }) => values) };
}

/** The same with `$1`, `$2` … in place of each `?`. No text of ours has a `?` for anything else. */
export function numbered({ text, values }: Sql): Sql {
  let count = 0;
  return { text: text.replaceAll("?", () => `$${++count}`), values };
}
