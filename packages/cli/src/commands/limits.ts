/** `dragoman limits`: how much of each limit and budget is used, by a running gateway's word or by the ledger's. */
import { EXIT } from "../exit.ts";
import { createPalette } from "../palette.ts";
import { type Column, renderTable } from "../table.ts";
import { askAdmin } from "../usage/ask-admin.ts";
import { type LedgerOptions, withLedger } from "../usage/open-ledger.ts";
import { isStandings, type StandingRow, standingCells } from "../usage/standings.ts";

interface LimitsOptions extends LedgerOptions {
  readonly url?: string;
  readonly json?: boolean;
}

/** Status 1 where any is used up. */
export async function limits(options: LimitsOptions): Promise<void> {
  const rows = options.url === undefined ? await fromLedger(options) : await fromServer(options.url);
  if (options.json === true) console.log(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) console.error("no limit is set, or nothing has been counted yet");
  else printStandings(rows);
  if (options.url === undefined && options.json !== true && rows.length > 0)
    console.error("by what the ledger has; calls under way and concurrency: --url of the running gateway");
  if (rows.some(({ used, amount }) => used >= amount)) process.exitCode = EXIT.failed;
}

async function fromServer(url: string): Promise<readonly StandingRow[]> {
  const answer = await askAdmin(url, "/admin/v1/limits");
  return isStandings(answer);
}

async function fromLedger(options: LimitsOptions): Promise<readonly StandingRow[]> {
  let rows: readonly StandingRow[] = [];
  await withLedger(options, async (ledger, configuration) => {
    const { limits: rules } = await configuration();
    const { ledgerStandings } = await import("@dragoman/gateway/offline");
    rows = await ledgerStandings(ledger, rules, Date.now());
  });
  return rows;
}

const COLUMNS: readonly Column[] = [
  { title: "LIMIT", whole: true },
  { title: "OF" },
  { title: "USED", align: "right" },
  { title: "", expendable: 3, whole: true },
  { title: "AMOUNT", align: "right" },
  { title: "UNDER WAY", align: "right", expendable: 2 },
  { title: "WAITING", align: "right", expendable: 4 },
  { title: "FREE AGAIN (UTC)", expendable: 1 },
];

function printStandings(rows: readonly StandingRow[]): void {
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
  const [titles = "", ...lines] = renderTable(COLUMNS, rows.map(standingCells), width);
  console.log([createPalette(process.stdout).bold(titles), ...lines].join("\n"));
}
