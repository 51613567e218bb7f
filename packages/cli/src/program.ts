/** The command line as data: built for a run, and for the reference in the documentation. */
import { Command } from "commander";
import { describeCommands } from "./commands/index.ts";
import type { EnvironmentFile } from "./environment-file.ts";
import { VERSION } from "./version.ts";

export interface ProgramContext {
  readonly environmentFile: EnvironmentFile;
}

export function createProgram(context: ProgramContext): Command {
  const program = new Command("dragoman")
    .description("One language for every language model.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .showSuggestionAfterError()
    .showHelpAfterError("See dragoman --help.")
    .exitOverride();
  describeCommands(program, context);
  program.addHelpText("after", EXAMPLES);
  return program;
}

const EXAMPLES = `
Examples:
  dragoman doctor                                  what works here, and what to do next
  dragoman ask "Why is the sky blue?"
  git diff | dragoman ask -m anthropic:claude-sonnet "Review this."
  dragoman serve                                   every model behind one address`;
