import { DragomanError } from "@dragoman/llm";
import { fromNanoUsd, toNanoUsd } from "../money.ts";
import type { CsvRow } from "./parse-csv.ts";

/** A row whose cells are asked for by the name of their column. What cannot be read is `invalid_request` with line and column. */
export interface InvoiceRow {
  readonly line: number;
  /** Undefined for a cell that is empty, and for a column that is not there. */
  text(column: string): string | undefined;
  /** Whole and not negative. */
  count(column: string): number | undefined;
  /** The sum of columns; undefined where none of them has a figure. */
  counts(columns: readonly string[]): number | undefined;
  /** To the billionth. May be negative, as a credit is. */
  usd(column: string): number | undefined;
  /** A date or a date and time of ISO 8601, or seconds since 1970, as a day of UTC. Must be there. */
  day(column: string): string;
  fail(column: string, detail: string): DragomanError;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const SECONDS = /^\d{9,11}$/;

export function createInvoiceRow({ line, cells }: CsvRow, names: readonly string[]): InvoiceRow {
  function fail(column: string, detail: string): DragomanError {
    return new DragomanError({ code: "invalid_request", detail, field: `line ${line}, column ${column}` });
  }

  function text(column: string): string | undefined {
    const cell = cells[names.indexOf(column)]?.trim();
    return cell === undefined || cell === "" ? undefined : cell;
  }

  function decimal(column: string): number | undefined {
    const cell = text(column)?.replace(/^\$/, "");
    if (cell === undefined) return undefined;
    if (!DECIMAL.test(cell)) throw fail(column, `${JSON.stringify(cell)} is no number`);
    return Number(cell);
  }

  function count(column: string): number | undefined {
    const number = decimal(column);
    if (number !== undefined && (!Number.isInteger(number) || number < 0)) throw fail(column, `${number} is no count`);
    return number;
  }

  function day(column: string): string {
    const cell = text(column);
    if (cell === undefined) throw fail(column, "the date is missing");
    const date = dateOf(cell);
    if (date === undefined || Number.isNaN(date.getTime())) throw fail(column, `${JSON.stringify(cell)} is no date`);
    return date.toISOString().slice(0, 10);
  }

  return {
    line,
    text,
    count,
    counts(columns) {
      const known = columns.map(count).filter((one) => one !== undefined);
      return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
    },
    usd(column) {
      const number = decimal(column);
      return number === undefined ? undefined : fromNanoUsd(toNanoUsd(number));
    },
    day,
    fail,
  };
}

function dateOf(cell: string): Date | undefined {
  if (SECONDS.test(cell)) return new Date(Number(cell) * 1_000);
  if (ISO_DAY.test(cell)) return new Date(`${cell}T00:00:00Z`);
  if (!ISO_TIME.test(cell)) return undefined;
  // Without an offset it is taken as UTC, as vendors' files are.
  return new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(cell) ? cell : `${cell.replace(" ", "T")}Z`);
}
