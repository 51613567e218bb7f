/** Every subcommand with its arguments and options. What it does stands in its own file and is loaded when called. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ProgramContext } from "../program.ts";
import { describeLedgerCommands } from "./ledger-commands.ts";

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

export function describeCommands(program: Command, context: ProgramContext): void {
  program
    .command("serve")
    .description(
      "serve models over HTTP, in the dialects of OpenAI, Anthropic, Gemini and Ollama: those of a configuration, else all that are found here",
    )
    .addOption(
      new Option("-p, --port <number>", "port; 0 takes any free one (default: 4242, or as the configuration says)")
        .env("DRAGOMAN_PORT")
        .argParser(parsePort),
    )
    .option("--host <address>", "address to listen on (default: loopback); beyond loopback every caller needs a key")
    .option("-c, --config <file>", "configuration (default: DRAGOMAN_CONFIG, dragoman.yaml here or in your folder, else none)")
    .option("--json", "print what was found as one line of JSON")
    .action(async (options) => (await import("./serve.ts")).serve(options));

  program
    .command("ask")
    .description("ask a model one question; text on standard input is added to it")
    .argument("[prompt...]", "the question")
    .addOption(new Option("-m, --model <provider:model>", "which model (default: the first found)").env("DRAGOMAN_MODEL"))
    .option("-s, --system <text>", "system message")
    .addOption(new Option("-i, --image <file-or-url>", "add an image; may be repeated").argParser(collect).default([], "none"))
    .option("--schema <file>", "JSON Schema that the answer has to satisfy")
    .option("--stream", "print the answer as it comes (default on a terminal)")
    .option("--no-stream", "print the answer when it is complete, and ask the vendor for one piece")
    .option("--json", "print the whole completion as JSON; with --stream, its events as JSON lines")
    .option("--max-tokens <number>", "upper bound of the answer", parseCount)
    .option("--temperature <number>", "sampling temperature", parseNumber)
    .addOption(new Option("--effort <level>", "how hard to think").choices(EFFORTS))
    .option("--timeout <seconds>", "give up on a call after", parsePositive)
    .option("-v, --verbose", "thinking, warnings and figures on standard error also when it is no terminal")
    .action(async (prompt, options) => (await import("./ask.ts")).ask(prompt, options));

  const models = program.command("models").description("list the models on offer, with context, prices and abilities");
  models
    .command("list", { isDefault: true })
    .description("list the models on offer")
    .argument("[filter]", "only models whose name contains this")
    .option("--json", "print JSON")
    .action(async (filter, options) => (await import("./models.ts")).models(filter, options));
  models
    .command("refresh")
    .description("write the catalogue of names and prices anew, and say what has changed")
    .option("--out <folder>", "where to (default: the user's own catalogue, which every command reads)")
    .addOption(
      new Option("--format <format>", "json for a user's catalogue, ts for the bundled one")
        .choices(["json", "ts"])
        .default("json"),
    )
    .option("--json", "print the changes as JSON")
    .action(async (options) => (await import("./models-refresh.ts")).refreshModels(options));

  const prices = program.command("prices").description("what calls cost: show, compare and update the prices");
  prices
    .command("show", { isDefault: true })
    .description("show what is known, with tiers, cache, batch and tools, and where each price comes from")
    .argument("[filter]", "only models whose name contains this, as provider:model")
    .option("--listing", "ask the vendors that are set up for their own prices as well")
    .addOption(new Option("--json", "print JSON").conflicts("csv"))
    .option("--csv", "print comma-separated values; a line more for each tier and each span of hours")
    .action(async (filter, options) => (await import("./prices.ts")).showPrices(filter, options));
  prices
    .command("diff")
    .description("compare the bundled prices with yours, or one file with another")
    .argument("[before]", "a catalogue, or a file of own prices")
    .argument("[after]", "the other one")
    .option("--json", "print JSON")
    .action(async (before, after, options) => (await import("./prices-diff.ts")).diffPrices(before, after, options));
  prices
    .command("update")
    .description("write your catalogue from the installed price source, or take over a file of own prices; offline")
    .option("--from <file>", "own prices as JSON: provider -> model -> rates; they take the place of those before")
    .option("--json", "print JSON")
    .action(async (options) => (await import("./prices-update.ts")).updatePrices(options));

  const tune = program.command("tune").description("train a model of one's own at openai, azure, together or mistral");
  const everySeconds = () => new Option("--every <seconds>", "ask after it every").argParser(parsePositive).default(15);
  tune
    .command("upload")
    .description("check a training file, and keep it at the vendor")
    .argument("<provider>", "as openai")
    .argument("<file>", "JSON lines: a conversation each, in OpenAI's messages, that ends with the answer to learn")
    .option("--json", "print JSON")
    .action(async (provider, file, options) => (await import("./tune.ts")).uploadTraining(provider, file, options));
  tune
    .command("start")
    .description("start a training")
    .argument("<provider:model>", "the model to begin with")
    .argument("<file>", "a training file, which is checked and uploaded, or the id of one at the vendor")
    .option("--validation <file>", "a file, or its id, of examples to measure by")
    .option("--suffix <text>", "part of the new model's name")
    .option("--epochs <number>", "how often to go over the examples", parseCount)
    .option("--batch-size <number>", "examples a step", parseCount)
    .option("--learning-rate-multiplier <number>", "a part or a multiple of the vendor's own rate", parseNumber)
    .option("--seed <number>", "makes a training repeatable, where the vendor can", parseWhole)
    .option("--watch", "follow it to its end")
    .addOption(everySeconds())
    .option("--json", "print JSON; with --watch, lines of it")
    .action(async (model, file, options) => (await import("./tune.ts")).startTuning(model, file, options));
  tune
    .command("watch")
    .description("follow a training to its end: events as they come, step and loss")
    .argument("<provider:job>", "which job")
    .addOption(everySeconds())
    .option("--json", "print JSON lines: the job, and what has happened since the line before")
    .action(async (job, options) => (await import("./tune.ts")).watchTuning(job, options));
  tune
    .command("list")
    .description("list the trainings at a vendor, the newest first")
    .argument("<provider>", "as openai")
    .option("--json", "print JSON")
    .action(async (provider, options) => (await import("./tune.ts")).listTunings(provider, options));
  tune
    .command("cancel")
    .description("stop a training")
    .argument("<provider:job>", "which job")
    .option("--json", "print JSON")
    .action(async (job, options) => (await import("./tune.ts")).cancelTuning(job, options));
  tune
    .command("events")
    .description("show what has happened in a training, oldest first")
    .argument("<provider:job>", "which job")
    .option("--json", "print JSON")
    .action(async (job, options) => (await import("./tune.ts")).tuningEvents(job, options));

  const batch = program
    .command("batch")
    .description("many questions as one job, which may take a day and costs less where the vendor has it");
  batch
    .command("submit")
    .description("submit a file of questions; where the vendor has no batches, ask them from here")
    .argument("<file>", 'JSON lines: {"id", "prompt"} or {"id", "messages"}, with any setting of a request beside them')
    .addOption(new Option("-m, --model <provider:model>", "which model (default: the first found)").env("DRAGOMAN_MODEL"))
    .option("--local", "ask from here also where the vendor has batches")
    .option("--concurrency <number>", "calls at a time, from here (default: 4)", parseCount)
    .option("--out <file>", "keep results of a run from here; the same command goes on where it was stopped")
    .option("--json", "print the job as JSON; of a run with --out, what came of it")
    .action(async (file, options) => (await import("./batch-submit.ts")).submitBatch(file, options));
  batch
    .command("watch")
    .description("show how far a batch is, until it is at rest; status 1 unless it was completed")
    .argument("[id]", "id, or provider:id (default: the last that was submitted)")
    .option("--every <seconds>", "between two questions", parsePositive, 15)
    .option("--timeout <seconds>", "give up watching after", parsePositive)
    .option("--json", "print the job as one line of JSON whenever it has changed")
    .action(async (id, options) => (await import("./batch-watch.ts")).watchJob(id, options));
  batch
    .command("collect")
    .description("print the results of a batch as JSON lines; status 1 where any item failed")
    .argument("[id]", "id, or provider:id (default: the last that was submitted)")
    .option("--out <file>", "write them into a file")
    .option("--json", "with --out, print what came of it as JSON")
    .action(async (id, options) => (await import("./batch-collect.ts")).collectResults(id, options));
  batch
    .command("cancel")
    .description("cancel a batch; what was answered by then can be collected")
    .argument("<id>", "id, or provider:id")
    .option("--json", "print the job as JSON")
    .action(async (id, options) => (await import("./batch-cancel.ts")).cancelJob(id, options));
  batch
    .command("list")
    .description("list the batches that were submitted from here, or all of a provider")
    .argument("[provider]", "ask this provider for all that it has")
    .option("--last <number>", "how many of those submitted from here", parseCount, 20)
    .option("--json", "print JSON")
    .action(async (provider, options) => (await import("./batch-list.ts")).listJobs(provider, options));

  program
    .command("init")
    .description("write a first configuration, with comments: asks what is needed")
    .argument("[file]", "where to (default: dragoman.yaml)")
    .option("-y, --yes", "ask nothing; take what is suggested by the keys in the environment")
    .addOption(
      new Option("--provider <id>", "a provider; may be repeated, in the order in which they are tried")
        .argParser(collect)
        .default([], "those whose key is in the environment"),
    )
    .option("--budget <usd>", "US dollars a month for all calls (default: 100)", parsePositive)
    .option("--team <name>", "a team with a key of its own (default: none)")
    .option("--force", "overwrite a file that is there")
    .action(async (file, options) => (await import("./init.ts")).initConfiguration(file, options));

  const config = program.command("config").description("the configuration of the gateway: check, show, compare");
  const configFile = () => new Option("-c, --config <file>", "which configuration").env("DRAGOMAN_CONFIG");
  const DEFAULT_CONFIG = "dragoman.yaml, .yml or .toml here, then in the user's own folder";
  config
    .command("validate")
    .description("say everything that is wrong with a configuration, each with its place; status 1 where anything is")
    .argument("[file]", `which one (default: ${DEFAULT_CONFIG})`)
    .addOption(configFile())
    .option("--json", "print JSON")
    .action(async (file, options) => (await import("./config-validate.ts")).validateConfiguration(file, options));
  config
    .command("show")
    .description("show what holds in the end, defaults included")
    .argument("[file]", `which one (default: ${DEFAULT_CONFIG})`)
    .addOption(configFile())
    .option("--json", "print JSON")
    .action(async (file, options) => (await import("./config-show.ts")).showConfiguration(file, options));
  config
    .command("diff")
    .description("say what another configuration would change")
    .argument("<before>", "a configuration")
    .argument("<after>", "the other one")
    .option("--json", "print JSON")
    .action(async (before, after, options) => (await import("./config-diff.ts")).diffConfigurationFiles(before, after, options));
  config
    .command("schema")
    .description("print the JSON Schema of a configuration, for editors")
    .action(async () => (await import("./config-schema.ts")).printConfigurationSchema());

  const storeConfig = () =>
    new Option("-c, --config <file>", "configuration that names the store (default: as of serve, else the store in your folder)");
  const keys = program.command("keys").description("keys of the gateway: who may call, and what");
  const restricting = (command: Command): Command =>
    command
      .option("--models <names>", "models and routes that it may use, as gpt-*,fast; may be repeated", collectNames)
      .option("--paths <paths>", "paths that it may call, as /v1/*; may be repeated", collectNames)
      .option("--addresses <cidr>", "addresses from which it may call, as 10.0.0.0/8; may be repeated", collectNames)
      .option("--expires <when>", "when it ends: 30d, 12h, 2027-01-31 (midnight UTC), 2027-01-31T12:00:00Z")
      .option("--admin", "it may use the admin API");
  restricting(keys.command("create"))
    .description("create a key; it is printed once, alone on standard output")
    .argument("<name>", "what it is called, for people")
    .option("--team <name>", "the team to which it belongs")
    .addOption(storeConfig())
    .option("--json", "print the key and what is known of it as JSON")
    .action(async (name, options) => (await import("./keys.ts")).createKey(name, options));
  keys
    .command("list")
    .description("list the keys, those of the configuration first")
    .option("--all", "also those that are revoked")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (options) => (await import("./keys.ts")).listKeys(options));
  keys
    .command("rotate")
    .description("make a new key under the same id; it is printed once")
    .argument("<key>", "id, or the name of one that holds")
    .option("--overlap <span>", "how long the old key still holds, as 1h (default: not at all)")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (key, options) => (await import("./keys.ts")).rotateKey(key, options));
  keys
    .command("revoke")
    .description("end a key for good")
    .argument("<key>", "id, or the name of one that holds")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (key, options) => (await import("./keys.ts")).revokeKey(key, options));
  restricting(keys.command("restrict"))
    .description("change what a key may do; what is not named stays as it is")
    .argument("<key>", "id, or the name of one that holds")
    .addOption(
      new Option("--lift <restriction>", "take this restriction, or --admin, away; may be repeated")
        .choices(["models", "paths", "addresses", "expires", "admin"])
        .argParser(collectRestriction)
        .default([], "none"),
    )
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (key, options) => (await import("./keys.ts")).restrictKey(key, options));

  const teams = program.command("teams").description("teams of the gateway: keys that share models, limits and figures");
  teams
    .command("create")
    .description("create a team")
    .argument("<name>", "what it is called")
    .option("--models <names>", "models and routes that its keys may use, as gpt-*,fast; may be repeated", collectNames)
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (name, options) => (await import("./teams.ts")).createTeam(name, options));
  teams
    .command("list")
    .description("list the teams, with how many keys hold in each")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (options) => (await import("./teams.ts")).listTeams(options));
  teams
    .command("remove")
    .description("remove a team that has no keys")
    .argument("<name>", "which")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (name, options) => (await import("./teams.ts")).removeTeam(name, options));

  const audit = program.command("audit").description("who did what when with keys, teams and the configuration");
  audit
    .command("list", { isDefault: true })
    .description("list what was done and what was refused, newest first")
    .option("--last <number>", "how many", parseCount, 50)
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (options) => (await import("./audit.ts")).listAudit(options));
  audit
    .command("verify")
    .description("read the whole chain and name the first place where it is broken; status 1 where it is")
    .option("--anchor <number:hash>", "what dragoman audit head printed before: also finds a cut end and a chain written anew")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (options) => (await import("./audit.ts")).verifyAuditLog(options));
  audit
    .command("head")
    .description("print the end of the chain, to be kept elsewhere")
    .addOption(storeConfig())
    .option("--json", "print JSON")
    .action(async (options) => (await import("./audit.ts")).auditHead(options));
  audit
    .command("export")
    .description("print the whole log, oldest first")
    .addOption(new Option("--format <format>", "JSON lines or comma-separated values").choices(["jsonl", "csv"]).default("jsonl"))
    .addOption(storeConfig())
    .option("--json", "the same as --format jsonl")
    .action(async (options) => (await import("./audit.ts")).exportAuditLog(options));

  describeLedgerCommands(program);

  program
    .command("doctor")
    .description("check each provider: key, reach, one call; and say what to do next")
    .option("--json", "print JSON")
    .option("--all", "also what each provider needs that nobody has set up")
    .option("--no-call", "do not make the call, which may cost a fraction of a cent")
    .option("--timeout <seconds>", "give up on a provider after", parsePositive, 20)
    .action(async (options) => (await import("./doctor.ts")).doctor(options, context.environmentFile));

  program
    .command("probe")
    .description("measure what a model can do with a dozen small calls, and keep the findings")
    .argument("<provider:model>", "which model")
    .option("--json", "print JSON")
    .option("--no-save", "do not keep the findings")
    .option("--timeout <seconds>", "give up on a call after", parsePositive, 60)
    .action(async (model, options) => (await import("./probe.ts")).probeModel(model, options));
}

/** `a,b`, and again. */
function collectNames(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...value.split(",").filter((name) => name !== "")];
}

function collectRestriction(value: string, earlier: readonly string[]): readonly string[] {
  const known = ["models", "paths", "addresses", "expires", "admin"];
  if (!known.includes(value)) throw new InvalidArgumentError(`It must be one of ${known.join(", ")}.`);
  return [...earlier, value];
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("It must be a number, 0 or more.");
  return value;
}

/** Seconds; a timer of Node holds at most 2^31 milliseconds. */
function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0) || value > 2_000_000)
    throw new InvalidArgumentError("It must be a number over 0, at most 2000000.");
  return value;
}

function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return value;
}

function parseWhole(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  return value;
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError("It must be a port, 0 to 65535; 0 takes any free one.");
  return value;
}
