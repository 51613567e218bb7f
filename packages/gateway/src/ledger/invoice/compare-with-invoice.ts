/** Holds what the ledger has against what a vendor says. Pure: the figures are given. */
import type { UsageRow } from "../ledger.ts";
import { fromNanoUsd, sumUsd, toNanoUsd } from "../money.ts";
import { billedModel } from "./billed-model.ts";
import type { Invoice, InvoiceLine } from "./invoice.ts";

/**
 * - `under`: the ledger has less than the vendor. `over`: it has more.
 * - `missing-here`: the ledger knows of no call of that model on that day. `missing-there`: the vendor names none.
 */
export type ReconcileVerdict = "matched" | "under" | "over" | "missing-here" | "missing-there";

/** A difference is taken as none while it is within the larger of both. */
export interface Tolerance {
  /** Share of what the vendor says. Default 0.01. */
  readonly share?: number;
  /** Default 0.01: consoles round to the cent. */
  readonly usd?: number;
  /** Where only tokens can be compared. Default 0. */
  readonly tokens?: number;
}

export interface ReconcileFigures {
  /** Of the ledger alone. */
  readonly calls?: number;
  /** Absent where nothing is known of it. */
  readonly costUsd?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

export interface ReconcileRow {
  /** As `2026-03-29`, UTC. */
  readonly day: string;
  /** As `billedModel` has it. Absent where the invoice does not tell models apart, or for what is of no model. */
  readonly model?: string;
  readonly ours: ReconcileFigures;
  readonly theirs: ReconcileFigures;
  /** What was compared. */
  readonly by: "usd" | "tokens";
  /** Ours less theirs, in USD or tokens. */
  readonly difference: number;
  readonly verdict: ReconcileVerdict;
  /** Calls of ours whose cost is not known in full. */
  readonly unpriced: number;
}

export interface ReconcileReport {
  readonly rows: readonly ReconcileRow[];
  readonly by: "usd" | "tokens";
  readonly total: {
    readonly ours: number;
    readonly theirs: number;
    readonly difference: number;
    readonly rows: Readonly<Partial<Record<ReconcileVerdict, number>>>;
  };
}

const SHARE = 0.01;
const USD = 0.01;

/** `ours`: rows by day (UTC) and model, of the invoice's vendor and span alone. */
export function compareWithInvoice(ours: readonly UsageRow[], invoice: Invoice, tolerance: Tolerance = {}): ReconcileReport {
  const by = invoice.lines.some(({ costUsd }) => costUsd !== undefined) ? "usd" : "tokens";
  const tellsModels = invoice.lines.some(({ model }) => model !== undefined);
  const pairs = new Map<string, Pair>();
  const pairOf = (day: string, model: string | undefined): Pair => {
    const name = tellsModels && model !== undefined ? billedModel(model) : undefined;
    const key = `${day} ${name ?? ""}`;
    const pair = pairs.get(key) ?? { day, model: name, ours: [], theirs: [] };
    pairs.set(key, pair);
    return pair;
  };
  for (const row of ours) pairOf(row.by.day ?? "", row.by.model).ours.push(row);
  for (const line of invoice.lines) pairOf(line.day, line.model).theirs.push(line);
  const ordered = [...pairs.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const rows = ordered.flatMap(([, pair]) => {
    const row = compared(pair, by, tolerance);
    return row === undefined ? [] : [row];
  });
  return { rows, by, total: totalOf(rows, by) };
}

interface Pair {
  readonly day: string;
  readonly model: string | undefined;
  readonly ours: UsageRow[];
  readonly theirs: InvoiceLine[];
}

function compared(pair: Pair, by: "usd" | "tokens", tolerance: Tolerance): ReconcileRow | undefined {
  const ours = figuresOfLedger(pair.ours);
  const theirs = figuresOfInvoice(pair.theirs);
  const [here, there] = [amount(ours, by), amount(theirs, by)];
  // Calls that were turned away cost nothing, and no vendor names them.
  if (pair.theirs.length === 0 && here === 0) return undefined;
  const difference = by === "usd" ? fromNanoUsd(toNanoUsd(here) - toNanoUsd(there)) : here - there;
  return {
    day: pair.day,
    ...(pair.model === undefined ? {} : { model: pair.model }),
    ours,
    theirs,
    by,
    difference,
    verdict: verdictOf(pair, difference, allowed(there, by, tolerance)),
    unpriced: pair.ours.reduce((sum, { unpriced }) => sum + unpriced, 0),
  };
}

function verdictOf({ ours, theirs }: Pair, difference: number, most: number): ReconcileVerdict {
  if (Math.abs(difference) <= most) return "matched";
  if (ours.length === 0) return "missing-here";
  if (theirs.length === 0) return "missing-there";
  return difference < 0 ? "under" : "over";
}

function allowed(theirs: number, by: "usd" | "tokens", { share = SHARE, usd = USD, tokens = 0 }: Tolerance): number {
  return Math.max(Math.abs(theirs) * share, by === "usd" ? usd : tokens);
}

function figuresOfLedger(rows: readonly UsageRow[]): ReconcileFigures {
  if (rows.length === 0) return {};
  const sum = (figure: "calls" | "inputTokens" | "outputTokens") => rows.reduce((total, row) => total + row[figure], 0);
  const costUsd = sumUsd(rows.map((row) => row.costUsd));
  return { calls: sum("calls"), costUsd, inputTokens: sum("inputTokens"), outputTokens: sum("outputTokens") };
}

function figuresOfInvoice(lines: readonly InvoiceLine[]): ReconcileFigures {
  const known = (figure: "costUsd" | "inputTokens" | "outputTokens") =>
    lines.flatMap((line) => (line[figure] === undefined ? [] : [line[figure]]));
  const [costs, input, output] = [known("costUsd"), known("inputTokens"), known("outputTokens")];
  const add = (counts: readonly number[]) => counts.reduce((total, one) => total + one, 0);
  return {
    ...(costs.length === 0 ? {} : { costUsd: sumUsd(costs) }),
    ...(input.length === 0 ? {} : { inputTokens: add(input) }),
    ...(output.length === 0 ? {} : { outputTokens: add(output) }),
  };
}

/** What is compared. Nothing at all is 0 here: a side that has no row has nothing. */
function amount({ costUsd = 0, inputTokens = 0, outputTokens = 0 }: ReconcileFigures, by: "usd" | "tokens"): number {
  return by === "usd" ? costUsd : inputTokens + outputTokens;
}

function totalOf(rows: readonly ReconcileRow[], by: "usd" | "tokens"): ReconcileReport["total"] {
  const add = (amounts: readonly number[]) => (by === "usd" ? sumUsd(amounts) : amounts.reduce((sum, one) => sum + one, 0));
  const counts: Partial<Record<ReconcileVerdict, number>> = {};
  for (const { verdict } of rows) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return {
    ours: add(rows.map(({ ours }) => amount(ours, by))),
    theirs: add(rows.map(({ theirs }) => amount(theirs, by))),
    difference: add(rows.map(({ difference }) => difference)),
    rows: counts,
  };
}
