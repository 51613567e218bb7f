/** `npm run fuzz`: tries the dialects on wrong input. See `--help`. */
import { fuzzCommand } from "../packages/llm/src/testing/fuzz/fuzz-command.ts";

process.exitCode = await fuzzCommand(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true && process.stderr.isTTY === true,
});
