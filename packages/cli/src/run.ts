/** One run of the command: settings from `.env`, the command line, and what its outcome says to the shell. */
import { CommanderError } from "commander";
import { loadEnvironmentFile } from "./environment-file.ts";
import { EXIT } from "./exit.ts";
import { createProgram } from "./program.ts";

/** Sets `process.exitCode`; never throws. */
export async function run(words: readonly string[]): Promise<void> {
  guardOutputs();
  // Before the command line is read: options take their defaults from the environment.
  const program = createProgram({ environmentFile: loadEnvironmentFile() });
  if (words.length === 0) {
    program.outputHelp();
    return;
  }
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    process.exitCode = await outcomeOf(error);
  }
}

async function outcomeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { reportFailure } = await import("./report-failure.ts");
  return reportFailure(error);
}

/** A reader that closes the pipe early (`dragoman models | head`) is no failure; a full disk is. */
function guardOutputs(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    process.stderr.write(`dragoman: cannot write the output: ${error.message}\n`);
    process.exit(EXIT.failed);
  });
  // Nobody is left to be told.
  process.stderr.on("error", () => {});
}
