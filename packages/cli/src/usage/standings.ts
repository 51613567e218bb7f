/** Where a limit stands, as the admin API and the ledger tell it. */
import { DragomanError, isJsonObject } from "@dragoman/llm";
import { wantsPlainText } from "./sparkline.ts";
import { count } from "./usage-table.ts";

export interface StandingRow {
  readonly rule: string;
  readonly subject: Readonly<Record<string, string | undefined>>;
  readonly amount: number;
  readonly used: number;
  readonly metric?: string;
  readonly reserved?: number;
  readonly waiting?: number;
  readonly resetsAt?: number;
}

/** The rows of an answer of the admin API. Throws `provider_unavailable` for another answer. */
export function isStandings(answer: unknown): readonly StandingRow[] {
  const rows: unknown = isJsonObject(answer) ? answer.standings : undefined;
  if (Array.isArray(rows) && rows.every(isStanding)) return rows;
  throw new DragomanError({ code: "provider_unavailable", detail: "the server's answer is not that of a gateway" });
}

function isStanding(row: unknown): row is StandingRow {
  return (
    isJsonObject(row) &&
    typeof row.rule === "string" &&
    typeof row.amount === "number" &&
    typeof row.used === "number" &&
    isJsonObject(row.subject)
  );
}

const BAR = 10;

export function standingCells(row: StandingRow): readonly string[] {
  const { rule, subject, amount, used, reserved, waiting, resetsAt } = row;
  return [
    rule,
    Object.entries(subject)
      .map(([name, value]) => `${name} ${value ?? ""}`)
      .join(", ") || "all calls",
    figure(used),
    bar(used / amount),
    figure(amount),
    reserved === undefined ? "–" : figure(reserved),
    waiting === undefined ? "–" : count(waiting),
    resetsAt === undefined ? "–" : new Date(resetsAt).toISOString().slice(0, 16).replace("T", " "),
  ];
}

function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : value.toPrecision(3);
}

function bar(share: number): string {
  const full = Math.max(0, Math.min(BAR, Math.round(share * BAR)));
  const [used, free] = wantsPlainText() ? ["#", "."] : ["█", "░"];
  return `${used.repeat(full)}${free.repeat(BAR - full)} ${Math.round(share * 100)} %`;
}
