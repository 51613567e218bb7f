/**
 * A cell of a CSV file, as RFC 4180 has it. Programs for tables take a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and names of
 * keys, users and tags are chosen by strangers: such a text gets an apostrophe before it, which those programs show as text. Numbers are
 * left alone. Who needs every name as it is takes JSON lines. Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** With the end of line that RFC 4180 asks for. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}
