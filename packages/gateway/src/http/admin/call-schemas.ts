/** Calls and sums of them, as the admin API describes them. What a later version adds beside is no error of a client. */
import { z } from "zod";

export const DIMENSIONS = ["provider", "model", "route", "key", "team", "agent", "session", "user"] as const;
export const OUTCOMES = ["answered", "failed", "refused", "aborted", "cut", "interrupted"] as const;

const text = z.string().exactOptional();
const amount = z.number().exactOptional();

const usage = z
  .looseObject({
    inputTokens: amount,
    cacheReadTokens: amount,
    cacheWriteTokens: amount,
    outputTokens: amount,
    reasoningTokens: amount,
  })
  .meta({ id: "Usage", description: "Totals are inclusive. What is unknown is absent." });

const attempt = z.looseObject({
  number: z.int(),
  provider: z.string(),
  model: z.string(),
  outcome: z.enum(["answered", "failed", "refused", "skipped", "aborted"]),
  code: text,
  detail: text,
  startedAt: amount,
  durationMs: amount,
  firstTokenMs: amount,
  usage: usage.exactOptional(),
  costUsd: amount,
  estimated: z.boolean().exactOptional(),
});

const decision = z.looseObject({
  strategy: text,
  candidates: z.array(z.looseObject({ target: z.string(), eligible: z.boolean(), score: amount, reasons: z.array(z.string()) })),
  sticky: text,
});

export const callRecord = z
  .looseObject({
    id: z.string(),
    startedAt: z.int().describe("Milliseconds since 1970."),
    node: z.string(),
    operation: z.enum(["complete", "stream", "embed", "rerank", "count-tokens"]),
    key: z.string(),
    team: text,
    agent: text,
    session: text,
    user: text,
    tags: z.record(z.string(), z.string()),
    asked: z.string().describe("What the client named."),
    route: text,
    outcome: z.enum(OUTCOMES),
    durationMs: z.number(),
    firstTokenMs: amount,
    provider: text,
    model: text,
    finish: text,
    code: text,
    detail: text,
    usage,
    costUsd: amount.describe("Absent where any part of it is unknown."),
    knownCostUsd: z.number(),
    estimated: z.boolean(),
    attempts: z.array(attempt),
    decision,
    warnings: z.array(z.string()),
  })
  .meta({ id: "Call", description: "One call with all its attempts and why it went where it went." });

const sum = z.number();

export const usageRow = z
  .looseObject({
    by: z.record(z.string(), z.string()),
    calls: sum,
    attempts: sum,
    outcomes: z.record(z.string(), z.number()),
    inputTokens: sum,
    outputTokens: sum,
    cacheReadTokens: sum,
    cacheWriteTokens: sum,
    reasoningTokens: sum,
    costUsd: sum.describe("What is known of the cost."),
    failedCostUsd: sum,
    unpriced: sum.describe("Calls, any part of whose cost is unknown."),
    estimated: sum,
    cached: sum,
    savedUsd: sum,
    durationP50Ms: amount,
    durationP95Ms: amount,
    firstTokenP50Ms: amount,
  })
  .meta({ id: "UsageRow" });
