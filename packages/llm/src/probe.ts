/**
 * Measures what a model can do by asking it: one small call per capability, each with its evidence. For endpoints that no
 * catalogue knows. What a call cannot decide stays unknown.
 */
import type { CapabilityAnswer, CapabilityFacts, CapabilityName } from "./capabilities.ts";
import type { Completion } from "./completion.ts";
import { type DragomanError, toDragomanError } from "./errors.ts";
import { createFold } from "./fold.ts";
import type { ProbeCase } from "./probe-cases.ts";
import type { CompletionCall, Provider } from "./provider.ts";

export interface ProbeFinding {
  readonly capability: CapabilityName;
  readonly answer: CapabilityAnswer;
  /** What the call showed, in a few words. */
  readonly evidence: string;
}

/** What a probe found. */
export interface CapabilityReport {
  readonly provider: string;
  readonly model: string;
  readonly findings: readonly ProbeFinding[];
  /** The decided findings, ready for a provider's `capabilities` option. */
  readonly facts: CapabilityFacts;
  readonly calls: number;
  /** What the probe cost, where the price is known. */
  readonly costUsd?: number;
}

/** How far a probe goes. */
export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Each call. Milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
  /** Told after each finding. */
  readonly onFinding?: (finding: ProbeFinding, done: number, total: number) => void;
}

/** Measures what a model can do, by asking it. Costs a few small calls. */
export async function probe(provider: Provider, model: string, options: ProbeOptions = {}): Promise<CapabilityReport> {
  const { PROBE_CASES } = await import("./probe-cases.ts");
  const findings: ProbeFinding[] = [];
  let costUsd: number | undefined = 0;
  for (const probeCase of PROBE_CASES) {
    const { finding, cost } = await runCase(provider, model, probeCase, options);
    costUsd = costUsd === undefined || cost === undefined ? undefined : costUsd + cost;
    findings.push(finding);
    options.onFinding?.(finding, findings.length, PROBE_CASES.length);
  }
  const decided = findings.filter((finding) => finding.answer !== "unknown");
  return {
    provider: provider.id,
    model,
    findings,
    facts: Object.fromEntries(decided.map((finding) => [finding.capability, finding.answer === "yes"])),
    calls: PROBE_CASES.length,
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

async function runCase(
  provider: Provider,
  model: string,
  probeCase: ProbeCase,
  options: ProbeOptions,
): Promise<{ finding: ProbeFinding; cost: number | undefined }> {
  const { capability, call, judge, stream } = probeCase;
  const whole: CompletionCall = {
    ...call,
    model,
    timeouts: { totalMs: options.timeoutMs ?? 60_000 },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  try {
    const { completion, deltas } =
      stream === true ? await streamed(provider, whole) : { completion: await provider.complete(whole), deltas: 0 };
    const [answer, evidence] = judge(completion, deltas);
    return { finding: { capability, answer, evidence }, cost: completion.cost?.totalUsd };
  } catch (thrown) {
    const error = toDragomanError(thrown);
    // A probe of a key that does not work, or of a model that is not there, says nothing about the model.
    if (FATAL.has(error.code)) throw error;
    return { finding: { capability, ...refusal(error) }, cost: 0 };
  }
}

const FATAL: ReadonlySet<string> = new Set([
  "aborted",
  "authentication",
  "permission_denied",
  "quota_exceeded",
  "model_not_found",
  "connection_failed",
  "provider_unavailable",
]);

function refusal(error: DragomanError): Pick<ProbeFinding, "answer" | "evidence"> {
  const answer =
    error.code === "unsupported" || error.code === "invalid_request" || error.code === "schema_unsupported" ? "no" : "unknown";
  return { answer, evidence: `${error.code}: ${error.detail.slice(0, 120)}` };
}

async function streamed(
  provider: Provider,
  call: CompletionCall,
): Promise<{ readonly completion: Completion; readonly deltas: number }> {
  const folded = createFold();
  let deltas = 0;
  for await (const event of provider.stream(call)) {
    if (event.type === "error") throw event.error;
    if (event.type === "text-delta" || event.type === "reasoning-delta") deltas += 1;
    folded.push(event);
  }
  return { completion: folded.completion(), deltas };
}
