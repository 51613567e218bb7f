/**
 * Prometheus figures, fed by what the pipeline tells. Labels are names of the configuration: providers, models, routes, teams. What
 * clients choose freely (sessions, users, tags, keys by the thousand) is in the ledger, not in a label, and models beyond the first so many share the label `other`.
 */
import type { Histogram, Registry } from "prom-client";
import type { TargetView } from "../attempts/target-health.ts";
import type { AttemptRecord, CallRecord } from "../ledger/call-record.ts";
import type { Standing } from "../limits/meter.ts";
import type { FailedRequest, GatewayObserver } from "./observer.ts";
import { createTally, type Tally } from "./tally.ts";

export interface MetricsOptions {
  readonly targets: () => readonly TargetView[];
  readonly standings: () => readonly Standing[];
  /** Calls under way. */
  readonly running: () => number;
  /** Models that have a label of their own. Default 500. */
  readonly modelsMax?: number;
}

export interface Metrics {
  readonly observer: GatewayObserver;
  /** In Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** The library behind it is loaded with the first call, and what ends meanwhile is counted then. */
export function createMetrics(options: MetricsOptions): Metrics {
  const waiting: ((figures: Figures) => void)[] = [];
  let figures: Figures | undefined;
  let loading: Promise<Figures> | undefined;

  function load(): Promise<Figures> {
    loading ??= import("prom-client").then((prometheus) => {
      figures = createFigures(prometheus, options);
      for (const count of waiting.splice(0)) count(figures);
      return figures;
    });
    return loading;
  }

  function later(count: (figures: Figures) => void): void {
    if (waiting.length < WAITING_MAX) waiting.push(count);
    // It fails again for whoever asks for the figures, and is told there.
    if (loading === undefined) load().catch(() => {});
  }

  return {
    observer: {
      callClosed(record) {
        if (figures === undefined) later((made) => made.count(record));
        else figures.count(record);
      },
      requestFailed(failed) {
        if (figures === undefined) later((made) => made.countFailed(failed));
        else figures.countFailed(failed);
      },
    },
    render: async () => (await load()).render(),
  };
}

/** Calls and requests that can end while a library is read from the disk. */
const WAITING_MAX = 10_000;

interface Figures {
  count(record: CallRecord): void;
  countFailed(failed: FailedRequest): void;
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Seconds. From an answer out of the cache to a model that thinks for minutes. */
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const OTHER = "other";

function createFigures(prometheus: typeof import("prom-client"), options: MetricsOptions): Figures {
  const { targets, standings, running, modelsMax = 500 } = options;
  const registry: Registry = new prometheus.Registry();
  const registers = [registry];
  prometheus.collectDefaultMetrics({ register: registry });
  const models = new Set<string>();

  /** A counter that is written when it is asked for. */
  function counted<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Tally<Label> {
    const tally = createTally(labelNames);
    new prometheus.Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const { labels, sum } of tally.sums()) this.inc(labels, sum);
      },
    });
    return tally;
  }

  const calls = counted("dragoman_calls_total", "Calls that have ended, by how.", [
    "operation",
    "route",
    "provider",
    "model",
    "team",
    "outcome",
    "code",
  ]);
  const failedRequests = counted(
    "dragoman_requests_failed_total",
    "HTTP requests that were answered with an error and became no call.",
    ["team", "code"],
  );
  const attempts = counted("dragoman_attempts_total", "Tries at targets, by how they ended.", [
    "provider",
    "model",
    "outcome",
    "code",
  ]);
  const tokens = counted(
    "dragoman_tokens_total",
    "Tokens by kind: input, output, cache-read, cache-write, reasoning. The last three are within the first two.",
    ["provider", "model", "team", "kind"],
  );
  const cost = counted("dragoman_cost_usd_total", "What is known of the cost, failed attempts included.", [
    "provider",
    "model",
    "team",
  ]);
  const unpriced = counted("dragoman_unpriced_attempts_total", "Tries whose cost is unknown.", ["provider", "model"]);
  const saved = counted("dragoman_cache_saved_usd_total", "What answers out of the response cache would have cost.", ["team"]);
  const duration: Histogram = new prometheus.Histogram({
    name: "gen_ai_client_operation_duration_seconds",
    help: "From a call's beginning to its end.",
    labelNames: ["operation", "provider", "model", "outcome"],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const firstToken: Histogram = new prometheus.Histogram({
    name: "gen_ai_server_time_to_first_token_seconds",
    help: "From a call's beginning to the first token of a stream.",
    labelNames: ["provider", "model"],
    buckets: DURATION_BUCKETS,
    registers,
  });
  new prometheus.Gauge({
    name: "dragoman_calls_running",
    help: "Calls under way.",
    registers,
    collect() {
      this.set(running());
    },
  });
  new prometheus.Gauge({
    name: "dragoman_target_open",
    help: "1 while a target is left alone by its circuit breaker.",
    labelNames: ["target"],
    registers,
    collect() {
      this.reset();
      for (const { target, state } of targets().slice(0, modelsMax)) this.set({ target }, state === "closed" ? 0 : 1);
    },
  });
  new prometheus.Gauge({
    name: "dragoman_limit_used_share",
    help: "How much of a limit or budget is used or reserved, 0 to 1: the fullest of the values that the rule counts by.",
    labelNames: ["rule"],
    registers,
    collect() {
      this.reset();
      const fullest = new Map<string, number>();
      for (const { rule, amount, used, reserved } of standings())
        fullest.set(rule, Math.max(fullest.get(rule) ?? 0, (used + reserved) / amount));
      for (const [rule, share] of fullest) this.set({ rule }, share);
    },
  });

  function modelLabel(model: string | undefined): string {
    if (model === undefined) return "";
    if (models.has(model)) return model;
    if (models.size >= modelsMax) return OTHER;
    models.add(model);
    return model;
  }

  function countAttempt({ provider, outcome, code, ...attempt }: AttemptRecord, team: string): void {
    const model = modelLabel(attempt.model);
    attempts.add(1, provider, model, outcome, code ?? "");
    if (outcome === "skipped") return;
    const {
      inputTokens = 0,
      outputTokens = 0,
      cacheReadTokens = 0,
      cacheWriteTokens = 0,
      reasoningTokens = 0,
    } = attempt.usage ?? {};
    if (inputTokens > 0) tokens.add(inputTokens, provider, model, team, "input");
    if (outputTokens > 0) tokens.add(outputTokens, provider, model, team, "output");
    if (cacheReadTokens > 0) tokens.add(cacheReadTokens, provider, model, team, "cache-read");
    if (cacheWriteTokens > 0) tokens.add(cacheWriteTokens, provider, model, team, "cache-write");
    if (reasoningTokens > 0) tokens.add(reasoningTokens, provider, model, team, "reasoning");
    if (attempt.costUsd === undefined) unpriced.add(1, provider, model);
    else cost.add(attempt.costUsd, provider, model, team);
  }

  function callClosed(record: CallRecord): void {
    const { operation, route = "", provider = "", team = "", outcome, code = "" } = record;
    const model = modelLabel(record.model);
    calls.add(1, operation, route, provider, model, team, outcome, code);
    for (const attempt of record.attempts) countAttempt(attempt, team);
    if (record.cached?.savedUsd !== undefined) saved.add(record.cached.savedUsd, team);
    if (outcome === "refused" || outcome === "interrupted") return;
    duration.observe({ operation, provider, model, outcome }, record.durationMs / 1000);
    if (record.firstTokenMs !== undefined) firstToken.observe({ provider, model }, record.firstTokenMs / 1000);
  }

  return {
    count: callClosed,
    countFailed: ({ team = "", error }) => failedRequests.add(1, team, error.code),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
