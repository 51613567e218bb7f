/** What is wrong in a configuration, so that a person can mend it: where, what, and what to do. Never a value that may be a secret. */
import { DragomanError } from "@dragoman/llm";

/** From the top of the configuration down to a setting: names of keys, and places in lists. */
export type ConfigurationPath = readonly (string | number)[];

/** One thing that is wrong, or worth a second look. */
export interface ConfigurationProblem {
  /** With an error nothing is loaded; a warning is only told. */
  readonly severity: "error" | "warning";
  /** Absent for a configuration that a program wrote down. */
  readonly file?: string;
  /** From 1. Absent where the setting stands in no file. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  /** As `providers.openai.key` or `limits[2].of.team`. Empty for the whole. */
  readonly path: string;
  readonly message: string;
  /** The known names that are nearest to what was written. */
  readonly nearest?: readonly string[];
  /** The next step. */
  readonly advice?: string;
}

/** `configuration`, with every problem that was found. The one thing that reading a configuration throws. */
export class ConfigurationError extends DragomanError {
  /** Errors and warnings, in the order of the file. */
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[], cause?: unknown) {
    const errors = problems.filter(({ severity }) => severity === "error");
    super({
      code: "configuration",
      detail: [...(errors.length > 1 ? [`${errors.length} problems`] : []), ...errors.map(problemText)].join("\n"),
      field: errors[0]?.path,
      advice: errors.length === 1 ? "correct the setting that is named" : "correct the settings that are named",
      cause,
    });
    this.problems = problems;
  }
}

/** One line: `dragoman.yaml:3:5: providers.openai.kye: there is no such key; did you mean key?`. */
export function problemText(problem: ConfigurationProblem): string {
  const { file, line, column, path, message, nearest = [], advice } = problem;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const said = [place, path, message].filter((part) => part !== "").join(": ");
  const meant = nearest.length === 0 ? undefined : `did you mean ${nearest.join(" or ")}?`;
  return [said, meant, advice].filter((part) => part !== undefined).join("; ");
}

/** A path as it is written in messages. */
export function pathText(path: ConfigurationPath): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? named(part) : `.${named(part)}`))
    .join("");
}

/** A name with a dot in it would read as two. Over-long ones are cut. */
function named(part: string): string {
  const short = part.length > NAME_LENGTH_MAX ? `${part.slice(0, NAME_LENGTH_MAX)}…` : part;
  return /^[\w:/@*-]+$/.test(short) ? short : JSON.stringify(short);
}

const NAME_LENGTH_MAX = 80;
