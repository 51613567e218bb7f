/** The process of `run-in-turn.ts`: imports the files that it is given, and tells of each when it has ended. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import type { ModuleRun } from "./run-in-turn.ts";

for (const file of process.argv.slice(2)) {
  const output = captureOutput();
  const outcome = await outcomeOf(file);
  await report({ file, outcome, output: output.release() });
}
process.disconnect?.();

async function outcomeOf(file: string): Promise<string> {
  try {
    await import(pathToFileURL(file).href);
    await nextTurn();
  } catch (error) {
    return inspect(error);
  }
  const { exitCode } = process;
  process.exitCode = undefined;
  return exitCode === undefined || exitCode === 0 ? "ended well" : `set the exit code ${exitCode}`;
}

function captureOutput(): { release(): string } {
  const outputs = [process.stdout, process.stderr];
  const writers = outputs.map(({ write }) => write);
  let text = "";
  for (const output of outputs) {
    output.write = (piece: string | Uint8Array, ...rest: unknown[]): boolean => {
      text += typeof piece === "string" ? piece : Buffer.from(piece).toString("utf8");
      const done = rest.find((argument) => typeof argument === "function");
      if (done !== undefined) process.nextTick(done);
      return true;
    };
  }
  return {
    release() {
      for (const [index, output] of outputs.entries()) output.write = writers[index] ?? output.write;
      return text;
    },
  };
}

function report(run: ModuleRun): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(run, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
