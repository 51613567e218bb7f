/** The whole configuration, declared: every key of a file, what it means and what it is without it. */

import { z } from "zod";
import type {
  BreakerConfiguration,
  FailingConfiguration,
  GatewayConfiguration,
  LedgerConfiguration,
  ResponseCacheConfiguration,
  ServerConfiguration,
  TelemetryConfiguration,
} from "../configuration.ts";
import { defaulted, either, type Form, list, named, object, optional, textual } from "./form.ts";
import {
  addresses,
  anyName,
  bytes,
  choice,
  duration,
  durationMs,
  flag,
  plainName,
  providerName,
  routeName,
  share,
  text,
  whole,
} from "./leaves.ts";
import { type DraftRule, limitForm } from "./limit-form.ts";
import { type ProviderDraft, providerForm } from "./provider-form.ts";
import { commitForm, generalTimeoutsForm, routeForm } from "./route-form.ts";
import { STANDARD_CONFIGURATION as standard } from "./standard-configuration.ts";
import { storeForm } from "./store-form.ts";
import { type AgentDraft, agentForm, type KeyDraft, keyForm, type TeamDraft, teamForm } from "./tenancy-form.ts";

/** As a file has it: limits stand where they belong, and `directModels` may be left open. */
export interface ConfigurationDraft
  extends Omit<GatewayConfiguration, "providers" | "agents" | "teams" | "keys" | "limits" | "directModels"> {
  readonly providers: Readonly<Record<string, ProviderDraft>>;
  readonly agents: Readonly<Record<string, AgentDraft>>;
  readonly teams: Readonly<Record<string, TeamDraft>>;
  readonly keys: Readonly<Record<string, KeyDraft>>;
  readonly limits: readonly DraftRule[];
  readonly budgets: readonly DraftRule[];
  readonly directModels?: boolean;
}

const server = object<ServerConfiguration>({
  host: defaulted(text, standard.server.host, "The address to listen on."),
  port: defaulted(whole(0, 65_535), standard.server.port, "The port; 0 takes any free one."),
  requireKey: optional(flag, "Whether a caller needs a key. Beyond this machine it always does.", {
    defaultText: "false on this machine while no key exists, else true",
  }),
  allowedOrigins: defaulted(list(text), standard.server.allowedOrigins, "Web pages that may call, as `https://app.example`.", {
    defaultText: "those of this machine",
  }),
  trustedProxies: defaulted(
    list(addresses),
    standard.server.trustedProxies,
    "Proxies whose `x-forwarded-for` is believed, as `10.0.0.0/8`.",
  ),
  bodyBytesMax: defaulted(bytes, standard.server.bodyBytesMax, "The largest body of a request.", { name: "body_max" }),
  requestTimeoutMs: defaulted(
    duration(),
    standard.server.requestTimeoutMs,
    "How long a client may take to send headers and body.",
    {
      name: "request_timeout",
    },
  ),
  connectionsMax: defaulted(
    whole(1, 1_000_000),
    standard.server.connectionsMax,
    "Connections at once; more are closed as they come.",
  ),
  unreadMsMax: defaulted(
    duration(1_000),
    standard.server.unreadMsMax,
    "How long a client may read nothing of what waits for it, before its connection is ended.",
    { name: "unread_max" },
  ),
  callsPerKeyMax: defaulted(
    whole(1, 1_000_000),
    standard.server.callsPerKeyMax,
    "Calls of one key that run at once, streams included.",
  ),
  drainMs: defaulted(duration(0), standard.server.drainMs, "How long running calls may go on after a signal to stop.", {
    name: "drain",
  }),
});

const KEYV_ERROR = "it must be memory, store, or a table with keyv, as { keyv: env:REDIS_URL }";
const keyvForm = object<{ readonly keyv: string }>({
  keyv: {
    ...optional(text, "An address that Keyv takes, by reference where it holds a password, as `env:REDIS_URL`."),
    isRequired: true,
  },
});
const cacheStore: Form<ResponseCacheConfiguration["store"]> = {
  file: either(z.enum(["memory", "store"]), keyvForm.file, KEYV_ERROR),
  value: either(z.enum(["memory", "store"]), keyvForm.value, KEYV_ERROR),
  read: (said) => (said === "memory" || said === "store" ? said : keyvForm.read(said)),
  fill: (given) => (given === "memory" || given === "store" ? given : keyvForm.fill(given)),
  write: (store) => store,
};

const cache = object<ResponseCacheConfiguration>({
  enabled: defaulted(flag, standard.cache.enabled, "Whether equal calls are answered with an earlier answer."),
  store: defaulted(
    cacheStore,
    standard.cache.store,
    "Where answers are kept: `memory`, `store` (the gateway's own), or `{ keyv: ADDRESS }`.",
  ),
  timeToLiveMs: defaulted(duration(), standard.cache.timeToLiveMs, "How long an answer is good.", { name: "time_to_live" }),
  scope: defaulted(choice("key", "team", "session"), standard.cache.scope, "Who shares answers. Never more than one tenant."),
});

const breaker = object<BreakerConfiguration>({
  failures: defaulted(
    whole(1, 10_000),
    standard.failing.breaker.failures,
    "Failures within the window, from which a target is left alone.",
  ),
  share: defaulted(share, standard.failing.breaker.share, "And their share of its calls."),
  windowMs: defaulted(duration(), standard.failing.breaker.windowMs, "Over which failures are counted.", { name: "window" }),
  openMs: defaulted(
    duration(),
    standard.failing.breaker.openMs,
    "How long a target is left alone before one call tries it; doubled each time that fails.",
    { name: "open" },
  ),
  openMsMax: defaulted(duration(), standard.failing.breaker.openMsMax, "The most that it is doubled to.", { name: "open_max" }),
});

