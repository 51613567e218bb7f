/** Calls as the pipeline makes them, for the tests of the ledger. */
import type { AttemptRecord, CallRecord, OpenCall } from "../../src/ledger/call-record.ts";

/** 29 March 2026, noon UTC. */
export const NOON = Date.UTC(2026, 2, 29, 12);

export function openCall(id: string, fields: Partial<OpenCall> = {}): OpenCall {
  return {
    id,
    startedAt: NOON,
    node: "node-1",
    operation: "complete",
    key: "k_1",
    tags: {},
    asked: "fast",
    reserved: { requests: 1, inputTokens: 100, outputTokens: 50, usd: 0.02 },
    ...fields,
  };
}

export function attempt(fields: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    number: 1,
    provider: "openai",
    model: "gpt-5",
    outcome: "answered",
    startedAt: NOON,
    durationMs: 800,
    usage: { inputTokens: 90, outputTokens: 40 },
    costUsd: 0.01,
    catalogue: "2026-03",
    ...fields,
  };
}

export function record(id: string, fields: Partial<CallRecord> = {}): CallRecord {
  return {
    ...openCall(id),
    outcome: "answered",
    durationMs: 1_000,
    provider: "openai",
    model: "gpt-5",
    finish: "stop",
    status: 200,
    usage: { inputTokens: 90, outputTokens: 40 },
    costUsd: 0.01,
    knownCostUsd: 0.01,
    estimated: false,
    catalogue: "2026-03",
    attempts: [attempt()],
    decision: { strategy: "order", candidates: [{ target: "openai:gpt-5", eligible: true, reasons: ["first in order"] }] },
    warnings: [],
    ...fields,
  };
}

/** A call that one vendor failed, at a price, and another answered. */
export function fallenBack(id: string, fields: Partial<CallRecord> = {}): CallRecord {
  return record(id, {
    provider: "anthropic",
    model: "claude",
    usage: { inputTokens: 150, outputTokens: 60 },
    costUsd: 0.03,
    knownCostUsd: 0.03,
    attempts: [
      attempt({ outcome: "failed", code: "stream_truncated", usage: { inputTokens: 50, outputTokens: 10 }, costUsd: 0.01 }),
      attempt({ number: 2, outcome: "skipped", provider: "mistral", model: "large", detail: "its breaker is open" }),
      attempt({
        number: 3,
        provider: "anthropic",
        model: "claude",
        usage: { inputTokens: 100, outputTokens: 50 },
        costUsd: 0.02,
      }),
    ].map((one) => (one.outcome === "skipped" ? unsent(one) : one)),
    ...fields,
  });
}

function unsent({ number, provider, model, outcome, detail = "" }: AttemptRecord): AttemptRecord {
  return { number, provider, model, outcome, detail };
}

/** One that was never sent. */
export function refused(id: string, fields: Partial<CallRecord> = {}): CallRecord {
  const { provider: _provider, model: _model, finish: _finish, catalogue: _catalogue, ...rest } = record(id);
  return {
    ...rest,
    outcome: "refused",
    code: "rate_limited",
    status: 429,
    usage: {},
    costUsd: 0,
    knownCostUsd: 0,
    attempts: [],
    reserved: { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 },
    ...fields,
  };
}
