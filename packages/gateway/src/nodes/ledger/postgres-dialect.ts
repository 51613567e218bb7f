import { type SqlDialect, sql } from "../../ledger/usage/sql.ts";

export const POSTGRES_DIALECT: SqlDialect = {
  tag: (tags, name) => sql(`(${tags} ->> CAST(? AS text))`, name),
  period: (column, unit, timeZone) => sql(`period_label(${column}, ?, ?)`, unit, timeZone),
};
