/** `dragoman config validate`: everything that is wrong with a configuration, at once, with its place. */
import { requireConfiguration } from "../config/find-configuration.ts";
import { ConfigurationError, type ConfigurationProblem, loadConfiguration } from "../config/gateway-configuration.ts";
import { problemReport } from "../config/problem-report.ts";
import { readShortText } from "../config/read-short-text.ts";
import { EXIT } from "../exit.ts";
import { createPalette } from "../palette.ts";

export interface ConfigFileOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export async function validateConfiguration(named: string | undefined, options: ConfigFileOptions): Promise<void> {
  const file = requireConfiguration(named ?? options.config);
  const problems = await problemsOf(file);
  const isRight = problems.every(({ severity }) => severity === "warning");
  if (options.json === true) console.log(JSON.stringify({ valid: isRight, file, problems }, null, 2));
  else await print(file, problems, isRight);
  process.exitCode = isRight ? EXIT.ok : EXIT.failed;
}

async function problemsOf(file: string): Promise<readonly ConfigurationProblem[]> {
  try {
    return (await loadConfiguration(file)).warnings;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

async function print(file: string, problems: readonly ConfigurationProblem[], isRight: boolean): Promise<void> {
  const palette = createPalette(process.stdout);
  for (const line of problemReport(problems, await readShortText(file), palette)) console.log(line);
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const counts = [count(problems.length - warnings, "error"), count(warnings, "warning")]
    .filter((text) => text !== "")
    .join(", ");
  const said = isRight ? palette.green("is valid") : palette.red("is not valid");
  console.log(`${file} ${said}${counts === "" ? "" : `: ${counts}`}`);
}

function count(number: number, word: string): string {
  return number === 0 ? "" : `${number} ${word}${number === 1 ? "" : "s"}`;
}
