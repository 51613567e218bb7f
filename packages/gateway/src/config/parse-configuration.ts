/** From the text of a file to a configuration, or to everything that is wrong with it. */
import { redactSecrets } from "@dragoman/llm";
import type { GatewayConfiguration } from "../configuration.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { snakeCase } from "./form.ts";
import { gatherConfiguration } from "./gather-configuration.ts";
import { ConfigurationError, type ConfigurationPath, type ConfigurationProblem, pathText } from "./problem.ts";
import { readDraft } from "./read-draft.ts";
import type { FoundProblem } from "./schema-problems.ts";
import { type Position, SOURCE_BYTES_MAX, type Source, type SourceProblem } from "./source.ts";
import { readToml } from "./toml-source.ts";
import { readYaml } from "./yaml-source.ts";

export type ConfigurationFormat = "yaml" | "toml";

export interface ParseConfigurationOptions {
  readonly format: ConfigurationFormat;
  /** For messages. */
  readonly file?: string;
  /** Where packages of providers are looked for. Default: the working directory. */
  readonly folder?: string;
  /** Where `env:NAME` is looked up, to warn of what is not set. Default: it is not. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A configuration that can be used. */
export interface ParsedConfiguration {
  readonly configuration: GatewayConfiguration;
  /** What is worth a second look. */
  readonly warnings: readonly ConfigurationProblem[];
  /** Whether the file itself says it, as `["server", "port"]`; else it is a default. */
  readonly isWritten: (path: ConfigurationPath) => boolean;
}

/** Throws a `ConfigurationError` with every problem at once; of mistakes in the syntax, TOML tells the first alone. */
export function parseConfiguration(text: string, options: ParseConfigurationOptions): ParsedConfiguration {
  const { file } = options;
  if (Buffer.byteLength(text) > SOURCE_BYTES_MAX) {
    throw new ConfigurationError([whole(file, `it is larger than ${SOURCE_BYTES_MAX} bytes`)]);
  }
  const source = READERS[options.format](withoutMark(text));
  const unread = source.problems.map((problem) => placed(problem, file));
  if (source.value === undefined && unread.length > 0) throw new ConfigurationError(unread);
  const tree = source.value ?? {};
  const { problems, draft, originalPath } = readDraft(tree, "file");
  const found = draft === undefined ? [] : checkConfiguration(draft, tree, options);
  const all = [
    ...unread,
    ...problems.map((problem) => located(problem, problem.path, source, file)),
    ...found.map((problem) => located(problem, shown(originalPath(filePath(problem.path)), source), source, file)),
  ].sort(byPlace);
  if (draft === undefined || all.some(({ severity }) => severity === "error")) throw new ConfigurationError(all);
  return {
    configuration: gatherConfiguration(draft),
    warnings: all,
    isWritten: (path) => source.positionOf(path, "value") !== undefined,
  };
}

const READERS: Readonly<Record<ConfigurationFormat, (text: string) => Source>> = { yaml: readYaml, toml: readToml };

/** Some editors on Windows begin a file with one. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function whole(file: string | undefined, message: string): ConfigurationProblem {
  return { severity: "error", path: "", message, ...(file !== undefined && { file }) };
}

function placed({ path, message, advice, at }: SourceProblem, file: string | undefined): ConfigurationProblem {
  return {
    ...whole(file, redactSecrets(message)),
    path: redactSecrets(pathText(path)),
    ...at,
    ...(advice !== undefined && { advice }),
  };
}

function located(problem: FoundProblem, path: ConfigurationPath, source: Source, file: string | undefined): ConfigurationProblem {
  const { severity, part = "value", message, nearest = [], advice } = problem;
  const at = positionOf(path, part, source);
  return {
    severity,
    ...(file !== undefined && { file }),
    ...at,
    path: redactSecrets(pathText(path)),
    message: redactSecrets(message),
    ...(nearest.length > 0 && { nearest }),
    ...(advice !== undefined && { advice }),
  };
}

/** What is written short, as `fast: openai:gpt-5` or a list, has no `targets[0].model` of its own to point to. */
function shown(given: ConfigurationPath, source: Source): ConfigurationPath {
  const isShortList = given[2] === "targets" && source.positionOf(given.slice(0, 3), "key") === undefined;
  const path = isShortList && source.positionOf([...given.slice(0, 2), 0], "value") !== undefined ? given.toSpliced(2, 1) : given;
  const isWritten = (length: number) => source.positionOf(path.slice(0, length), "value") !== undefined;
  for (let length = path.length; length > 1; length--) if (isWritten(length)) return path.slice(0, length);
  return path;
}

/** Of the setting, or of the nearest one around it that the file has. */
function positionOf(path: ConfigurationPath, part: "key" | "value", source: Source): Position | undefined {
  for (let length = path.length; length >= 0; length--) {
    const at = path.slice(0, length);
    // What is missing is missing from its table: that begins at its key.
    const wanted = length === path.length ? part : "key";
    const position = source.positionOf(at, wanted) ?? source.positionOf(at, "value") ?? source.positionOf(at, "key");
    if (position !== undefined) return position;
  }
  return undefined;
}

/** A path in the draft as a file spells it: names stay, what a program calls `baseUrl` is `base_url`. */
export function filePath(path: ConfigurationPath): ConfigurationPath {
  return path
    .filter((part, index) => !(part === "restrictions" && index === 2 && path[0] === "keys"))
    .map((part, index) => (typeof part === "number" || isName(path, index) ? part : snakeCase(part)));
}

const NAME_TABLES: ReadonlySet<string | number | undefined> = new Set([
  "providers",
  "models",
  "agents",
  "teams",
  "keys",
  "preferred",
  "headers",
  "deployments",
]);

/** Whether a part is somebody's own name: in a table of the file, or in one of its providers. */
function isName(path: ConfigurationPath, index: number): boolean {
  return NAME_TABLES.has(path[index - 1]) && (index === 1 || path[0] === "providers");
}

function byPlace(left: ConfigurationProblem, right: ConfigurationProblem): number {
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}
