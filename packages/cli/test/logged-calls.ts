/** A week of calls in a ledger, for the tests of the commands that read it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CallRecord, openSqliteLedger } from "@dragoman/gateway/ledger";
import { userMessage } from "@dragoman/llm";

const DAY_MS = 86_400_000;

/** Noon UTC of the day before yesterday: within every default span, and never on a border. */
export const NOON = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS + DAY_MS / 2;

const LARGE = "gpt-4.1";
const SMALL = "gpt-4.1-mini";

export const CONFIGURATION = `store: sqlite:./calls.db
providers:
  openai: { key: env:OPENAI_API_KEY }
  anthropic: { key: env:ANTHROPIC_API_KEY }
models:
  smart:
    targets: [openai:${LARGE}]
    fallback: [anthropic:claude-sonnet-4-5]
    complexity: { simple: openai:${SMALL} }
teams: { search: {} }
limits:
  - { name: calls, requests: 4, per: 30d }
  - { name: by-team, usd: 100, per: 30d, each: [team] }
`;

export interface LoggedCalls {
  readonly config: string;
  /** The same routes with another model first. */
  readonly changed: string;
}

/** Two configurations and their ledger, in this folder. */
export async function logCalls(folder: string): Promise<LoggedCalls> {
  mkdirSync(folder, { recursive: true });
  const [config, changed] = [join(folder, "gateway.yaml"), join(folder, "changed.yaml")];
  writeFileSync(config, CONFIGURATION);
  writeFileSync(changed, CONFIGURATION.replace(`targets: [openai:${LARGE}]`, `targets: [openai:${SMALL}]`));
  const ledger = await openSqliteLedger({ file: join(folder, "calls.db"), content: true });
  for (const record of RECORDS) {
    ledger.open(record);
    ledger.close(record);
  }
  const texts = { "call-easy": "What is the capital of Austria?", "call-hard": "Prove that the square root of 2 is irrational." };
  for (const [id, text] of Object.entries(texts)) {
    const request = { model: "smart", messages: [{ ...userMessage(text) }] };
    await ledger.keepContent(id, { request: JSON.parse(JSON.stringify(request)), answer: "Well." });
  }
  await ledger.end();
  return { config, changed };
}

/** 1 000 tokens in and 100 out are 0.0028 USD at the large model, 0.00056 at the small one. */
const COST_USD = 0.0028;

function record(id: string, fields: Partial<CallRecord> = {}): CallRecord {
  const usage = { inputTokens: 1_000, outputTokens: 100 };
  return {
    id,
    startedAt: NOON,
    node: "node-1",
    operation: "complete",
    dialect: "openai-chat",
    key: "k_1",
    team: "search",
    tags: { project: "atlas" },
    asked: "smart",
    route: "smart",
    reserved: { requests: 1, inputTokens: 1_000, outputTokens: 200, usd: 0.0036 },
    outcome: "answered",
    durationMs: 1_200,
    provider: "openai",
    model: LARGE,
    finish: "stop",
    status: 200,
    usage,
    costUsd: COST_USD,
    knownCostUsd: COST_USD,
    estimated: false,
    catalogue: "test",
    attempts: [
      {
        number: 1,
        provider: "openai",
        model: LARGE,
        outcome: "answered",
        startedAt: NOON,
        durationMs: 1_150,
        usage,
        costUsd: COST_USD,
        catalogue: "test",
      },
    ],
    decision: {
      strategy: "order",
      candidates: [
        { target: `openai:${LARGE}`, eligible: true, reasons: ["stands at place 1"] },
        { target: "openai:tiny", eligible: false, reasons: ["lacks tools"] },
      ],
      complexity: { score: 0.1, verdict: "simple", acted: false, reasons: ["asks for a fact (-1.4)"] },
    },
    warnings: [],
    ...fields,
  };
}

const RECORDS: readonly CallRecord[] = [
  record("call-easy"),
  record("call-hard", { startedAt: NOON + 60_000, session: "s-1" }),
  record("call-formula", { startedAt: NOON + 70_000, key: "=cmd()", agent: "writer" }),
  record("call-fallen", {
    startedAt: NOON + DAY_MS,
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    costUsd: 0.0045,
    knownCostUsd: 0.0045,
    warnings: ["the budget by-team is used to 80 %"],
    attempts: [
      {
        number: 1,
        provider: "openai",
        model: LARGE,
        outcome: "failed",
        startedAt: NOON + DAY_MS,
        durationMs: 300,
        usage: { inputTokens: 0, outputTokens: 0 },
        costUsd: 0,
        code: "overloaded",
        status: 503,
        detail: "the engine is \u001b[31mfull",
      },
      {
        number: 2,
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        outcome: "answered",
        startedAt: NOON + DAY_MS + 300,
        durationMs: 900,
        firstTokenMs: 250,
        usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400 },
        costUsd: 0.0045,
        catalogue: "test",
      },
    ],
  }),
  refused("call-refused"),
];

function refused(id: string): CallRecord {
  const { provider: _provider, model: _model, finish: _finish, catalogue: _catalogue, team: _team, ...rest } = record(id);
  return {
    ...rest,
    startedAt: NOON + DAY_MS + 5_000,
    outcome: "refused",
    code: "rate_limited",
    detail: "the limit calls has no room",
    status: 429,
    usage: {},
    costUsd: 0,
    knownCostUsd: 0,
    attempts: [],
    decision: { candidates: [] },
  };
}
