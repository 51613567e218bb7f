import { expect, test } from "vitest";
import { numbered, type SqlDialect, sql } from "../../src/ledger/usage/sql.ts";
import { sumsStatement, timesStatement } from "../../src/ledger/usage/usage-statements.ts";

/** As a server would be asked. */
const POSTGRES_LIKE: SqlDialect = {
  tag: (tags, name) => sql(`(${tags} ->> ?)`, name),
  period: (column, unit, timeZone) => sql(`period_of(${column}, ?, ?)`, unit, timeZone),
};

test("a question is text with numbered places, and every value stands beside it in order", () => {
  const query = {
    by: ["tag:it's", "provider", "day"] as const,
    timeZone: "Europe/Berlin",
    of: { team: ["'; DROP TABLE calls"], model: ["m"] },
    tags: { env: "prod" },
  };
  for (const statement of [
    sumsStatement(query, { from: 1, to: 2 }, POSTGRES_LIKE),
    timesStatement(query, { from: 1, to: 2 }, "duration_bucket", POSTGRES_LIKE),
  ]) {
    const { text, values } = numbered(statement);
    expect(values).toEqual(["it's", "day", "Europe/Berlin", 1, 2, "'; DROP TABLE calls", "env", "prod", "m"]);
    expect(text.match(/\$\d+/g)).toEqual(values.map((_value, index) => `$${index + 1}`));
    expect(text).not.toMatch(/DROP|it's|Berlin/);
  }
});
