import type { DatabaseSync } from "node:sqlite";
import { createPeriodLabels, type PeriodUnit } from "../usage/periods.ts";
import { type SqlDialect, sql } from "../usage/sql.ts";

/** `json_each` takes any name of a tag as it is, where a JSON path would have to be quoted. */
export const SQLITE_DIALECT: SqlDialect = {
  tag: (tags, name) => sql(`(SELECT t.value FROM json_each(${tags}) t WHERE t.key = ?)`, name),
  period: (column, unit, timeZone) => sql(`period_label(${column}, ?, ?)`, unit, timeZone),
};

/** SQLite knows no time zones: the labels are made here, and remembered by the quarter of an hour. */
export function definePeriodLabel(database: DatabaseSync): void {
  let zone: string | undefined;
  let labels = createPeriodLabels("UTC");
  database.function("period_label", { deterministic: true }, (ms, unit, timeZone) => {
    if (timeZone !== zone) {
      labels = createPeriodLabels(String(timeZone));
      zone = String(timeZone);
    }
    return labels(Number(ms), periodUnit(unit));
  });
}

function periodUnit(unit: unknown): PeriodUnit {
  return unit === "hour" || unit === "day" ? unit : "month";
}
