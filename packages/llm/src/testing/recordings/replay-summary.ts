/** Counts what a replay came to, and says it as text. */
import type { FileReport } from "./replay-folder.ts";
import type { Finding } from "./report.ts";

export interface ReplaySummary {
  readonly replayed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly wires: Readonly<Record<string, WireSummary>>;
  readonly failures: readonly FailedExchange[];
  readonly notRecordings: readonly { readonly file: string; readonly reason: string }[];
}

export interface WireSummary {
  replayed: number;
  failed: number;
  skipped: number;
  /** How many were left out for which reason. */
  readonly reasons: Record<string, number>;
}

export interface FailedExchange {
  readonly file: string;
  readonly exchange: number;
  readonly wire: string;
  readonly failures: readonly Finding[];
}

/** Counts exchanges; a file that is no recording counts as one that was skipped. */
export function summarise(reports: readonly FileReport[]): ReplaySummary {
  const wires: Record<string, WireSummary> = {};
  const failures: FailedExchange[] = [];
  const notRecordings: { file: string; reason: string }[] = [];
  for (const report of reports) {
    if (report.type === "not-a-recording") {
      notRecordings.push({ file: report.file, reason: report.reason });
      continue;
    }
    const { file, wire } = report;
    wires[wire] ??= { replayed: 0, failed: 0, skipped: 0, reasons: {} };
    const row = wires[wire];
    for (const exchange of report.exchanges) {
      row[exchange.status]++;
      if (exchange.status === "skipped") row.reasons[exchange.reason] = (row.reasons[exchange.reason] ?? 0) + 1;
      if (exchange.status === "failed") {
        failures.push({ file, exchange: exchange.exchange, wire, failures: exchange.failures });
      }
    }
  }
  const total = (name: "replayed" | "failed" | "skipped"): number =>
    Object.values(wires).reduce((sum, row) => sum + row[name], 0);
  const skipped = total("skipped") + notRecordings.length;
  return { replayed: total("replayed"), failed: total("failed"), skipped, wires, failures, notRecordings };
}

export interface TextStyle {
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly dim: (text: string) => string;
}

const asItIs = (text: string): string => text;
export const PLAIN_STYLE: TextStyle = { bold: asItIs, red: asItIs, dim: asItIs };

function inColour(code: number): (text: string) => string {
  return (text) => `\u001b[${code}m${text}\u001b[0m`;
}
export const COLOUR_STYLE: TextStyle = { bold: inColour(1), red: inColour(31), dim: inColour(2) };

/** Failures, files that are none, the table of wires, and the verdict as the last line. */
export function describeSummary(summary: ReplaySummary, style: TextStyle = PLAIN_STYLE): string {
  const lines: string[] = [];
  for (const failure of summary.failures) lines.push(...failureLines(failure, style), "");
  for (const { file, reason } of summary.notRecordings) lines.push(`${style.bold(file)} is not a recording: ${reason}`, "");
  lines.push(...tableLines(summary, style), "", verdict(summary));
  return lines.join("\n");
}

export function verdict(summary: ReplaySummary): string {
  return `replayed ${summary.replayed}, failed ${summary.failed}, skipped ${summary.skipped}`;
}

function failureLines(failure: FailedExchange, style: TextStyle): string[] {
  const lines = [`${style.red("failed")} ${style.bold(failure.file)}, exchange ${failure.exchange}`];
  for (const { check, expected, got } of failure.failures) {
    lines.push(`  ${check}`);
    if (expected !== undefined) lines.push(`    expected ${expected}`);
    if (got !== undefined) lines.push(`    got      ${got}`);
  }
  return lines;
}

function tableLines(summary: ReplaySummary, style: TextStyle): string[] {
  const rows = Object.entries(summary.wires).sort(([one], [other]) => one.localeCompare(other, "en"));
  const width = Math.max("wire".length, ...rows.map(([wire]) => wire.length));
  const cells = (name: string, ...counts: readonly (string | number)[]): string =>
    [name.padEnd(width), ...counts.map((count) => String(count).padStart(8))].join("  ");
  const lines = [style.bold(cells("wire", "replayed", "failed", "skipped"))];
  for (const [wire, row] of rows) {
    const line = cells(wire, row.replayed, row.failed, row.skipped);
    lines.push(row.failed > 0 ? style.red(line) : line);
    for (const [reason, count] of Object.entries(row.reasons))
      lines.push(style.dim(`${" ".repeat(width)}  ${count} skipped: ${reason}`));
  }
  if (summary.notRecordings.length > 0) lines.push(style.dim(`${summary.notRecordings.length} files are not recordings`));
  return lines;
}
