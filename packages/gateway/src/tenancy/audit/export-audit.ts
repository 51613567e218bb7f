/** The audit log as lines: JSON for programs, CSV for spreadsheets. */
import type { EventLog } from "@dragoman/events";
import { AUDIT_STREAM, type AuditRecord, readRecord } from "./audit-record.ts";

export type AuditFormat = "jsonl" | "csv";

const COLUMNS = [
  "number",
  "at",
  "action",
  "actor",
  "address",
  "subject",
  "outcome",
  "detail",
  "before",
  "after",
  "previous",
  "hash",
] as const;

/** Oldest first, without line ends. Times in CSV are RFC 3339. Never the whole log in memory. */
export async function* exportAudit(
  log: EventLog,
  { format, signal }: { readonly format: AuditFormat; readonly signal?: AbortSignal },
): AsyncGenerator<string> {
  if (format === "csv") yield COLUMNS.join(",");
  for await (const stored of log.readStream(AUDIT_STREAM, signal === undefined ? {} : { signal })) {
    const record = readRecord(stored);
    if (format === "csv") yield record === undefined ? `${stored.version},,unreadable` : csvLine(record);
    else yield JSON.stringify(record ?? { number: stored.version, unreadable: true });
  }
}

function csvLine(record: AuditRecord): string {
  return COLUMNS.map((column) => {
    const value = record[column];
    if (value === undefined) return "";
    if (column === "at") return new Date(record.at).toISOString();
    return csvCell(typeof value === "object" ? JSON.stringify(value) : String(value));
  }).join(",");
}

/** As RFC 4180 has it. What a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
