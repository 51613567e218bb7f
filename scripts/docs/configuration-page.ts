/** `docs/configuration.md`: the file, with a table of every key from the declarations themselves. Its example is read, so that it holds. */
import { configurationReference, parseConfiguration, type ReferenceRow } from "../../packages/gateway/src/config/index.ts";
import { code, page, table } from "./markdown.ts";

const EXAMPLE = `# yaml-language-server: $schema=dragoman.schema.json
server: { port: 4242, require_key: true }
store: sqlite:./dragoman.db            # memory | sqlite:FILE | postgres://… | env:DATABASE_URL
providers:
  openai: { key: env:OPENAI_API_KEY, default_model: gpt-5-mini, limits: [{ requests: 500, per: minute }] }
  anthropic: { key: env:ANTHROPIC_API_KEY, fallback: [openai:gpt-5] }
  gemini: {}
  local: { type: ollama, base_url: "http://127.0.0.1:11434" }
models:
  smart:
    targets: [anthropic:claude-sonnet-5, { model: openai:gpt-5, when: { tools: true } }]
    fallback: [gemini:gemini-2.5-pro, fast]
  fast: openai:gpt-5-mini              # short for a route of one target
  cheap: [local:qwen3, openai:gpt-5-nano]
agents: { researcher: smart }
teams:
  search: { models: [smart, fast], budgets: [{ usd: 100, per: month, warn_at: [0.8] }] }
keys:
  ci: { key: env:DRAGOMAN_CI_KEY, team: search, limits: [{ requests: 60, per: minute }], expires: 2027-01-31 }
limits: [{ concurrency: 20, each: key }]
budgets: [{ name: everything, usd: 500, per: month, time_zone: Europe/Berlin }]
cache: { enabled: true, time_to_live: 5m }
failing: { timeouts: { first_token: 20s, idle: 60s }, breaker: { failures: 5, open: 10s } }
`;

const SECTIONS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  RULE: ["A rule", "Stands in `limits` and `budgets`, those of providers, agents, teams and keys included."],
  TARGET: [
    "A target",
    "Stands in `targets`, `fallback` and `overflow` of a route. `openai:gpt-5` is short for `{ model: openai:gpt-5 }`.",
  ],
  TIMEOUTS: ["Timeouts", "Stand in providers, routes, targets and `failing`."],
};

export function configurationPage(): string {
  parseConfiguration(EXAMPLE, { format: "yaml", file: "the example of docs/configuration.md" });
  return page(
    "# Configuration",
    "One file, `dragoman.yaml`, `dragoman.yml` or `dragoman.toml`: the one that `--config` or `DRAGOMAN_CONFIG` names, else the one in the working " +
      "folder, else the one in `~/.config/dragoman`. `dragoman init` writes a first one, `dragoman config validate` checks it, " +
      "`dragoman config show` prints it with all defaults, `dragoman config diff` compares two.",
    `\`\`\`yaml\n${EXAMPLE}\`\`\``,
    "## How it is read",
    [
      "- **Everything is checked.** An unknown key, a name that leads nowhere, a limit that can match nothing, routes that fall back in a circle: " +
        "each is an error with its line and column, all of them at once. A model that a provider's catalogue does not know, and a variable that is not set, are warnings. " +
        "Mistakes in TOML's syntax come one at a time; places are exact in both languages.",
      "- **No key stands in it**, only where it is: `env:NAME`, `file:PATH`, `exec:COMMAND`. A key that is written down is an error, which does not repeat it.",
      "- **Durations** have their units: `500ms`, `30s`, `5m`, `1h30m`, `7d`. **Sizes** too: `512KiB`, `32MiB`. **Numbers** are digits.",
      "- **Spans of limits:** `per: second`, `minute`, `hour`, and any duration, as `10m` or `30d`, roll: they look back from now. `per: day`, `week`, `month` and `year` " +
        "are the calendar's, in `time_zone` (UTC); weeks begin on Monday. `window: rolling` makes a day or a week roll, `window: calendar` makes an hour the calendar's.",
      "- **A rule that stands in a provider, team, key or agent** is of it. Its name is its place, as `teams.search.budgets[0]`, unless it has one.",
      "- **A route under `fallback` or `overflow`** stands for its targets and its own fallback.",
      "- **Paths** of the store, and of keys in files, count from the file's own folder.",
      "- **YAML** may use anchors and `<<` merge keys, and no tags. At most 1 MiB, 50 000 values, 40 levels.",
      "- **Options of a provider** are the library's, in snake_case: `options: { context_tokens: 8192 }`.",
    ].join("\n"),
    "## Changes while it runs",
    "`watchConfiguration(file, { onChange, onError, signal })` follows the file: through editors that put a new one in its place, and the links of a Kubernetes ConfigMap. " +
      "A new configuration is given whole, with the list of what changes, or not at all: while the file is wrong, empty or gone, the last good one goes on. " +
      "Content that says the same is no change. `followConfiguration(file, gateway, { signal })` does so for a gateway: what is right is put in force, " +
      "and what was taken, and what was not, is told to the observers and written into the audit log.",
    "## From a program",
    '`completeConfiguration({ models: { smart: "openai:gpt-5" }, … })` takes the same in camelCase, durations in milliseconds, and fills in the defaults; with the same checks. ' +
      "`onWarning` is told of what is worth a second look. `parseConfiguration(text, { format })` and `loadConfiguration(file)` read a file.",
    "## Editors",
    "The JSON Schema is [dragoman.schema.json](dragoman.schema.json), and `dragoman config schema` prints it. The first line of the example tells editors with a YAML language server where it is.",
    "## Every key",
    "`NAME` is a name of your own, `[]` any entry of a list.",
    ...[...configurationReference()].flatMap(([section, rows]) => sectionBlocks(section, rows)),
  );
}

function sectionBlocks(section: string, rows: readonly ReferenceRow[]): readonly string[] {
  const [title, text] = SECTIONS[section] ?? [];
  return [...(title === undefined ? [] : [`### ${title}`]), ...(text === undefined ? [] : [text]), keyTable(rows)];
}

function keyTable(rows: readonly ReferenceRow[]): string {
  return table(
    ["key", "value", "meaning", "default"],
    rows.map(({ path, type, description, defaultText, isRequired }) => [
      code(path),
      type,
      description,
      defaultOf(defaultText, isRequired),
    ]),
  );
}

function defaultOf(text: string | undefined, isRequired: boolean): string {
  if (isRequired) return "must be given";
  return text === undefined ? "" : text;
}
