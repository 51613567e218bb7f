/** Time in steps that hold about as many calls each, so that a question over a million calls never holds the process for long. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { boundName } from "../bounded-record.ts";
import type { CallFilter } from "../ledger.ts";
import { allOf, CALL_COLUMNS, isOneOf } from "../usage/call-filter.ts";
import type { Sql } from "../usage/sql.ts";
import type { Span } from "../usage/usage-statements.ts";

/** Calls of one step: one or two milliseconds of work for each statement. */
const STEP = 500;

/** The spans of a filter, in order, the last one open to its end. They follow upon each other without a gap. */
export function* walkSpans(database: DatabaseSync, filter: CallFilter, order: "oldest" | "newest"): Generator<Span> {
  const anchor = anchorOf(filter);
  const next = borderStatement(database, anchor, order);
  let { from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  while (from < to) {
    const found = next.get(...anchor.values, from, to, STEP)?.started_at;
    if (typeof found !== "number") return yield { from, to };
    // A step takes at least one moment, however many calls began in it.
    if (order === "oldest") {
      const border = Math.max(found, from + 1);
      yield { from, to: border };
      from = border;
    } else {
      const border = Math.min(found, to - 1);
      yield { from: border, to };
      to = border;
    }
  }
}

/** The one value by which an index narrows the calls down, where the filter names one. */
function anchorOf({ of = {} }: CallFilter): Sql {
  for (const dimension of ["session", "user", "key"] as const) {
    const values = of[dimension];
    if (values?.length === 1) return isOneOf(CALL_COLUMNS[dimension], values.map(boundName));
  }
  return allOf([]);
}

function borderStatement(database: DatabaseSync, anchor: Sql, order: "oldest" | "newest"): StatementSync {
  const direction = order === "oldest" ? "ASC" : "DESC";
  return database.prepare(
    `SELECT started_at FROM calls c WHERE ${anchor.text} AND started_at >= ? AND started_at < ? ORDER BY started_at ${direction} LIMIT 1 OFFSET ?`,
  );
}

/** Lets the process do other work. */
export function otherWork(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
