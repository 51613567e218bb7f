/** One call as a person would tell it: who asked for what, where it could have gone, what happened, and what it cost. */
import type { AttemptRecord, CallRecord, CandidateRecord } from "@dragoman/gateway/ledger";
import type { Usage } from "@dragoman/llm";
import { duration, usd } from "../figures.ts";
import { count } from "./usage-table.ts";

/** A part of the story, with its lines. */
export interface StoryPart {
  readonly title: string;
  readonly lines: readonly string[];
}

export function callStory(call: CallRecord): readonly StoryPart[] {
  return [
    { title: headline(call), lines: [whenAndHow(call)] },
    { title: "Who", lines: [who(call)] },
    { title: "Asked for", lines: [askedFor(call)] },
    { title: "Where it could go", lines: whereTo(call) },
    { title: "What happened", lines: whatHappened(call) },
    { title: "What it cost", lines: whatItCost(call) },
    { title: "Notes", lines: call.warnings },
  ].filter(({ lines }) => lines.length > 0);
}

const OUTCOMES: Readonly<Record<CallRecord["outcome"], string>> = {
  answered: "was answered",
  failed: "was not answered",
  refused: "was refused, and not sent",
  aborted: "was given up by its caller",
  cut: "broke off in the middle of its answer",
  interrupted: "was under way when the gateway ended",
};

function headline(call: CallRecord): string {
  const { id, outcome, durationMs, costUsd, knownCostUsd } = call;
  const money = costUsd === undefined ? `${usd(knownCostUsd)} as far as it is known` : usd(costUsd);
  return `Call ${id} ${OUTCOMES[outcome]} after ${duration(durationMs)}, for ${money}`;
}

function whenAndHow({ startedAt, operation, dialect, node, status, firstTokenMs, code, detail }: CallRecord): string {
  return [
    `${new Date(startedAt).toISOString().replace("T", " ").replace("Z", " UTC")}`,
    operation,
    dialect === undefined ? "called as a function" : `over HTTP as ${dialect}`,
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(firstTokenMs === undefined ? [] : [`first token after ${duration(firstTokenMs)}`]),
    `on ${node}`,
    ...(code === undefined ? [] : [`${code}: ${detail ?? ""}`]),
  ].join(" · ");
}

function who({ key, team, agent, session, user, tags }: CallRecord): string {
  const named = Object.entries({ key, team, agent, session, user }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  const tagged = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  return [...named, ...(tagged.length === 0 ? [] : [`tags ${tagged.join(", ")}`])].join(", ");
}

function askedFor({ asked, route, decision }: CallRecord): string {
  const how = decision.strategy === undefined ? "" : `, by ${decision.strategy}`;
  if (asked === "") return "nobody knows: it was refused before it was read";
  if (route === undefined) return asked;
  return route === asked ? `the route ${route}${how}` : `${asked}, which is the route ${route}${how}`;
}

function whereTo({ decision }: CallRecord): readonly string[] {
  const { candidates, complexity, sticky } = decision;
  let place = 0;
  const lines = candidates.map((candidate) => {
    if (candidate.eligible) place += 1;
    return candidateLine(candidate, place);
  });
  return [
    ...lines,
    ...(sticky === undefined ? [] : [`The conversation stayed with ${sticky}.`]),
    ...(complexity === undefined
      ? []
      : [
          `Complexity ${complexity.score.toFixed(2)}: ${complexity.verdict}, ${complexity.acted ? "acted upon" : "not acted upon"}` +
            `${complexity.reasons.length === 0 ? "" : `; it ${complexity.reasons.join(", ")}`}.`,
        ]),
  ];
}

function candidateLine({ target, eligible, score, reasons }: CandidateRecord, place: number): string {
  const why = reasons.join("; ");
  if (!eligible) return `✗  ${target}: not asked, for it ${why}`;
  return `${place}. ${target}: ${why}${score === undefined ? "" : ` (score ${Number(score.toPrecision(4))})`}`;
}

function whatHappened({ attempts, cached, outcome, detail }: CallRecord): readonly string[] {
  if (cached !== undefined) {
    const saved = cached.savedUsd === undefined ? "" : `, which saved ${usd(cached.savedUsd)}`;
    return [`An equal call had been answered ${duration(cached.ageMs)} before: its answer was given again${saved}.`];
  }
  if (attempts.length === 0) return outcome === "refused" && detail !== undefined ? [`Nothing was sent: ${detail}`] : [];
  return attempts.map(attemptLine);
}

const ATTEMPTS: Readonly<Record<AttemptRecord["outcome"], string>> = {
  answered: "answered",
  failed: "failed",
  refused: "was refused here",
  skipped: "was passed over",
  aborted: "was given up",
};

function attemptLine(attempt: AttemptRecord): string {
  const { number, provider, model, outcome, durationMs, firstTokenMs, costUsd, usage, code, status, detail } = attempt;
  const times = [
    ...(durationMs === undefined ? [] : [`after ${duration(durationMs)}`]),
    ...(firstTokenMs === undefined ? [] : [`(first token ${duration(firstTokenMs)})`]),
  ];
  const why = [
    ...(code === undefined ? [] : [status === undefined ? code : `${code} (${status})`]),
    ...(detail === undefined ? [] : [detail]),
  ];
  const sent =
    attempt.startedAt === undefined ? [] : [...tokensOf(usage ?? {}), costUsd === undefined ? "price unknown" : usd(costUsd)];
  return (
    `${number}. ${provider}:${model} ${[ATTEMPTS[outcome], ...times].join(" ")}` +
    `${sent.length === 0 ? "" : `, ${sent.join(", ")}`}${why.length === 0 ? "" : `: ${why.join(": ")}`}`
  );
}

function tokensOf({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens }: Usage): readonly string[] {
  const cached = [
    ...(cacheReadTokens ? [`${count(cacheReadTokens)} from the prompt cache`] : []),
    ...(cacheWriteTokens ? [`${count(cacheWriteTokens)} written to it`] : []),
  ];
  return [
    ...(inputTokens === undefined
      ? []
      : [`${count(inputTokens)} tokens in${cached.length === 0 ? "" : ` (${cached.join(", ")})`}`]),
    ...(outputTokens === undefined
      ? []
      : [`${count(outputTokens)} out${reasoningTokens ? ` (${count(reasoningTokens)} of them reasoning)` : ""}`]),
  ];
}

function whatItCost({ reserved, costUsd, knownCostUsd, attempts, catalogue, estimated }: CallRecord): readonly string[] {
  const lost = attempts.reduce((sum, { outcome, costUsd: cost = 0 }) => (outcome === "answered" ? sum : sum + cost), 0);
  const parts = [
    costUsd === undefined ? `${usd(knownCostUsd)}, and something that is not known` : usd(costUsd),
    ...(lost > 0 ? [`of it ${usd(lost)} for attempts without an answer`] : []),
    ...(reserved.usd === undefined || reserved.usd === 0 ? [] : [`${usd(reserved.usd)} was set aside for it`]),
    ...(estimated ? ["in part estimated here, for the vendor did not tell"] : []),
    ...(catalogue === undefined ? [] : [`prices of ${catalogue}`]),
  ];
  return [parts.join(" · ")];
}
