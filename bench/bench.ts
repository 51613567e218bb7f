/** What a benchmark is, and what it finds. */
import type { Chart } from "./chart.ts";

export interface BenchOptions {
  /** Fewer and shorter rounds: a rough answer, within half a minute a benchmark. */
  readonly quick: boolean;
  /** An earlier checkout of this project, with its packages installed, whose library is measured beside ours. */
  readonly against?: string;
}

/** One line of the table. */
export interface BenchRow {
  readonly subject: string;
  /** What was measured, with its unit: `CPU µs per call` -> 95. */
  readonly figures: Readonly<Record<string, number>>;
  /** Against the limit that stands first in the same table. */
  readonly ratio?: number;
  readonly budget?: Budget | readonly Budget[];
}

/** What the row has to keep. */
export interface Budget {
  /** The name of the figure, or `ratio`. */
  readonly figure: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface BenchResult {
  readonly name: string;
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly method: string;
  readonly rows: readonly BenchRow[];
  /** Drawn beside the stored figures, as `<name>.svg`. */
  readonly chart?: Chart;
}

export interface Benchmark {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly BenchResult[]>;
}

/** Whether a row keeps all that it has to; undefined where that is nothing. */
export function isMet(row: BenchRow): boolean | undefined {
  const budgets = budgetsOf(row);
  return budgets.length === 0 ? undefined : budgets.every((budget) => keeps(row, budget));
}

export function budgetsOf({ budget = [] }: BenchRow): readonly Budget[] {
  return "figure" in budget ? [budget] : budget;
}

/** What was not measured keeps no budget. */
function keeps({ ratio, figures }: BenchRow, { figure, atMost = Infinity, atLeast = -Infinity }: Budget): boolean {
  const value = figure === "ratio" ? ratio : figures[figure];
  return value !== undefined && value <= atMost && value >= atLeast;
}
