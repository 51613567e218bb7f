#!/usr/bin/env node
/** The command `dragoman`. Thin: a subcommand is a file under `commands/`, loaded when it is called. */
import { Command, CommanderError } from "commander";
import { describeCommands } from "./commands/index.ts";
import { EXIT } from "./exit.ts";
import { reportFailure } from "./report-failure.ts";
import { VERSION } from "./version.ts";

const program = new Command("dragoman")
  .description("One language for every language model.")
  .version(VERSION, "-V, --version", "print the version")
  .helpOption("-h, --help", "print help")
  .showSuggestionAfterError()
  .exitOverride();

describeCommands(program);

// A reader that closes the pipe early (`dragoman models | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportFailure(error);
}
