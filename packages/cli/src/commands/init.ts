/** `dragoman init`: writes a first configuration, with comments, that validates. */
import { writeFile } from "node:fs/promises";
import { BUILT_IN_PROVIDERS, DragomanError, nearestNames } from "@dragoman/llm";
import { composeConfiguration, type InitAnswers, providersWithKeys, suggestedAnswers } from "../config/compose-configuration.ts";
import { loadConfiguration, parseConfiguration } from "../config/gateway-configuration.ts";

export interface InitOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly provider: readonly string[];
  readonly budget?: number;
  readonly team?: string;
}

const DEFAULT_FILE = "dragoman.yaml";

export async function initConfiguration(named: string | undefined, options: InitOptions): Promise<void> {
  const file = named ?? DEFAULT_FILE;
  if (!/\.ya?ml$/i.test(file)) {
    throw new DragomanError({ code: "configuration", detail: `${file} does not end in .yaml`, advice: "name a file that does" });
  }
  const suggested = suggestedAnswers(process.env, checkedOptions(options));
  const answers = await answersOf(file, suggested, options);
  if (answers === undefined) return;
  const text = composeConfiguration(answers);
  // A file that does not validate is a defect of ours, and is not written.
  parseConfiguration(text, { format: "yaml", file });
  await write(file, text, options.force === true);
  await tell(file);
}

function checkedOptions({ provider, budget, team }: InitOptions): Partial<InitAnswers> {
  const known = BUILT_IN_PROVIDERS.map(({ id }) => id);
  for (const id of provider) {
    if (known.includes(id)) continue;
    const nearest = nearestNames(id, known);
    const advice = nearest.length === 0 ? `known are ${known.join(", ")}` : `did you mean ${nearest.join(" or ")}?`;
    throw new DragomanError({ code: "configuration", detail: `there is no provider ${id}`, advice });
  }
  if (team !== undefined && !/^[a-z0-9][\w.-]{0,99}$/i.test(team)) {
    throw new DragomanError({ code: "configuration", detail: "a team's name is letters, digits, dots, dashes and underscores" });
  }
  return {
    ...(provider.length > 0 && { providers: [...new Set(provider)] }),
    ...(budget !== undefined && { budgetUsd: budget }),
    ...(team !== undefined && { team }),
  };
}

async function answersOf(file: string, suggested: InitAnswers, { yes }: InitOptions): Promise<InitAnswers | undefined> {
  if (yes === true) return suggested;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new DragomanError({
      code: "configuration",
      detail: "nobody can be asked: this is no terminal",
      advice: "add --yes to take what is suggested, with --provider, --budget and --team as you like",
    });
  }
  const { askForAnswers } = await import("../config/ask-for-answers.ts");
  return askForAnswers(file, suggested, providersWithKeys(process.env));
}

async function write(file: string, text: string, mayOverwrite: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: mayOverwrite ? "w" : "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new DragomanError({
      code: "configuration",
      detail: code === "EEXIST" ? `${file} is there already` : `${file} cannot be written`,
      advice: code === "EEXIST" ? "name another file, or overwrite it with --force" : "check the folder and its rights",
      cause: error,
    });
  }
}

async function tell(file: string): Promise<void> {
  console.log(`Written: ${file}`);
  const { warnings } = await loadConfiguration(file);
  for (const { path, message, advice } of warnings)
    console.error([`${path}: ${message}`, advice].filter((part) => part !== undefined).join("; "));
  console.log(`Next: dragoman config validate ${file}, then dragoman serve`);
}
