import { describe, expect, test } from "vitest";
import { billedModel } from "../../src/ledger/invoice/billed-model.ts";
import { parseCsv } from "../../src/ledger/invoice/parse-csv.ts";
import { parseInvoice } from "../../src/ledger/invoice/parse-invoice.ts";
import { reconcile } from "../../src/ledger/invoice/reconcile.ts";
import { createMemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { attempt, fallenBack, NOON, record } from "./example-calls.ts";

const DAY = 86_400_000;

describe("CSV", () => {
  test("quotes, doubled quotes, lines within quotes, either end of line, a byte order mark", () => {
    const rows = parseCsv('\uFEFFa,b\r\n"x, ""y""",\n\n"two\nlines",3\r\nlast,"4"');
    expect(rows).toEqual([
      { line: 1, cells: ["a", "b"] },
      { line: 2, cells: ['x, "y"', ""] },
      { line: 4, cells: ["two\nlines", "3"] },
      { line: 6, cells: ["last", "4"] },
    ]);
  });

  test("names the line of what is malformed", () => {
    expect(() => parseCsv('a\n"b')).toThrow(/line 2.*never closed/);
    expect(() => parseCsv('a\n"b"c')).toThrow(/line 2.*closing quote/);
  });
});

describe("an invoice", () => {
  test("of OpenAI's costs: days in seconds, a model and a kind in one cell, days without costs", () => {
    const csv = `start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id
1774742400,1774828800,2026-03-29T00:00:00+00:00,2026-03-30T00:00:00+00:00,0.8958740000000000,usd,"gpt-5-2025-08-07, input",proj_1
1774742400,1774828800,2026-03-29T00:00:00+00:00,2026-03-30T00:00:00+00:00,0.1,usd,"gpt-5-2025-08-07, output",proj_1
1774828800,1774915200,2026-03-30T00:00:00+00:00,2026-03-31T00:00:00+00:00,,,,
`;
    expect(parseInvoice(csv)).toEqual({
      format: "openai-costs",
      lines: [
        { line: 2, day: "2026-03-29", provider: "openai", model: "gpt-5-2025-08-07", costUsd: 0.895874 },
        { line: 3, day: "2026-03-29", provider: "openai", model: "gpt-5-2025-08-07", costUsd: 0.1 },
      ],
    });
  });

  test("of OpenAI's usage, of Claude's usage and costs, and of any other vendor", () => {
    const openai = `start_time,end_time,project_id,num_model_requests,model,batch,input_tokens,output_tokens,input_cached_tokens
1774742400,1774746000,p,3,gpt-5-2025-08-07,false,1200,300,1000`;
    expect(parseInvoice(openai)).toMatchObject({ format: "openai-usage", lines: [{ inputTokens: 1200, outputTokens: 300 }] });
    const usage = `usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count
2026-03-29,claude-sonnet-4-5-20250929,key,Default,standard,≤ 200k,100,20,3,4000,50,0`;
    expect(parseInvoice(usage)).toMatchObject({
      format: "anthropic-usage",
      lines: [{ day: "2026-03-29", provider: "anthropic", inputTokens: 4123, outputTokens: 50 }],
    });
    const costs = `usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type
2026-03-29,Claude Sonnet 4.5,Default,key,message,≤ 200k,output_no_cache,1.25,1.25,token`;
    expect(parseInvoice(costs)).toMatchObject({
      format: "anthropic-costs",
      lines: [{ model: "Claude Sonnet 4.5", costUsd: 1.25 }],
    });
    const generic =
      "Date,Model,Cost_USD,provider,input_tokens\n2026-03-29T23:30:00-02:00,m,$0.5,acme,7\n2026-03-29 10:00,m,-0.1,,";
    expect(parseInvoice(generic)).toEqual({
      format: "generic",
      lines: [
        { line: 2, day: "2026-03-30", provider: "acme", model: "m", inputTokens: 7, costUsd: 0.5 },
        { line: 3, day: "2026-03-29", model: "m", costUsd: -0.1 },
      ],
    });
  });

  test("that cannot be read names line and column", () => {
    const header = "date,model,cost_usd,input_tokens\n";
    expect(() => parseInvoice(`${header}2026-03-29,m,a lot,1`)).toThrow(/line 2, column cost_usd.*"a lot" is no number/);
    expect(() => parseInvoice(`${header}2026-03-29,m,1,1.5`)).toThrow(/line 2, column input_tokens/);
    expect(() => parseInvoice(`${header}29.3.2026,m,1,1`)).toThrow(/line 2, column date.*no date/);
    expect(() => parseInvoice(`${header}2026-13-45,m,1,1`)).toThrow(/line 2, column date/);
    expect(() => parseInvoice(`${header}2026-03-29,m`)).toThrow(/line 2.*2 cells.*has 4/);
    expect(() => parseInvoice("when,what\n1,2")).toThrow(/line 1.*when, what.*openai-costs: start_time, amount_value/);
    expect(() => parseInvoice("")).toThrow(/empty/);
    expect(() => parseInvoice("start_time,amount_value,amount_currency\n1774742400,1,eur")).toThrow(/amount_currency.*eur/);
  });

  test("spells models in several ways", () => {
    expect(billedModel("Claude Sonnet 4.5")).toBe(billedModel("claude-sonnet-4-5-20250929"));
    expect(billedModel("Claude 3.5 Sonnet 2024-10-22")).toBe(billedModel("claude-3-5-sonnet-latest"));
    expect(billedModel("gpt-4o-2024-08-06")).toBe("gpt-4o");
    expect(billedModel("gpt-4o-mini")).not.toBe(billedModel("gpt-4o"));
  });
});

describe("reconciling", () => {
  async function withCalls<Result>(work: (ledger: ReturnType<typeof createMemoryLedger>) => Promise<Result>): Promise<Result> {
    const ledger = createMemoryLedger();
    ledger.close(record("a"));
    ledger.close(fallenBack("b"));
    const mini = { costUsd: 0.5, knownCostUsd: 0.5, attempts: [attempt({ model: "gpt-5-mini", costUsd: 0.5 })] };
    ledger.close(record("c", { ...mini, startedAt: NOON + DAY, model: "gpt-5-mini" }));
    ledger.close(record("later", { startedAt: NOON + 9 * DAY }));
    try {
      return await work(ledger);
    } finally {
      await ledger.end();
    }
  }

  test("day by day and model by model, failed attempts included, with a verdict each", async () => {
    const invoice = parseInvoice(`date,provider,model,cost_usd
2026-03-29,openai,gpt-5-2025-08-07,0.015
2026-03-29,openai,gpt-5-2025-08-07,0.005
2026-03-29,openai,o9,3
2026-03-30,openai,gpt-5-nano,0`);
    const report = await withCalls((ledger) => reconcile(ledger, invoice));
    expect(report.rows.map(({ day, model, verdict, difference }) => [day, model, verdict, difference])).toEqual([
      ["2026-03-29", "gpt-5", "matched", 0],
      ["2026-03-29", "o9", "missing-here", -3],
      ["2026-03-30", "gpt-5-mini", "missing-there", 0.5],
      ["2026-03-30", "gpt-5-nano", "matched", 0],
    ]);
    expect(report.rows[0]).toMatchObject({
      ours: { calls: 2, costUsd: 0.02 },
      theirs: { costUsd: 0.02 },
      by: "usd",
      unpriced: 0,
    });
    expect(report.total).toEqual({
      ours: 0.52,
      theirs: 3.02,
      difference: -2.5,
      rows: { matched: 2, "missing-here": 1, "missing-there": 1 },
    });
  });

  test("within a tolerance and beyond it, and by the day where the vendor tells no models", async () => {
    const invoice = parseInvoice("start_time,amount_value,line_item\n1774742400,0.2,\n1774828800,0.498,");
    const report = await withCalls((ledger) => reconcile(ledger, invoice, { tolerance: { share: 0.01, usd: 0.001 } }));
    expect(report.rows.map(({ day, model, verdict }) => [day, model, verdict])).toEqual([
      ["2026-03-29", undefined, "under"],
      ["2026-03-30", undefined, "matched"],
    ]);
    const strict = await withCalls((ledger) => reconcile(ledger, invoice, { tolerance: { share: 0, usd: 0 } }));
    expect(strict.rows.map(({ verdict }) => verdict)).toEqual(["under", "over"]);
  });

  test("by tokens where the vendor tells no costs, for the providers that are named", async () => {
    const csv = "usage_date_utc,model_version,usage_input_tokens_no_cache,usage_output_tokens\n2026-03-29,claude,100,50";
    const report = await withCalls((ledger) => reconcile(ledger, parseInvoice(csv)));
    expect(report.rows).toMatchObject([{ model: "claude", by: "tokens", difference: 0, verdict: "matched" }]);
    const elsewhere = await withCalls((ledger) => reconcile(ledger, parseInvoice(csv), { providers: ["claude-eu"] }));
    expect(elsewhere.rows).toMatchObject([{ verdict: "missing-here", difference: -150 }]);
  });

  test("of an invoice without a line needs the days", async () => {
    const empty = parseInvoice("date,model,cost_usd\n");
    await withCalls(async (ledger) => {
      await expect(reconcile(ledger, empty)).rejects.toThrow(/names no amount/);
      const report = await reconcile(ledger, empty, { fromDay: "2026-03-29", toDay: "2026-03-29", providers: ["openai"] });
      // Without an amount there is nothing but tokens to compare, and of them the vendor names none.
      expect(report.rows).toMatchObject([{ verdict: "missing-there" }]);
    });
  });
});
