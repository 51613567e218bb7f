/** Asks a ledger for what an invoice is to be held against. */
import { DragomanError } from "@dragoman/llm";
import type { Ledger } from "../ledger.ts";
import { compareWithInvoice, type ReconcileReport, type Tolerance } from "./compare-with-invoice.ts";
import type { Invoice } from "./invoice.ts";

export interface ReconcileOptions {
  readonly tolerance?: Tolerance;
  /** Our providers that this invoice is for. Default: those that the invoice names; where it names none, all. */
  readonly providers?: readonly string[];
  /** The first and the last day that count, as `2026-03-01`, UTC. Default: the first and the last that the invoice names. */
  readonly fromDay?: string;
  readonly toDay?: string;
}

const DAY_MS = 86_400_000;
const ROWS_MAX = 100_000;

/** Rejects with `invalid_request` for an invoice without a line, unless both days are given. Days are those of UTC, as vendors count. */
export async function reconcile(
  ledger: Pick<Ledger, "usage">,
  invoice: Invoice,
  options: ReconcileOptions = {},
): Promise<ReconcileReport> {
  const days = invoice.lines.map(({ day }) => day).toSorted();
  const fromDay = options.fromDay ?? days[0];
  const toDay = options.toDay ?? days.at(-1);
  if (fromDay === undefined || toDay === undefined)
    throw new DragomanError({
      code: "invalid_request",
      detail: "the invoice names no amount",
      advice: "name the days that it is for",
    });
  const lines = invoice.lines.filter(({ day }) => day >= fromDay && day <= toDay);
  const named = [...new Set(lines.flatMap(({ provider }) => (provider === undefined ? [] : [provider])))];
  const providers = options.providers ?? (named.length === 0 ? undefined : named);
  const ours = await ledger.usage({
    from: startOf(fromDay),
    to: startOf(toDay) + DAY_MS,
    by: ["day", "model"],
    timeZone: "UTC",
    countMax: ROWS_MAX,
    ...(providers === undefined ? {} : { of: { provider: providers } }),
  });
  return compareWithInvoice(ours, { ...invoice, lines }, options.tolerance);
}

function startOf(day: string): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(ms))
    throw new DragomanError({ code: "invalid_request", detail: `${JSON.stringify(day)} is no day`, field: "day" });
  return ms;
}
