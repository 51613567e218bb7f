/** Problems of a configuration for a person: each with its line of the file and a caret under the place. */
import { redactSecrets } from "@dragoman/llm";
import type { Palette } from "../palette.ts";
import { printable } from "../printable.ts";
import type { ConfigurationProblem } from "./gateway-configuration.ts";

/** Lines, without a newline at the end. `text` is the file's; undefined where it could not be read. */
export function problemReport(
  problems: readonly ConfigurationProblem[],
  text: string | undefined,
  palette: Palette,
): readonly string[] {
  const lines = text?.split(/\r?\n/) ?? [];
  return problems.flatMap((problem) => [...headline(problem, palette), ...excerpt(problem, lines, palette), ""]);
}

function headline({ severity, file, line, column, path, message }: ConfigurationProblem, palette: Palette): readonly string[] {
  const { bold, red, yellow, dim } = palette;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const word = severity === "error" ? red("error") : yellow("warning");
  const said = [path === "" ? undefined : bold(printable(path)), printable(message)]
    .filter((part) => part !== undefined)
    .join(": ");
  return [[place === "" ? undefined : dim(printable(place)), word, said].filter((part) => part !== undefined).join(" ")];
}

/** How much of a long line is shown. */
const COLUMNS_MAX = 100;
const BEFORE_CARET = 60;

function excerpt(
  { line, column = 1, path, nearest = [], advice }: ConfigurationProblem,
  lines: readonly string[],
  palette: Palette,
): readonly string[] {
  const { dim, green, cyan } = palette;
  const shown = line === undefined ? undefined : shownLine(lines[line - 1] ?? "", column, path);
  const width = String(line ?? "").length;
  const bar = dim(`  ${" ".repeat(width)} |`);
  const next = [
    ...(nearest.length > 0 ? [`did you mean ${nearest.map((name) => green(printable(name))).join(" or ")}?`] : []),
    ...(advice === undefined ? [] : [printable(advice)]),
  ].join("; ");
  return [
    ...(shown === undefined ? [] : [`${dim(`  ${line} |`)} ${shown.text}`, `${bar} ${" ".repeat(shown.caret)}${cyan("^")}`]),
    ...(next === "" ? [] : [`  ${" ".repeat(width)} ${dim("=")} ${next}`]),
  ];
}

interface ShownLine {
  readonly text: string;
  /** Columns before the caret. */
  readonly caret: number;
}

/** Undefined for a line that must not be shown. */
function shownLine(raw: string, column: number, path: string): ShownLine | undefined {
  const line = masked(raw.replaceAll("\t", " "), column, path);
  // What looks like a key anywhere in it keeps all of it back.
  if (redactSecrets(line) !== line) return undefined;
  const start = Math.max(0, Math.min(column - 1 - BEFORE_CARET, line.length - COLUMNS_MAX));
  const end = start + COLUMNS_MAX;
  const text = `${start > 0 ? "…" : ""}${printable(line.slice(start, end))}${line.length > end ? "…" : ""}`;
  return { text, caret: column - 1 - start + (start > 0 ? 1 : 0) };
}

const SECRET_PLACE = /(?:^|[._-])(?:key|secret|token|password|headers|options|store|base_url|url)(?:$|[.[_-])/i;
const SECRET_VALUE =
  /((?:key|secret|token|password|authorization|cookie)["']?\s*[:=]\s*)(?!["']?(?:env|file|exec):)("[^"]*"|'[^']*'|[^\s,{}[\]#"'][^,}\]#]*)/gi;
const URL_PASSWORD = /(:\/\/)[^\s/@]+(?=@)/g;

/** A value where a key may stand is covered, whatever it is, as long as it is: so the caret stays where it belongs. */
function masked(line: string, column: number, path: string): string {
  const covered = line
    .replaceAll(SECRET_VALUE, (_, before: string, value: string) => before + cover(value))
    .replaceAll(URL_PASSWORD, (all, scheme: string) => scheme + cover(all.slice(scheme.length)));
  if (!SECRET_PLACE.test(path)) return covered;
  const rest = covered.slice(column - 1);
  return /^["']?(?:env|file|exec):/.test(rest)
    ? covered
    : covered.slice(0, column - 1) + rest.replace(/^("[^"]*"?|'[^']*'?|[^\s,}\]]+)/, cover);
}

function cover(value: string): string {
  return "*".repeat(value.length);
}
