/** The commands over the ledger and the routes: usage, calls, explain, limits, ledger, route. */
import { type Command, InvalidArgumentError, Option } from "commander";

const OUTCOMES = ["answered", "failed", "refused", "aborted", "cut", "interrupted"];
const ROWS_MAX = 100_000;

export function describeLedgerCommands(program: Command): void {
  overCalls(program.command("usage"), "30d")
    .description("add up calls, tokens and cost, by model or by any other columns")
    .option("--by <columns>", "columns, as team,model or day,tag:project (default: model)", collectNames)
    .option("--time-zone <name>", "for hours, days and months (default: UTC)")
    .option("--last <number>", "rows, the dearest first", parseRows, 1_000)
    .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
    .action(async (options) => (await import("./usage.ts")).usage(options));

  overCalls(program.command("calls"))
    .description("list the calls, newest first")
    .option("--last <number>", "how many", parseRows, 20)
    .action(async (options) => (await import("./calls.ts")).listCalls(options));

  program
    .command("explain")
    .description("tell one call: who asked, where it could go and why, each attempt with its time and price")
    .argument("<id>", "its id, the beginning of it, or last")
    .option("--content", "also what was asked and answered, where that is kept")
    .addOption(storeConfig())
    .addOption(localFile())
    .option("--json", "print JSON")
    .action(async (id, options) => (await import("./explain.ts")).explain(id, options));

  program
    .command("limits")
    .description("show how much of each limit and budget is used; status 1 where one is used up")
    .addOption(storeConfig())
    .addOption(localFile())
    .option("--url <address>", "ask a running gateway, with the key of DRAGOMAN_KEY (default: by the ledger)")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./limits.ts")).limits(options));

  const ledger = program
    .command("ledger")
    .description("the record of all calls: check it against invoices, price it anew, export it");
  ledger
    .command("reconcile")
    .description("hold the ledger against a vendor's invoice or usage export; status 1 where they differ")
    .argument("<file>", "CSV as OpenAI or Anthropic export it, or with the columns date, model, cost_usd")
    .option("--provider <names>", "which of your providers it is for (default: those that it names)", collectNames)
    .option("--from <day>", "first day that counts, as 2026-03-01 UTC (default: the invoice's)")
    .option("--to <day>", "last day that counts")
    .option("--tolerance <percent>", "difference that is let through (default: 1)", parsePercent)
    .option("--all", "also the rows that match")
    .addOption(storeConfig())
    .addOption(localFile())
    .option("--json", "print JSON")
    .action(async (file, options) => (await import("./ledger.ts")).reconcileInvoice(file, options));
  overCalls(ledger.command("recompute"))
    .description("work out what the calls cost at other prices; with --apply, write it")
    .requiredOption("--prices <source>", "a file of own prices, or bundled: as the configuration and the catalogue say now")
    .option("--apply", "replace the prices in the ledger")
    .action(async (options) => (await import("./ledger.ts")).recompute(options));
  overCalls(ledger.command("export"))
    .description("print the calls as JSON lines, newest first, with all that was decided")
    .action(async (options) => (await import("./ledger.ts")).exportCalls(options));

  const route = program.command("route").description("where calls go: try a request, a configuration, the complexity scorer");
  route
    .command("test")
    .description("show where a request would go and why, without sending it")
    .argument("<model>", "a route, agent:NAME, or provider:model")
    .argument("[prompt...]", "the question (default: an empty one)")
    .option("--key <name>", "whose key", "local")
    .option("--team <name>", "whose team")
    .option("--agent <name>", "which agent asks")
    .option("--tag <name=value>", "a tag of the request; may be repeated", collect)
    .option("--tools", "as if it offered tools")
    .option("--json-output", "as if it asked for JSON")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (model, prompt, options) => (await import("./route-test.ts")).testRoute(model, prompt, options));
  overCalls(route.command("what-if"), "7d")
    .description("replay logged calls by another configuration: which would go elsewhere, and what that would cost")
    .option("--ledger-of <file>", "configuration that names the ledger (default: the one that is found here)")
    .option("--last <number>", "calls at most, the newest", parseRows, 10_000)
    .option("--calls", "one row for each call that moves")
    .action(async (options) => (await import("./route-what-if.ts")).whatIf(options));
  overCalls(route.command("eval"), "30d")
    .description("what the complexity scorer says of logged calls, and what it would have saved; wants ledger: { content: true }")
    .option("--simple <provider:model>", "the model for simple tasks (default: that of each route)")
    .action(async (options) => (await import("./route-eval.ts")).evaluateRoutes(options));
}

function storeConfig(): Option {
  return new Option("-c, --config <file>", "configuration that names the store").env("DRAGOMAN_CONFIG");
}

function localFile(): Option {
  return new Option("--local", "where nodes share a PostgreSQL: only the calls of this node, from its own file").conflicts("url");
}

/** Which calls. */
function overCalls(command: Command, since?: string): Command {
  return command
    .option("--since <span>", `calls since so long, as 30m, 12h, 7d, 4w${since === undefined ? "" : ` (default: ${since})`}`)
    .option("--from <time>", "first moment, as 2026-03-01 (midnight UTC) or 2026-03-01T12:00:00Z")
    .option("--to <time>", "the moment before which they began")
    .option("--provider <names>", "only of these, as a,b; may be repeated, as all that follow", collectNames)
    .option("--model <names>", "only of these models", collectNames)
    .option("--route <names>", "only of these routes", collectNames)
    .option("--key <names>", "only of these keys", collectNames)
    .option("--team <names>", "only of these teams", collectNames)
    .option("--agent <names>", "only of these agents", collectNames)
    .option("--session <names>", "only of these sessions", collectNames)
    .option("--user <names>", "only of these users", collectNames)
    .option("--outcome <outcomes>", `only those that ended so: ${OUTCOMES.join(", ")}`, collectOutcomes)
    .option("--tag <name=value>", "only with this tag; may be repeated", collect)
    .addOption(storeConfig())
    .addOption(localFile())
    .option("--json", "print JSON");
}

/** `a,b`, and again. */
function collectNames(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...value.split(",").filter((name) => name !== "")];
}

function collectOutcomes(value: string, earlier: readonly string[] = []): readonly string[] {
  const all = collectNames(value, earlier);
  for (const outcome of all)
    if (!OUTCOMES.includes(outcome)) throw new InvalidArgumentError(`It must be one of ${OUTCOMES.join(", ")}.`);
  return all;
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function parseRows(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > ROWS_MAX)
    throw new InvalidArgumentError(`It must be a whole number, 1 to ${ROWS_MAX}.`);
  return value;
}

function parsePercent(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0) || value > 100) throw new InvalidArgumentError("It must be a number, 0 to 100.");
  return value;
}