const failing = object<FailingConfiguration>({
  attemptsPerTarget: defaulted(whole(1, 20), standard.failing.attemptsPerTarget, "Attempts at one target, the first included."),
  attemptsMax: defaulted(whole(1, 100), standard.failing.attemptsMax, "Attempts in all, over all targets."),
  waitMaxMs: defaulted(
    duration(0),
    standard.failing.waitMaxMs,
    "A vendor that asks to wait longer is left for the next target.",
    {
      name: "wait_max",
    },
  ),
  commit: defaulted(
    commitForm,
    standard.failing.commit,
    "When a stream is given out: `first-token`, `full`, or `{ characters: 200 }`.",
  ),
  timeouts: defaulted(generalTimeoutsForm, () => generalTimeoutsForm.fill({}), "Deadlines of every attempt that has no others.", {
    defaultText: "as below",
  }),
  breaker: defaulted(breaker, () => breaker.fill({}), "When a target is left alone for a while."),
});

const RETENTION_ERROR = "it must be days, as 400d, or forever";

/** A number of days, or `forever`. A program says forever by leaving days undefined; `Infinity` stands for it here. */
const retention: Form<number> = textual({
  file: z.string({ error: RETENTION_ERROR }).regex(/^(?:[1-9]\d{0,4}d|forever)$/, { error: RETENTION_ERROR }),
  value: z.union([z.int().positive(), z.literal(Number.POSITIVE_INFINITY)], {
    error: "it must be days, as a whole number above 0",
  }),
  read: (said) => (said === "forever" ? Number.POSITIVE_INFINITY : durationMs(said) / 86_400_000),
  write: (days) => (Number.isFinite(days) ? `${days}d` : "forever"),
});

const ledger = object<{ readonly retentionDays: number; readonly content: boolean }>({
  retentionDays: defaulted(
    retention,
    standard.ledger.retentionDays ?? Number.POSITIVE_INFINITY,
    "How long calls are kept, in days, or `forever`.",
    { name: "retention" },
  ),
  content: defaulted(flag, standard.ledger.content, "Whether prompts and answers are kept, for `route eval` and `what-if`."),
});

const ledgerForm: Form<LedgerConfiguration> = {
  ...ledger,
  read: (said) => withoutInfinity(ledger.read(said)),
  // Left undefined on purpose, days mean forever; left out, the default.
  fill: (given) => {
    const isForever =
      typeof given === "object" && given !== null && "retentionDays" in given && given.retentionDays === undefined;
    return withoutInfinity(ledger.fill(isForever ? { ...given, retentionDays: Number.POSITIVE_INFINITY } : given));
  },
  write: ({ retentionDays = Number.POSITIVE_INFINITY, content }) => ledger.write({ retentionDays, content }),
};

function withoutInfinity({
  retentionDays,
  content,
}: {
  readonly retentionDays: number;
  readonly content: boolean;
}): LedgerConfiguration {
  return { retentionDays: Number.isFinite(retentionDays) ? retentionDays : undefined, content };
}

const telemetry = object<TelemetryConfiguration>({
  logLevel: defaulted(
    choice("debug", "info", "warn", "error", "silent"),
    standard.telemetry.logLevel,
    "From which level on something is logged.",
  ),
  logFormat: optional(choice("json", "text"), "How a line of the log looks.", { defaultText: "text on a terminal, else json" }),
  metrics: defaulted(flag, standard.telemetry.metrics, "Prometheus at `/metrics`."),
  traces: optional(flag, "OpenTelemetry spans.", { defaultText: "when an SDK is registered in the process" }),
});

export const configurationForm: Form<ConfigurationDraft> = object<ConfigurationDraft>({
  server: defaulted(server, () => server.fill({}), "The HTTP server."),
  store: defaulted(
    storeForm,
    standard.store,
    "Where the gateway keeps what it must not lose: `memory`, `sqlite:FILE`, `postgres://…`, or `env:NAME`, which holds such an address.",
  ),
  providers: defaulted(
    named(providerForm, providerName),
    () => ({}),
    "Who serves models, by the name before the colon in `provider:model`.",
  ),
  models: defaulted(
    named(routeForm, routeName),
    () => ({}),
    "What clients call, by name: a model, a list of models, or a route.",
  ),
  agents: defaulted(named(agentForm, plainName), () => ({}), "Which model for which agent, by the agent's name."),
  teams: defaulted(named(teamForm, plainName), () => ({}), "Teams, by name."),
  keys: defaulted(
    named(keyForm, plainName),
    () => ({}),
    "Keys that stand in this file, by name. Others are made with `dragoman keys create`.",
  ),
  limits: defaulted(list(limitForm), () => [], "Limits of all calls, or of those that `of` names."),
  budgets: defaulted(list(limitForm), () => [], "The same list under another name, for US dollars and tokens."),
  cache: defaulted(cache, () => cache.fill({}), "Answers of earlier, equal calls."),
  failing: defaulted(failing, () => failing.fill({}), "What happens when a vendor fails."),
  ledger: defaulted(ledgerForm, () => ledgerForm.fill({}), "What is kept of calls."),
  telemetry: defaulted(telemetry, () => telemetry.fill({}), "What is told outside."),
  preferred: defaulted(
    named(text, anyName),
    () => ({}),
    "Which provider a bare model id means where several claim it, by model id.",
  ),
  directModels: optional(flag, "Whether models may be called that no route names, as `provider:model`.", {
    defaultText: "true without `models`, else false",
  }),
});
