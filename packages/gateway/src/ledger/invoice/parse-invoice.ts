/** Reads what vendors let people download of their usage and costs. */
import { DragomanError } from "@dragoman/llm";
import type { Invoice } from "./invoice.ts";
import { INVOICE_FORMATS, type InvoiceFormatRule } from "./invoice-formats.ts";
import { createInvoiceRow } from "./invoice-row.ts";
import { type CsvRow, parseCsv } from "./parse-csv.ts";

/**
 * The format is told by the header. Throws `invalid_request` for a file of none of them, naming what each needs, and for a cell that cannot be
 * read, naming line and column.
 */
export function parseInvoice(csv: string): Invoice {
  const [header, ...rows] = parseCsv(csv);
  if (header === undefined) throw new DragomanError({ code: "invalid_request", detail: "the invoice is empty", field: "line 1" });
  const names = header.cells.map((name) => name.trim().toLowerCase());
  const rule = INVOICE_FORMATS.find(({ columns }) => columns.every((column) => names.includes(column)));
  if (rule === undefined) throw unknownFormat(header);
  const lines = rows.flatMap((row) => {
    if (row.cells.length !== names.length) throw wrongWidth(row, names.length);
    const line = rule.read(createInvoiceRow(row, names));
    return line === undefined ? [] : [line];
  });
  return { format: rule.format, lines };
}

function unknownFormat({ cells }: CsvRow): DragomanError {
  const needed = INVOICE_FORMATS.map(({ format, columns }: InvoiceFormatRule) => `${format}: ${columns.join(", ")}`).join("; ");
  return new DragomanError({
    code: "invalid_request",
    detail: `no invoice that is known has these columns: ${cells.join(", ").slice(0, 300)}`,
    field: "line 1",
    advice: `use a file with the columns of one of these: ${needed}`,
  });
}

function wrongWidth({ line, cells }: CsvRow, count: number): DragomanError {
  const detail = `the row has ${cells.length} cells, the header has ${count}`;
  return new DragomanError({ code: "invalid_request", detail, field: `line ${line}` });
}
