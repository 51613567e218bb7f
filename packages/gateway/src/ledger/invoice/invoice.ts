/** What a vendor says was used and is owed, by day and model. */

export type InvoiceFormat = "openai-costs" | "openai-usage" | "anthropic-costs" | "anthropic-usage" | "generic";

export interface Invoice {
  readonly format: InvoiceFormat;
  /** Every line of the file that names an amount, in its order. */
  readonly lines: readonly InvoiceLine[];
}

/** One line. What the file does not tell is absent. */
export interface InvoiceLine {
  /** In the file, from 1. */
  readonly line: number;
  /** As `2026-03-29`, UTC. */
  readonly day: string;
  /** As the vendor is called here: `openai`, `anthropic`, or what a generic file says. */
  readonly provider?: string;
  /** As the vendor spells it. */
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
}
