/** `docs/cli.md`: every command with its arguments and options, as commander knows them. */
import { commandReference } from "../../packages/cli/src/command-reference.ts";

export function cliPage(): string {
  return commandReference();
}
