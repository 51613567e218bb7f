/** What a benchmark is, and what it finds. */

export interface BenchOptions {
  /** Fewer and shorter rounds: a rough answer for all benchmarks within half a minute. */
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
  readonly budget?: Budget;
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
}

export interface Benchmark {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly BenchResult[]>;
}

/** Whether a row keeps its budget; undefined where it has none. */
export function isMet({ budget, ratio, figures }: BenchRow): boolean | undefined {
  if (budget === undefined) return undefined;
  const value = budget.figure === "ratio" ? ratio : figures[budget.figure];
  if (value === undefined) return false;
  return value <= (budget.atMost ?? Infinity) && value >= (budget.atLeast ?? -Infinity);
}
