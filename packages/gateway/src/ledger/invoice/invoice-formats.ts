/**
 * The files that are known, each by columns that it must have; the first that fits is taken. Sources: the exports of
 * platform.openai.com (Usage, "Cost data" and "Activity data") and of the Claude console (Cost and Usage pages), as public programs that read
 * them have their headers in 2025 and 2026.
 */
import type { InvoiceFormat, InvoiceLine } from "./invoice.ts";
import type { InvoiceRow } from "./invoice-row.ts";

export interface InvoiceFormatRule {
  readonly format: InvoiceFormat;
  /** Lower-case. */
  readonly columns: readonly string[];
  /** Undefined for a row that names no amount. */
  read(row: InvoiceRow): InvoiceLine | undefined;
}

export const INVOICE_FORMATS: readonly InvoiceFormatRule[] = [
  {
    format: "openai-costs",
    columns: ["start_time", "amount_value"],
    read(row) {
      const costUsd = row.usd("amount_value");
      // A day without costs has a row all the same.
      if (costUsd === undefined) return undefined;
      const currency = row.text("amount_currency") ?? "usd";
      if (currency.toLowerCase() !== "usd") throw row.fail("amount_currency", `${currency} cannot be compared with USD`);
      return { ...at(row, "start_time", "openai"), ...named("model", modelOfLineItem(row.text("line_item"))), costUsd };
    },
  },
  {
    format: "openai-usage",
    columns: ["start_time", "input_tokens", "output_tokens"],
    read(row) {
      const inputTokens = row.count("input_tokens");
      const outputTokens = row.count("output_tokens");
      if (inputTokens === undefined && outputTokens === undefined) return undefined;
      return { ...at(row, "start_time", "openai"), ...named("model", row.text("model")), ...tokens(inputTokens, outputTokens) };
    },
  },
  {
    format: "anthropic-costs",
    columns: ["usage_date_utc", "model", "cost_usd"],
    read(row) {
      const costUsd = row.usd("cost_usd");
      if (costUsd === undefined) return undefined;
      return { ...at(row, "usage_date_utc", "anthropic"), ...named("model", row.text("model")), costUsd };
    },
  },
  {
    format: "anthropic-usage",
    columns: ["usage_date_utc", "model_version", "usage_output_tokens"],
    read(row) {
      const inputTokens = row.counts([
        "usage_input_tokens_no_cache",
        "usage_input_tokens_cache_write_5m",
        "usage_input_tokens_cache_write_1h",
        // In older files, which did not tell the two apart.
        "usage_input_tokens_cache_write",
        "usage_input_tokens_cache_read",
      ]);
      const outputTokens = row.count("usage_output_tokens");
      if (inputTokens === undefined && outputTokens === undefined) return undefined;
      const model = named("model", row.text("model_version"));
      return { ...at(row, "usage_date_utc", "anthropic"), ...model, ...tokens(inputTokens, outputTokens) };
    },
  },
  {
    format: "generic",
    columns: ["date", "model", "cost_usd"],
    read(row) {
      const costUsd = row.usd("cost_usd");
      const counted = tokens(row.count("input_tokens"), row.count("output_tokens"));
      if (costUsd === undefined && Object.keys(counted).length === 0) return undefined;
      return {
        ...at(row, "date", row.text("provider")),
        ...named("model", row.text("model")),
        ...counted,
        ...(costUsd === undefined ? {} : { costUsd }),
      };
    },
  },
];

function at(row: InvoiceRow, column: string, provider: string | undefined): Pick<InvoiceLine, "line" | "day" | "provider"> {
  return { line: row.line, day: row.day(column), ...named("provider", provider) };
}

function named<Name extends "provider" | "model">(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  const entry: { [Key in Name]?: string } = {};
  if (value !== undefined) entry[name] = value;
  return entry;
}

function tokens(
  inputTokens: number | undefined,
  outputTokens: number | undefined,
): Pick<InvoiceLine, "inputTokens" | "outputTokens"> {
  return { ...(inputTokens === undefined ? {} : { inputTokens }), ...(outputTokens === undefined ? {} : { outputTokens }) };
}

/** `gpt-4o-2024-08-06, input` is a line of the model before the comma. */
function modelOfLineItem(item: string | undefined): string | undefined {
  const model = item?.split(",")[0]?.trim();
  return model === "" ? undefined : model;
}
