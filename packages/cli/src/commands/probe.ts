/** `dragoman probe`: measures what a model can do, prints the evidence, and keeps the findings. */
import { type CapabilityReport, probe, toDragomanError } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { usd } from "../figures.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { openRegistry } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { resolveModel, withNearestNames } from "../resolve-model.ts";
import { createStatusLine } from "../status-line.ts";
import { type Column, renderTable } from "../table.ts";
import { saveCapabilities } from "../user-data.ts";

interface ProbeCommandOptions {
  readonly json?: boolean;
  readonly save: boolean;
  /** Seconds, of each call. */
  readonly timeout: number;
}

type Finding = CapabilityReport["findings"][number];

export async function probeModel(named: string, options: ProbeCommandOptions): Promise<void> {
  const opened = await openRegistry({ named });
  const { provider, model: asked, reference } = await resolveModel(opened, named);
  // What is measured belongs to the model, not to a short name that may move on.
  const model = provider.aliases?.[asked] ?? asked;
  const interrupt = listenForInterrupt();
  const status = createStatusLine();
  const findings: Finding[] = [];
  status.show(`probing ${reference} …`);
  try {
    const report = await probe(provider, model, {
      signal: interrupt.signal,
      timeoutMs: options.timeout * 1000,
      onFinding: (finding, done, total) => {
        findings.push(finding);
        status.show(`probing ${reference}: ${done} of ${total}, ${finding.capability} ${finding.answer}`);
      },
    });
    status.clear();
    await printReport(report, options);
  } catch (thrown) {
    status.clear();
    const error = toDragomanError(thrown);
    if (options.json !== true && findings.length > 0) printFindings(findings);
    if (error.code !== "aborted") throw await withNearestNames(error, opened.registry, reference);
    console.error(`stopped after ${findings.length} findings; nothing was kept`);
    process.exitCode = EXIT.interrupted;
  } finally {
    interrupt.dispose();
  }
}

async function printReport(report: CapabilityReport, options: ProbeCommandOptions): Promise<void> {
  // The simulator answers by rules; what it is measured to do is no knowledge.
  const isReal = report.provider !== "sim";
  const savedTo = options.save && isReal ? await saveCapabilities(report.provider, report.model, report.facts) : undefined;
  if (options.json === true) {
    console.log(JSON.stringify({ ...report, ...(savedTo === undefined ? {} : { savedTo }) }, null, 2));
    return;
  }
  printFindings(report.findings);
  const { dim } = createPalette(process.stdout);
  const cost = report.costUsd === undefined ? "cost unknown" : usd(report.costUsd);
  const kept = savedTo === undefined ? (isReal ? "not kept" : "not kept: it is a simulator") : `kept in ${savedTo}`;
  console.log(`\n${dim(`${report.provider}:${report.model} · ${report.calls} calls · ${cost} · ${kept}`)}`);
}

const COLUMNS: readonly Column[] = [{ title: "CAPABILITY" }, { title: "ANSWER" }, { title: "EVIDENCE" }];

function printFindings(findings: readonly Finding[]): void {
  const { bold, green, red, yellow } = createPalette(process.stdout);
  const colours = { yes: green, no: red, unknown: yellow };
  const rows = findings.map(({ capability, answer, evidence }) => [capability, answer, evidence]);
  const [titles = "", ...lines] = renderTable(COLUMNS, rows, process.stdout.isTTY ? process.stdout.columns || 80 : undefined);
  console.log(bold(titles));
  for (const [index, line] of lines.entries()) console.log(colours[findings[index]?.answer ?? "unknown"](line));
}
