/**
 * The providers that nobody has set up, in two short paragraphs: with two dozen vendors, a line each would hide the few that
 * matter here.
 */
import { DISCOVERY_VARIABLES } from "@dragoman/gateway/discover";
import { displayWidth, pad } from "./display-width.ts";

export interface NotSetUp {
  readonly provider: string;
  /** `no-key`: nothing is configured. `not-running`: an engine that does not answer. */
  readonly reason: "no-key" | "not-running";
}

/** Text wider than this is hard to read, also where the terminal is wider, and where there is none. */
const COLUMNS_MAX = 110;

const TITLES = { "no-key": "no key", "not-running": "not running" } as const;
const TITLE_WIDTH = Math.max(...Object.values(TITLES).map((title) => title.length));

/** Lines without colours; none where all are set up. */
export function notSetUpLines(providers: readonly NotSetUp[], columns: number): readonly string[] {
  return (["no-key", "not-running"] as const).flatMap((reason) => {
    const words = providers.filter((one) => one.reason === reason).map((one) => describe(one));
    return words.length === 0
      ? []
      : paragraph(`  · ${pad(TITLES[reason], TITLE_WIDTH)}  `, words, Math.min(columns, COLUMNS_MAX));
  });
}

/** A provider with what has to be set; an engine by its name alone. */
function describe({ provider, reason }: NotSetUp): string {
  const row = DISCOVERY_VARIABLES.find((known) => known.provider === provider);
  return reason === "no-key" && row?.keyVariable !== undefined ? `${provider} (${row.keyVariable})` : provider;
}

function paragraph(title: string, words: readonly string[], columns: number): readonly string[] {
  const indent = " ".repeat(displayWidth(title));
  const lines: string[] = [];
  let line = title;
  for (const [position, word] of words.entries()) {
    const text = position === words.length - 1 ? word : `${word},`;
    const isEmpty = line === title || line === indent;
    if (!isEmpty && displayWidth(line) + 1 + displayWidth(text) > columns) {
      lines.push(line);
      line = indent + text;
    } else line += isEmpty ? text : ` ${text}`;
  }
  return [...lines, line];
}
