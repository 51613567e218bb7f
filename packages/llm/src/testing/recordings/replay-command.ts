/** The command behind `npm run replay`: arguments in, text and an exit code out. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type FileReport, replayFolder } from "./replay-folder.ts";
import { COLOUR_STYLE, describeSummary, PLAIN_STYLE, type ReplaySummary, summarise } from "./replay-summary.ts";

export interface ReplayOutput {
  write(text: string): void;
  /** For progress and complaints. */
  writeError(text: string): void;
  /** Both go to a terminal: show progress, and colours unless `NO_COLOR` is set. */
  readonly isTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export const REPLAY_USAGE = `usage: npm run replay -- DIR [--only SUBSTRING] [--wire WIRE] [--json FILE]

Plays every recording below DIR against the dialects.

  --only SUBSTRING  only files whose path contains this
  --wire WIRE       only recordings of this wire, as in openai-chat
  --json FILE       write the findings to FILE as JSON

Exit codes: 0 when nothing failed, 1 when something did, 2 for a wrong call or a folder without recordings.
`;

/** Resolves with the exit code. */
export async function replayCommand(args: readonly string[], output: ReplayOutput): Promise<number> {
  const options = readArguments(args, output);
  if (options === "help") return 0;
  if (options === undefined) return 2;
  const { folder, jsonFile, ...choice } = options;
  let reports: readonly FileReport[];
  try {
    reports = await replayFolder(folder, { ...choice, onProgress: progress(output) });
  } catch (thrown) {
    output.writeError(`replay: cannot play ${folder}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return 2;
  }
  if (!reports.some((report) => report.type === "recording")) {
    output.writeError(`replay: no recordings below ${folder}${choiceText(choice)}\n`);
    return 2;
  }
  const summary = summarise(reports);
  if (jsonFile !== undefined && !(await saved(jsonFile, summary, output))) return 2;
  const colours = output.isTerminal && !output.environment.NO_COLOR;
  output.write(`${describeSummary(summary, colours ? COLOUR_STYLE : PLAIN_STYLE)}\n`);
  return summary.failed === 0 ? 0 : 1;
}

async function saved(file: string, summary: ReplaySummary, output: ReplayOutput): Promise<boolean> {
  try {
    await writeFile(file, `${JSON.stringify(summary, undefined, 2)}\n`);
    return true;
  } catch (thrown) {
    output.writeError(`replay: cannot write ${file}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return false;
  }
}

interface Arguments {
  readonly folder: string;
  readonly only?: string;
  readonly wire?: string;
  readonly jsonFile?: string;
}

function readArguments(args: readonly string[], output: ReplayOutput): Arguments | "help" | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: "string" },
        wire: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      output.write(REPLAY_USAGE);
      return "help";
    }
    const [folder] = positionals;
    if (folder === undefined || positionals.length > 1) throw new Error("name one folder of recordings");
    return {
      folder,
      ...(values.only === undefined ? {} : { only: values.only }),
      ...(values.wire === undefined ? {} : { wire: values.wire }),
      ...(values.json === undefined ? {} : { jsonFile: values.json }),
    };
  } catch (thrown) {
    output.writeError(`replay: ${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${REPLAY_USAGE}`);
    return undefined;
  }
}

function choiceText(choice: { readonly only?: string; readonly wire?: string }): string {
  const only = choice.only === undefined ? "" : ` whose path contains ${JSON.stringify(choice.only)}`;
  const wire = choice.wire === undefined ? "" : ` of the wire ${choice.wire}`;
  return only + wire;
}

/** One line that overwrites itself; on a pipe nothing. */
function progress(output: ReplayOutput): (done: number, total: number) => void {
  if (!output.isTerminal) return () => {};
  return (done, total) => {
    if (done % 20 === 0 || done === total)
      output.writeError(`\rplayed ${done} of ${total} files${done === total ? "\r\u001b[K" : ""}`);
  };
}
