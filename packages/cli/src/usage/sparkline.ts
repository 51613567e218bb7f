/** A row of figures as a line of small bars. */

const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const LETTERS = [".", ":", "-", "=", "+", "*", "%", "#"] as const;
const NOTHING = " ";

/** The largest is the tallest; nothing at all is a blank, so that little is not taken for nothing. */
export function sparkline(values: readonly number[], plain = false): string {
  const largest = Math.max(0, ...values);
  const bars: readonly string[] = plain ? LETTERS : BLOCKS;
  return values
    .map((value) => (value <= 0 ? NOTHING : (bars[Math.min(bars.length - 1, Math.floor((value / largest) * bars.length))] ?? "")))
    .join("");
}

/** Whether a terminal should be given letters alone: it says that it is a simple one, or its language has no other. */
export function wantsPlainText(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment.TERM === "dumb" || environment.TERM === "linux" || environment.NO_COLOR) return true;
  const language = environment.LC_ALL || environment.LC_CTYPE || environment.LANG;
  return language !== undefined && language !== "" && !/utf-?8/i.test(language);
}
