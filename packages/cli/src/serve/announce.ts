/** What `serve` tells at its beginning: for a person, or as one line of JSON. */
import type { Finding, Gateway } from "@dragoman/gateway";
import type { Availability } from "@dragoman/llm";
import { pad, truncate } from "../display-width.ts";
import { type NotSetUp, notSetUpLines } from "../not-set-up.ts";
import type { OpenedRegistry } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { VERSION } from "../version.ts";
import type { Served } from "./load-served.ts";

interface Announcement {
  readonly url: string;
  readonly json: boolean;
  /** Of administration; only where it was just made. */
  readonly key: string | undefined;
}

export function title(url: string): string {
  const { bold } = createPalette(process.stdout);
  return `${bold("Dragoman")} ${VERSION} listens on ${bold(url)}`;
}

/** Without a configuration: which providers there are, which not and why. */
export async function announceFound(told: Announcement & { readonly opened: OpenedRegistry }): Promise<void> {
  const { url, json, key, opened } = told;
  const { discovery, simulated, defaultModel } = opened;
  const model = (await defaultModel()) ?? "provider:model";
  if (json) return tellJson({ url, model, simulated, findings: discovery.findings, ...(key === undefined ? {} : { key }) });
  console.log(
    [
      "",
      ...findingLines(simulated, discovery.findings),
      "",
      ...keyLines(key),
      ...tryLines(url, model, undefined),
      ...dimmed([
        "Any OpenAI, Anthropic, Gemini or Ollama client works with this as its base URL.",
        "Routes, budgets and keys for a team: dragoman init. All models: dragoman models.",
        "What a provider needs: dragoman doctor --all. Stop: Ctrl+C.",
      ]),
    ].join("\n"),
  );
}

/** With one: the routes, and what stands behind them. */
export async function announceConfigured(
  told: Announcement & { readonly gateway: Gateway; readonly served: Served },
): Promise<void> {
  const { url, json, key, gateway, served } = told;
  const { models, providers } = served.configuration;
  const routes = Object.entries(models);
  const provider = Object.keys(providers)[0] ?? "provider";
  const model = routes[0]?.[0] ?? `${provider}:${providers[provider]?.defaultModel ?? "model"}`;
  const needsKey = served.configuration.server.requireKey ?? gateway.tenancy.hasCallerKeys;
  if (json) {
    const names = routes.map(([name]) => name);
    return tellJson({ url, model, configuration: served.file, routes: names, ...(key === undefined ? {} : { key }) });
  }
  const width = Math.max(0, ...routes.map(([name]) => name.length));
  console.log(
    [
      "",
      ...dimmed([`${served.file}`]),
      ...routes.map(([name, { targets, fallback, strategy }]) => {
        const behind = [...targets, ...fallback].map((target) => target.model).join(", ");
        return truncate(printable(`  ${pad(name, width)}  ${strategy}: ${behind}`), columnsOf() - 1);
      }),
      ...(routes.length === 0 ? dimmed([`  no routes; models of ${Object.keys(providers).join(", ")} by their names`]) : []),
      "",
      ...keyLines(key),
      ...tryLines(url, model, needsKey ? "$DRAGOMAN_KEY" : undefined),
      ...dimmed(["The file is followed: a change is in force when it is saved, if it is right. Stop: Ctrl+C."]),
    ].join("\n"),
  );
}

function tellJson(value: object): void {
  console.log(JSON.stringify(value));
}

function keyLines(key: string | undefined): readonly string[] {
  if (key === undefined) return [];
  const { bold, dim } = createPalette(process.stdout);
  return ["A key for administration, shown this once:", `  ${bold(key)}`, dim("Keys for others: dragoman keys create NAME."), ""];
}

function tryLines(url: string, model: string, key: string | undefined): readonly string[] {
  return ["Try it:", curlCommand(url, model, columnsOf(), key), ""];
}

function dimmed(lines: readonly string[]): readonly string[] {
  const { dim } = createPalette(process.stdout);
  return lines.map((line) => dim(line));
}

/** On a terminal no line is cut by the terminal itself but the one to copy. */
function columnsOf(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

function findingLines(simulated: boolean, findings: readonly Finding[]): readonly string[] {
  const { green, yellow } = createPalette(process.stdout);
  const columns = columnsOf();
  const nameWidth = Math.max(...findings.map((finding) => finding.provider.length));
  const line = (provider: string, text: string) =>
    `${pad(provider, nameWidth)}  ${truncate(printable(text), columns - nameWidth - 6)}`;
  const found = findings.flatMap(({ provider, availability }) =>
    availability.available ? [`  ${green("✓")} ${line(provider, availability.detail ?? "")}`] : [],
  );
  const broken = findings.flatMap(({ provider, availability }) =>
    availability.available || isNotSetUp(availability)
      ? []
      : [`  ${yellow("!")} ${line(provider, `${availability.reason}: ${availability.nextStep}`)}`],
  );
  const notSetUp = findings.flatMap(({ provider, availability }): readonly NotSetUp[] =>
    availability.available || !isNotSetUp(availability)
      ? []
      : [{ provider, reason: availability.reason === "no-key" ? "no-key" : "not-running" }],
  );
  const simulator = simulated
    ? [`  ${yellow("~")} ${line("sim", "a simulator, not a model: it answers until a real provider is set up")}`]
    : [];
  return [...found, ...simulator, ...broken, ...dimmed(notSetUpLines(notSetUp, columns))];
}

/** Nobody has set it up: that is no fault. */
function isNotSetUp(availability: Availability): boolean {
  return !availability.available && (availability.reason === "no-key" || availability.reason === "not-reachable");
}

/** For a POSIX shell, on one line where it fits. `key`: as the shell is to read it. */
export function curlCommand(url: string, model: string, columns: number, key?: string): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello, who are you?" }] });
  const pieces = [
    `curl -s ${url}/v1/chat/completions`,
    "-H 'content-type: application/json'",
    ...(key === undefined ? [] : [`-H "authorization: Bearer ${key}"`]),
    `-d '${body.replaceAll("'", "'\\''")}'`,
  ];
  const single = `  ${pieces.join(" ")}`;
  return single.length <= columns ? single : `  ${pieces.join(" \\\n    ")}`;
}
