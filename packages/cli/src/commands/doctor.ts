/** `dragoman doctor`: what works here, what does not, and what to do next. */
import { DISCOVERY_VARIABLES, type Finding } from "@dragoman/gateway/discover";
import { pad } from "../display-width.ts";
import { examineProvider, type ProviderReport, reportUnusable } from "../doctor/examine-provider.ts";
import { describeInstallation, type Installation } from "../doctor/installation.ts";
import type { EnvironmentFile } from "../environment-file.ts";
import { EXIT } from "../exit.ts";
import { duration, usd } from "../figures.ts";
import { type NotSetUp, notSetUpLines } from "../not-set-up.ts";
import { type OpenedRegistry, openRegistry } from "../open-registry.ts";
import { createPalette, type Palette } from "../palette.ts";
import { printable } from "../printable.ts";
import { createStatusLine } from "../status-line.ts";

interface DoctorOptions {
  readonly json?: boolean;
  readonly call: boolean;
  /** Also a line for each provider that nobody has set up. */
  readonly all?: boolean;
  /** Seconds, for each provider. */
  readonly timeout: number;
}

export async function doctor(options: DoctorOptions, environmentFile: EnvironmentFile): Promise<void> {
  const installation = await describeInstallation(environmentFile);
  const status = createStatusLine();
  status.show("looking for providers …");
  const opened = await openRegistry({ engineWaitMs: options.timeout * 1000 });
  const reports = await examineAll(opened, options, (waiting) => status.show(`asking ${waiting.join(", ")} …`));
  status.clear();
  const works = reports.some((report) => report.works);
  if (options.json === true) console.log(JSON.stringify({ works, ...installation, providers: reports }, null, 2));
  else print(installation, reports, options.all === true);
  process.exitCode = works ? EXIT.ok : EXIT.failed;
}

/** All at once; `onProgress` is told who has not answered yet. */
async function examineAll(
  { registry, discovery }: OpenedRegistry,
  { call, timeout }: DoctorOptions,
  onProgress: (waiting: readonly string[]) => void,
): Promise<readonly ProviderReport[]> {
  const waiting = new Set<string>();
  async function examine(finding: Finding): Promise<ProviderReport> {
    const { provider: id } = finding;
    const keyReference = keyReferenceOf(id);
    const provider = finding.availability.available ? registry.provider(id) : undefined;
    if (provider === undefined) return reportUnusable(finding, keyReference);
    waiting.add(id);
    onProgress([...waiting]);
    const report = await examineProvider(provider, keyReference, { makeCall: call, timeoutMs: timeout * 1000 });
    waiting.delete(id);
    if (waiting.size > 0) onProgress([...waiting]);
    return report;
  }
  return Promise.all(discovery.findings.map(examine));
}

function keyReferenceOf(provider: string): string | undefined {
  const variable = DISCOVERY_VARIABLES.find((row) => row.provider === provider)?.keyVariable;
  return variable === undefined ? undefined : `env:${variable}`;
}

function print(installation: Installation, reports: readonly ProviderReport[], all: boolean): void {
  const palette = createPalette(process.stdout);
  const told = all ? reports : reports.filter((report) => notSetUpReason(report) === undefined);
  const untold = reports.filter((report) => !told.includes(report));
  const width = Math.max(0, ...told.map(({ provider }) => provider.length));
  const columns = process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
  const lines = [
    `${palette.bold("Dragoman")} ${installation.version} on Node ${installation.node}`,
    palette.dim(`files  ${filesText(installation)}`),
    palette.dim(`.env   ${environmentText(installation.environmentFile)}`),
    "",
    ...told.flatMap((report) => reportLines(report, width, palette)),
    ...notSetUpLines(untold.map(asNotSetUp), columns).map((text) => palette.dim(text)),
    ...(untold.length === 0 ? [] : [palette.dim("  What each of these needs: dragoman doctor --all")]),
    "",
    conclusion(reports),
  ];
  console.log(lines.join("\n"));
}

/** Nobody has set it up: no key at all, or an engine that is not running. */
function notSetUpReason({ works, key, call }: ProviderReport): NotSetUp["reason"] | undefined {
  if (works || call !== undefined) return undefined;
  if (key === undefined) return "not-running";
  return key.present ? undefined : "no-key";
}

function asNotSetUp(report: ProviderReport): NotSetUp {
  return { provider: report.provider, reason: notSetUpReason(report) ?? "no-key" };
}

function filesText({ files }: Installation): string {
  const catalogues = Object.entries(files.catalogues).map(([provider, version]) => `${provider} (${version})`);
  return [
    files.folder,
    files.capabilities === undefined ? "no findings of probe" : "capabilities.json",
    catalogues.length === 0 ? "the bundled catalogue" : `own catalogue of ${catalogues.join(", ")}`,
  ].join("; ");
}

function environmentText({ path, state, detail }: EnvironmentFile): string {
  switch (state) {
    case "read":
      return `${path} was read`;
    case "absent":
      return `none at ${path}`;
    case "unreadable":
      return `${path} could not be read: ${printable(detail ?? "")}`;
  }
}

function reportLines(report: ProviderReport, width: number, palette: Palette): readonly string[] {
  const isSetUp = report.works || report.call !== undefined || report.key?.present === true;
  const mark = report.works ? palette.green("✓") : isSetUp ? palette.red("✗") : palette.dim("·");
  const facts = [keyText(report), reachText(report), callText(report)].filter((text) => text !== undefined).map(printable);
  const [first = "", ...rest] = facts;
  const indent = " ".repeat(width + 6);
  return [
    `  ${mark} ${pad(report.provider, width)}  ${isSetUp ? first : palette.dim(first)}`,
    ...rest.map((text) => indent + text),
    ...(report.nextStep === undefined ? [] : [indent + palette.cyan(`next: ${printable(report.nextStep)}`)]),
  ];
}

function keyText({ key }: ProviderReport): string | undefined {
  if (key === undefined) return undefined;
  return key.present ? `key ${key.reference} is set` : `key ${key.reference} is not set`;
}

function reachText({ reach }: ProviderReport): string | undefined {
  if (reach === undefined) return undefined;
  return reach.ok ? `reached in ${duration(reach.durationMs)}: ${reach.detail}` : `not reached: ${reach.detail}`;
}

function callText({ call }: ProviderReport): string | undefined {
  if (call === undefined) return undefined;
  if (!call.ok) return `call failed: ${call.error.code}: ${call.error.detail}`;
  const cost = call.costUsd === undefined ? "cost unknown" : usd(call.costUsd);
  return `${call.model} answered in ${duration(call.durationMs)}: ${call.inputTokens ?? "?"} tokens in, ${call.outputTokens ?? "?"} out, ${cost}`;
}

function conclusion(reports: readonly ProviderReport[]): string {
  const working = reports.filter((report) => report.works).map((report) => report.provider);
  if (working.length > 0) return `Ready: ${working.join(", ")}. Try: dragoman ask "Hello"`;
  return "No provider works yet. Set one key, or start an engine, as said above; until then a simulator answers.";
}
