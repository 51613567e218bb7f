/**
 * How large a row may be. What is longer is cut and ends in `…`, so that no caller makes the ledger grow by the length of its
 * names, and no vendor by the length of its errors.
 */
import { type JsonValue, redactSecrets, type Usage } from "@dragoman/llm";
import type { AttemptRecord, CallRecord, DecisionRecord, OpenCall } from "./call-record.ts";

/** Characters, or entries of a list. */
export const ROW_LIMITS = {
  name: 500,
  detail: 2_000,
  tags: 32,
  tagName: 100,
  tagValue: 500,
  attempts: 50,
  candidates: 64,
  reasons: 16,
  warnings: 50,
  /** The vendor's own report of usage, as JSON; a longer one is left out. */
  rawUsage: 4_000,
} as const;

export function boundText(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}

/** A name of a dimension, as it is kept and as it is looked for. */
export function boundName(name: string): string {
  return boundText(name, ROW_LIMITS.name);
}

export function boundOpenCall<Call extends OpenCall>(call: Call): Call {
  return { ...call, ...boundedNames(call), asked: boundName(call.asked), tags: boundTags(call.tags) };
}

export function boundRecord(record: CallRecord): CallRecord {
  const { detail, attempts, warnings } = record;
  return {
    ...boundOpenCall(record),
    ...(detail === undefined ? {} : { detail: boundDetail(detail) }),
    usage: boundUsage(record.usage),
    attempts: attempts.slice(0, ROW_LIMITS.attempts).map(boundAttempt),
    decision: boundDecision(record.decision),
    warnings: warnings.slice(0, ROW_LIMITS.warnings).map(boundDetail),
  };
}

const NAMES = ["key", "team", "agent", "session", "user", "route"] as const;

function boundedNames(call: OpenCall): Partial<Record<(typeof NAMES)[number], string>> {
  const bounded: Partial<Record<(typeof NAMES)[number], string>> = {};
  for (const name of NAMES) {
    const value = call[name];
    if (value !== undefined && value.length > ROW_LIMITS.name) bounded[name] = boundName(value);
  }
  return bounded;
}

function boundTags(tags: OpenCall["tags"]): OpenCall["tags"] {
  const entries = Object.entries(tags);
  const fits =
    entries.length <= ROW_LIMITS.tags &&
    entries.every(([name, value]) => name.length <= ROW_LIMITS.tagName && value.length <= ROW_LIMITS.tagValue);
  if (fits) return tags;
  return Object.fromEntries(
    entries
      .slice(0, ROW_LIMITS.tags)
      .map(([name, value]) => [boundText(name, ROW_LIMITS.tagName), boundText(value, ROW_LIMITS.tagValue)]),
  );
}

function boundAttempt(attempt: AttemptRecord): AttemptRecord {
  const { detail, usage } = attempt;
  return {
    ...attempt,
    ...(detail === undefined ? {} : { detail: boundDetail(detail) }),
    ...(usage === undefined ? {} : { usage: boundUsage(usage) }),
  };
}

function boundDecision(decision: DecisionRecord): DecisionRecord {
  const { candidates } = decision;
  const fits =
    candidates.length <= ROW_LIMITS.candidates &&
    candidates.every(({ reasons }) => reasons.length <= ROW_LIMITS.reasons && reasons.every(isShort));
  if (fits) return decision;
  return {
    ...decision,
    candidates: candidates.slice(0, ROW_LIMITS.candidates).map((candidate) => ({
      ...candidate,
      reasons: candidate.reasons.slice(0, ROW_LIMITS.reasons).map((reason) => boundText(reason, ROW_LIMITS.name)),
    })),
  };
}

function isShort(text: string): boolean {
  return text.length <= ROW_LIMITS.name;
}

/** Details hold what vendors said, who like to repeat keys. */
function boundDetail(detail: string): string {
  return boundText(redactSecrets(detail), ROW_LIMITS.detail);
}

function boundUsage(usage: Usage): Usage {
  if (usage.raw === undefined || jsonLength(usage.raw) <= ROW_LIMITS.rawUsage) return usage;
  const { raw: _raw, ...counts } = usage;
  return counts;
}

function jsonLength(value: JsonValue): number {
  return JSON.stringify(value).length;
}
