/** The command line as Markdown, for `docs/cli.md`: from the declarations themselves, so that it cannot drift. */
import type { Argument, Command, Option } from "commander";
import { EXIT, EXIT_MEANINGS } from "./exit.ts";
import { createProgram } from "./program.ts";

/** All commands with their arguments, options, defaults and variables; the exit statuses. Ends with a newline. */
export function commandReference(): string {
  const program = createProgram({ environmentFile: { path: ".env", state: "absent" } });
  const sections = [
    "# The command `dragoman`",
    program.description(),
    "`dragoman` alone prints help. Answers go to standard output, everything else to standard error. Colours are left out when the output is no terminal or `NO_COLOR` is set.",
    ...program.commands.flatMap((command) => commandSections(command, program.name())),
    ...settingsSections(),
    "## Exit status",
    table(["Status", "Meaning"], statusRows()),
  ];
  return `${sections.join("\n\n")}\n`;
}

function commandSections(command: Command, parent: string): readonly string[] {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length > 0)
    return [`## \`${name}\``, sentence(command.description()), ...command.commands.flatMap((sub) => commandSections(sub, name))];
  return [
    `${parent.includes(" ") ? "###" : "##"} \`${name} ${command.usage()}\``,
    sentence(command.description()),
    ...(command.registeredArguments.length === 0
      ? []
      : [table(["Argument", "Meaning"], command.registeredArguments.map(argumentRow))]),
    ...(command.options.length === 0
      ? []
      : [table(["Option", "Meaning", "Default", "Variable"], command.options.map(optionRow))]),
  ];
}

function argumentRow(argument: Argument): readonly string[] {
  return [code(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`), argument.description];
}

function optionRow(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? "" : `: ${option.argChoices.map(code).join(", ")}`;
  return [code(option.flags), option.description + choices, defaultText(option), option.envVar ? code(option.envVar) : ""];
}

function defaultText({ defaultValue, defaultValueDescription, negate, required }: Option): string {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  if (defaultValue === undefined || (negate && !required)) return "";
  return code(String(defaultValue));
}

/** Variables that no single option stands for. */
const VARIABLES: readonly (readonly [string, string])[] = [
  ["DRAGOMAN_HOME", "Folder of findings and catalogue. Default: `$XDG_CONFIG_HOME/dragoman`, else `~/.config/dragoman`."],
  [
    "XDG_CACHE_HOME",
    "Node keeps compiled code under `$XDG_CACHE_HOME/dragoman`, else `~/.cache/dragoman`; with `DRAGOMAN_HOME` in its folder `cache`. `NODE_DISABLE_COMPILE_CACHE=1` turns that off.",
  ],
  ["DRAGOMAN_SIMULATOR", "`1` offers the simulator `sim` beside real providers. Without any it is always there."],
  ["NO_COLOR", "No colours. `FORCE_COLOR` brings them back."],
  ["NODE_DEBUG", "`dragoman` prints stacks of errors."],
];

function settingsSections(): readonly string[] {
  return [
    "## Settings",
    "A file `.env` in the current folder is read first; what is set already stays. Keys and addresses of providers: `dragoman doctor` names the variable of each.",
    table(
      ["Variable", "Meaning"],
      VARIABLES.map(([name, meaning]) => [code(name), meaning]),
    ),
  ];
}

function statusRows(): readonly (readonly string[])[] {
  return Object.entries(EXIT).map(([name, status]) => [String(status), meaningOf(name)]);
}

function meaningOf(name: string): string {
  return Object.entries(EXIT_MEANINGS).find(([key]) => key === name)?.[1] ?? "";
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
