/** `npm run replay -- DIR`: plays recorded traffic against the dialects. See `--help`. */
import { replayCommand } from "../packages/llm/src/testing/recordings/replay-command.ts";

process.exitCode = await replayCommand(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true && process.stderr.isTTY === true,
  environment: process.env,
});
