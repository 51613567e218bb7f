/** A record in its tables: as it goes in, and as it is taken out again. */
import type { DatabaseSync } from "node:sqlite";
import type { AttemptRecord, CallRecord } from "../call-record.ts";
import { toNanoUsd } from "../money.ts";
import { wasSent } from "../usage/was-sent.ts";
import { durationBucket } from "./duration-bucket.ts";

/** A record with its own JSON, which is made once. */
export interface WrittenRecord {
  readonly record: CallRecord;
  readonly json: string;
}

export interface CallTable {
  /** False where a call of that id is there already; then nothing is written. Within the caller's transaction. */
  insert(written: WrittenRecord): boolean;
  has(id: string): boolean;
  /** Takes a call out of the tables; its content stays. Within the caller's transaction. */
  remove(sequence: number): void;
}

export type Value = string | number | null;

/** In the order of `callRow`. */
export const CALL_COLUMNS = `id, node, started_at, operation, key, team, agent, session, "user", route, tags, outcome, provider, model, attempts,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
  known_nano_usd, failed_nano_usd, saved_nano_usd, unpriced, estimated, cached, duration_bucket, first_token_bucket`;
const CALL_COLUMN_COUNT = CALL_COLUMNS.split(",").length;
const ATTEMPT_COLUMN_COUNT = 15;

export function createCallTable(database: DatabaseSync): CallTable {
  const insertCall = database.prepare(
    `INSERT INTO calls (${CALL_COLUMNS}) VALUES (${marks(CALL_COLUMN_COUNT)}) ON CONFLICT (id) DO NOTHING`,
  );
  const insertBody = database.prepare("INSERT INTO bodies (sequence, record) VALUES (?, ?)");
  const insertAttempt = database.prepare(`INSERT INTO attempts VALUES (${marks(ATTEMPT_COLUMN_COUNT)})`);
  const findId = database.prepare("SELECT 1 FROM calls WHERE id = ?");
  const removals = [
    "DELETE FROM attempts WHERE call = ?",
    "DELETE FROM bodies WHERE sequence = ?",
    "DELETE FROM calls WHERE sequence = ?",
  ].map((sql) => database.prepare(sql));

  return {
    insert({ record, json }) {
      const { changes, lastInsertRowid } = insertCall.run(...callRow(record));
      if (changes === 0) return false;
      insertBody.run(lastInsertRowid, json);
      const sequence = Number(lastInsertRowid);
      for (const attempt of record.attempts) insertAttempt.run(...attemptRow(sequence, attempt));
      return true;
    },
    has: (id) => findId.get(id) !== undefined,
    remove(sequence) {
      for (const removal of removals) removal.run(sequence);
    },
  };
}

function marks(count: number): string {
  return Array.from({ length: count }, () => "?").join(", ");
}

/** A call as a row of `calls`. */
export function callRow(record: CallRecord): Value[] {
  const { usage, tags, cached, attempts, firstTokenMs } = record;
  const isAnswered = record.outcome === "answered";
  return [
    record.id,
    record.node,
    Math.trunc(record.startedAt),
    record.operation,
    record.key,
    record.team ?? null,
    record.agent ?? null,
    record.session ?? null,
    record.user ?? null,
    record.route ?? null,
    tagsJson(tags),
    record.outcome,
    record.provider ?? null,
    record.model ?? null,
    attempts.filter(wasSent).length,
    usage.inputTokens ?? null,
    usage.outputTokens ?? null,
    usage.cacheReadTokens ?? null,
    usage.cacheWriteTokens ?? null,
    usage.reasoningTokens ?? null,
    toNanoUsd(record.knownCostUsd),
    failedNanoUsd(attempts),
    toNanoUsd(cached?.savedUsd ?? 0),
    record.costUsd === undefined && record.outcome !== "refused" ? 1 : 0,
    record.estimated ? 1 : 0,
    cached === undefined ? 0 : 1,
    isAnswered ? durationBucket(record.durationMs) : null,
    isAnswered && firstTokenMs !== undefined ? durationBucket(firstTokenMs) : null,
  ];
}

/** An attempt as a row of `attempts`. */
export function attemptRow(call: number, attempt: AttemptRecord): Value[] {
  const { usage, costUsd, durationMs, firstTokenMs } = attempt;
  const isAnswered = attempt.outcome === "answered";
  return [
    call,
    attempt.number,
    attempt.provider,
    attempt.model,
    isAnswered ? 1 : 0,
    wasSent(attempt) ? 1 : 0,
    usage?.inputTokens ?? null,
    usage?.outputTokens ?? null,
    usage?.cacheReadTokens ?? null,
    usage?.cacheWriteTokens ?? null,
    usage?.reasoningTokens ?? null,
    costUsd === undefined ? null : toNanoUsd(costUsd),
    attempt.estimated === true ? 1 : 0,
    isAnswered && durationMs !== undefined ? durationBucket(durationMs) : null,
    isAnswered && firstTokenMs !== undefined ? durationBucket(firstTokenMs) : null,
  ];
}

/** What attempts cost that gave no answer. */
function failedNanoUsd(attempts: readonly AttemptRecord[]): number {
  let sum = 0;
  for (const { outcome, costUsd } of attempts) if (outcome !== "answered" && costUsd !== undefined) sum += toNanoUsd(costUsd);
  return sum;
}

function tagsJson(tags: CallRecord["tags"]): string | null {
  for (const _name in tags) return JSON.stringify(tags);
  return null;
}
