/** `CallFilter` as a condition over `calls c`. */
import type { Dimension } from "../../configuration.ts";
import { boundName } from "../bounded-record.ts";
import type { CallFilter } from "../ledger.ts";
import { compose, joinSql, type Sql, type SqlDialect, sql } from "./sql.ts";

/** Columns of `calls` that are one for each call. Provider and model are those of attempts. */
export const CALL_COLUMNS = {
  route: "c.route",
  key: "c.key",
  team: "c.team",
  agent: "c.agent",
  session: "c.session",
  user: 'c."user"',
} as const satisfies Partial<Record<Dimension, string>>;

type CallColumn = keyof typeof CALL_COLUMNS;

const CALL_DIMENSIONS: readonly CallColumn[] = ["route", "key", "team", "agent", "session", "user"];
/** Of an attempt, and of the call itself where none was made, as when the response cache answered. */
export const PROVIDER = "coalesce(a.provider, c.provider)";
export const MODEL = "coalesce(a.model, c.model)";

/** Conditions on the call as a whole; those of provider, model and time stand apart. */
export function callConditions({ of = {}, tags = {}, outcome }: CallFilter, dialect: SqlDialect): readonly Sql[] {
  const conditions: Sql[] = [];
  for (const dimension of CALL_DIMENSIONS) {
    const values = of[dimension];
    if (values !== undefined) conditions.push(isOneOf(CALL_COLUMNS[dimension], values.map(boundName)));
  }
  for (const [name, value] of Object.entries(tags)) conditions.push(compose`${dialect.tag("c.tags", name)} = ${sql("?", value)}`);
  if (outcome !== undefined) conditions.push(isOneOf("c.outcome", outcome));
  return conditions;
}

/** Conditions on the attempt `a`, or on the call where it has none. */
export function targetConditions({ of = {} }: CallFilter): readonly Sql[] {
  return [
    ...(of.provider === undefined ? [] : [isOneOf(PROVIDER, of.provider)]),
    ...(of.model === undefined ? [] : [isOneOf(MODEL, of.model)]),
  ];
}

/** All of them; true where there are none. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql("1 = 1") : joinSql(conditions, " AND ");
}

/** Nothing is one of no values. */
export function isOneOf(column: string, values: readonly string[]): Sql {
  if (values.length === 0) return sql("1 = 0");
  return sql(`${column} IN (${values.map(() => "?").join(", ")})`, ...values);
}
