/**
 * How large a row may be. What is longer is cut and ends in `…`, so that no caller makes the ledger grow by the length of its
 * names, and no vendor by the length of its errors.
 */
import { isJsonObject, type JsonValue, redactSecrets, type Usage } from "@dragoman/llm";
import type { Mutable } from "../mutable.ts";
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

/** The call itself where nothing is too long. */
export function boundOpenCall<Call extends OpenCall>(call: Call): Call {
  const tags = boundTags(call.tags);
  const names = boundedNames(call);
  if (names === undefined && tags === call.tags && isShort(call.asked)) return call;
  return { ...call, ...names, asked: boundName(call.asked), tags };
}

export function boundRecord(record: CallRecord): CallRecord {
  const { detail, attempts, warnings } = record;
  const bounded: Mutable<CallRecord> = { ...boundOpenCall(record) };
  if (detail !== undefined) bounded.detail = boundDetail(detail);
  bounded.usage = boundUsage(record.usage);
  bounded.attempts = attempts.slice(0, ROW_LIMITS.attempts).map(boundAttempt);
  bounded.decision = boundDecision(record.decision);
  bounded.warnings = warnings.slice(0, ROW_LIMITS.warnings).map(boundDetail);
  return bounded;
}

const NAMES = ["key", "team", "agent", "session", "user", "route"] as const;

/** Undefined where none is too long. */
function boundedNames(call: OpenCall): Partial<Record<(typeof NAMES)[number], string>> | undefined {
  let bounded: Partial<Record<(typeof NAMES)[number], string>> | undefined;
  for (const name of NAMES) {
    const value = call[name];
    if (value === undefined || isShort(value)) continue;
    bounded ??= {};
    bounded[name] = boundName(value);
  }
  return bounded;
}

function boundTags(tags: OpenCall["tags"]): OpenCall["tags"] {
  let hasTags = false;
  for (const _name in tags) hasTags = true;
  if (!hasTags) return tags;
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
  const bounded = usage === undefined ? undefined : boundUsage(usage);
  if (detail === undefined && bounded === usage) return attempt;
  return {
    ...attempt,
    ...(detail === undefined ? {} : { detail: boundDetail(detail) }),
    ...(bounded === undefined ? {} : { usage: bounded }),
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
  if (usage.raw === undefined || isSurelyShort(usage.raw) || jsonLength(usage.raw) <= ROW_LIMITS.rawUsage) return usage;
  const { raw: _raw, ...counts } = usage;
  return counts;
}

/** Fields that a report may have, with those of its parts, to be short without being written out: each is a name and a number. */
const FIELDS_SURELY_SHORT = 64;
const NAME_LENGTH_MAX = 40;

/** Whether a report is what vendors send: some dozens of numbers under short names. */
function isSurelyShort(value: JsonValue): boolean {
  return fieldsLeft(value, FIELDS_SURELY_SHORT) >= 0;
}

function fieldsLeft(value: JsonValue, left: number): number {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return left - 1;
  if (typeof value === "string") return value.length <= NAME_LENGTH_MAX ? left - 1 : -1;
  if (!isJsonObject(value)) return value?.length === 0 ? left - 1 : -1;
  let rest = left - 1;
  for (const name in value) {
    if (rest < 0 || name.length > NAME_LENGTH_MAX) return -1;
    rest = fieldsLeft(value[name] ?? null, rest);
  }
  return rest;
}

function jsonLength(value: JsonValue): number {
  return JSON.stringify(value).length;
}
