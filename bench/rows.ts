import type { BenchRow, Budget } from "./bench.ts";
import type { Measured } from "./measure.ts";

/** Rows of clients measured side by side; the budget is ours. */
export function rowsOf(measured: readonly Measured[], budget: Budget | undefined): readonly BenchRow[] {
  return measured.map(({ name, cpuUs, wallUs, ratio }) => ({
    subject: name,
    figures: { "CPU µs": cpuUs, "wall µs": wallUs },
    ratio,
    ...(budget !== undefined && name.startsWith("@dragoman/") ? { budget } : {}),
  }));
}
