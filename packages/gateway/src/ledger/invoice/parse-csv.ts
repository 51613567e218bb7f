/** CSV as RFC 4180 has it: quotes, doubled quotes, lines within quotes, either end of line; a byte order mark is left out. */
import { DragomanError } from "@dragoman/llm";

export interface CsvRow {
  /** Of the text, from 1: where the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Empty lines are left out. Throws `invalid_request`, naming the line, for a quote that does not end or stands where none may. */
export function parseCsv(text: string): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let line = 1;
  let position = text.startsWith("\uFEFF") ? 1 : 0;
  while (position < text.length) {
    const startLine = line;
    const cells: string[] = [];
    let isRowOver = false;
    while (!isRowOver) {
      const cell = text[position] === '"' ? quotedCell(text, position, line) : plainCell(text, position);
      cells.push(cell.value);
      line += cell.lines;
      isRowOver = text[cell.end] !== ",";
      position = cell.end + (isRowOver ? lineEndLength(text, cell.end) : 1);
    }
    line += 1;
    if (cells.length > 1 || cells[0] !== "") rows.push({ line: startLine, cells });
  }
  return rows;
}

interface Cell {
  readonly value: string;
  /** Position after it. */
  readonly end: number;
  /** Ends of lines within it. */
  readonly lines: number;
}

function plainCell(text: string, start: number): Cell {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n" && text[end] !== "\r") end += 1;
  return { value: text.slice(start, end), end, lines: 0 };
}

function quotedCell(text: string, start: number, line: number): Cell {
  let end = start + 1;
  for (;;) {
    const quote = text.indexOf('"', end);
    if (quote === -1) throw wrong(line, "a quote is opened and never closed");
    if (text[quote + 1] !== '"') {
      const value = text.slice(start + 1, quote).replaceAll('""', '"');
      const next = text[quote + 1];
      if (next !== undefined && next !== "," && next !== "\n" && next !== "\r") throw wrong(line, "text follows a closing quote");
      return { value, end: quote + 1, lines: value.split("\n").length - 1 };
    }
    end = quote + 2;
  }
}

function lineEndLength(text: string, position: number): number {
  return text[position] === "\r" && text[position + 1] === "\n" ? 2 : 1;
}

function wrong(line: number, detail: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail: `the CSV cannot be read: ${detail}`, field: `line ${line}` });
}
