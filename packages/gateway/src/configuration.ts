/**
 * What a gateway is told, as values: durations in milliseconds, defaults filled in, names checked. `config/` reads it from
 * YAML or TOML, where keys are snake_case; a program may write it down itself and leave out what has a default.
 */
import type { CapabilityName, ProviderConfiguration, Timeouts } from "@dragoman/llm";

/** Everything, with its defaults. */
export interface GatewayConfiguration {
  readonly server: ServerConfiguration;
  readonly store: StoreConfiguration;
  readonly providers: Readonly<Record<string, ProviderEntry>>;
  /** What clients call, by name. A model that stands here hides one of the same name at a provider. */
  readonly models: Readonly<Record<string, ModelRoute>>;
  /** Which model for which agent, by the agent's name. */
  readonly agents: Readonly<Record<string, AgentEntry>>;
  readonly teams: Readonly<Record<string, TeamEntry>>;
  /** Keys that stand in the file. Others are made with `dragoman keys create` or by the admin API. */
  readonly keys: Readonly<Record<string, KeyEntry>>;
  /** Limits and budgets, those of providers, teams, keys and agents included, each with its `of`. */
  readonly limits: readonly LimitRule[];
  readonly cache: ResponseCacheConfiguration;
  readonly failing: FailingConfiguration;
  readonly ledger: LedgerConfiguration;
  readonly telemetry: TelemetryConfiguration;
  /** Which provider a bare model id means where several claim it, by model id. */
  readonly preferred: Readonly<Record<string, string>>;
  /** Whether models may be called that no route names, as `provider:model`. Default true without routes, else false. */
  readonly directModels: boolean;
}

/** The HTTP server. */
export interface ServerConfiguration {
  /** Default `127.0.0.1`. */
  readonly host: string;
  /** Default 4242. */
  readonly port: number;
  /** Whether a caller needs a key. Beyond loopback it always does. Default: false on loopback while no key exists. */
  readonly requireKey: boolean | undefined;
  /** Web pages that may call. Default: those of this machine. */
  readonly allowedOrigins: readonly string[];
  /** Proxies whose `x-forwarded-for` is believed, as CIDR. Default: none. */
  readonly trustedProxies: readonly string[];
  /** Default 32 MiB. */
  readonly bodyBytesMax: number;
  /** How long a client may take to send headers and body. Default 120 000. */
  readonly requestTimeoutMs: number;
  /** Connections at once; more are closed as they come. Default 10 000. */
  readonly connectionsMax: number;
  /** How long a client may read nothing of what waits for it, before its connection is ended. Default 120 000. */
  readonly unreadMsMax: number;
  /** Calls of one key that run at once, streams included. Default 200. */
  readonly callsPerKeyMax: number;
  /** How long running calls may go on after a signal to stop. Default 30 000. */
  readonly drainMs: number;
}

/** Where the gateway keeps what it must not lose. */
export type StoreConfiguration =
  | { readonly type: "memory" }
  | { readonly type: "sqlite"; readonly file: string }
  /** Shared by several nodes; each keeps a local file as well. `url` may be a reference, as `env:DATABASE_URL`. */
  | { readonly type: "postgres"; readonly url: string; readonly file: string; readonly node: string; readonly leaseMs: number };

/** A provider of the library, with what the gateway adds. */
export interface ProviderEntry extends ProviderConfiguration {
  /** The model that is meant where a caller names the provider alone. */
  readonly defaultModel?: string;
  /** Models that stand in when this provider fails, as `provider:model` or a route's name. */
  readonly fallback?: readonly string[];
}

/** How one of several targets is chosen. */
export type RouteStrategy = "order" | "weight" | "latency" | "cost";

/** A name that clients call, and what stands behind it. */
export interface ModelRoute {
  readonly targets: readonly RouteTargetEntry[];
  /** Default `order`. */
  readonly strategy: RouteStrategy;
  /** Asked in turn when all targets have failed. */
  readonly fallback: readonly RouteTargetEntry[];
  /** Asked, instead of `fallback`, when the prompt overflows a context window. Default: those of the others that are larger. */
  readonly overflow: readonly RouteTargetEntry[];
  /** Whether a session stays with the target that holds its prompt cache. Default true. */
  readonly sticky: boolean;
  /** When a stream is given out. Overrides `failing.commit`. */
  readonly commit?: Commit;
  readonly timeouts?: Timeouts;
  /** Overrides `failing.attemptsPerTarget`. */
  readonly attemptsPerTarget?: number;
  readonly complexity?: ComplexityConfiguration;
  /** False: answers of this route are never cached. Default: as `cache` says. */
  readonly cache?: boolean;
}

/** One model that may answer. */
export interface RouteTargetEntry {
  /** As `provider:model`. */
  readonly model: string;
  /** Share among targets of the same order. Default 1. */
  readonly weight: number;
  /** Only the eligible targets of the lowest order are chosen from. Default 0. */
  readonly order: number;
  readonly when?: TargetCondition;
  readonly timeouts?: Timeouts;
}

/** All that is named must hold. */
export interface TargetCondition {
  readonly tags?: Readonly<Record<string, string>>;
  readonly teams?: readonly string[];
  readonly agents?: readonly string[];
  /** Of the prompt, estimated. */
  readonly inputTokensMin?: number;
  readonly inputTokensMax?: number;
  readonly tools?: boolean;
  readonly images?: boolean;
  readonly output?: "text" | "json";
  readonly capabilities?: readonly CapabilityName[];
}

/** Simple tasks to a cheaper model. Decided here, without a call. */
export interface ComplexityConfiguration {
  /** `shadow` only writes down what it would have done. Default `shadow`. */
  readonly mode: "off" | "shadow" | "act";
  /** Asked for tasks that are judged simple; as `provider:model`. */
  readonly simple: string;
  /** Below this score a task is simple. 0 to 1. Default 0.35. */
  readonly simpleBelow: number;
  /** Within this distance of the border the scorer abstains, and nothing changes. Default 0.1. */
  readonly margin: number;
}

/** When a stream is given out: at its first token, after so many characters, or only when it is whole. */
export type Commit = "first-token" | "full" | { readonly characters: number };

/** What an agent is given. */
export interface AgentEntry {
  /** A route, or `provider:model`. The agent may call it under the name `agent:<name>`, or by sending its own name. */
  readonly model: string;
}

/** What a team may do. */
export interface TeamEntry {
  /** Names of routes and models, `*` at the end for any rest. Default: all. */
  readonly models?: readonly string[];
}

/** A key in the file. The key itself never stands there. */
export interface KeyEntry {
  /** Where the key is: `env:NAME`, `file:PATH` or `exec:COMMAND`. */
  readonly key: string;
  readonly team?: string;
  readonly restrictions: KeyRestrictions;
}

/** What a key may do. Absent: no restriction of that kind. */
export interface KeyRestrictions {
  readonly models?: readonly string[];
  /** Paths under which it may call, as `/v1/chat/completions`; `*` at the end for any rest. */
  readonly paths?: readonly string[];
  /** Addresses from which it may call, as CIDR. */
  readonly addresses?: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Whether it may use the admin API. Default false. */
  readonly admin?: boolean;
}

/** By what calls are told apart, for limits and for figures. */
export type Dimension = "provider" | "model" | "route" | "key" | "team" | "agent" | "session" | "user";

/** What is counted. Tokens are input and output together; concurrency is calls under way. */
export type LimitMetric = "requests" | "tokens" | "input-tokens" | "output-tokens" | "usd" | "concurrency";

/** The span over which is counted. A calendar's span begins at midnight of its time zone; weeks begin on Monday. */
export type LimitWindow =
  | { readonly type: "rolling"; readonly ms: number }
  | { readonly type: "calendar"; readonly unit: "hour" | "day" | "week" | "month" | "year"; readonly timeZone: string }
  /** What is under way: concurrency, and nothing else. */
  | { readonly type: "now" };

/** A limit or a budget: so much of something, in a window, for whom. */
export interface LimitRule {
  /** For messages and figures; unique. */
  readonly name: string;
  readonly metric: LimitMetric;
  /** More than 0. */
  readonly amount: number;
  readonly window: LimitWindow;
  /** Which calls: every dimension that is named has one of these values. Empty: all calls. */
  readonly of: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  /** A count of its own for each value of these. Empty: one count. */
  readonly each: readonly Dimension[];
  /** What to do with a call that finds no room: refuse it, or let it wait its turn. Default `refuse`. */
  readonly overflow:
    | { readonly type: "refuse" }
    | { readonly type: "queue"; readonly waitMaxMs: number; readonly lengthMax: number };
  /** Of `usd` alone: calls whose price is unknown. Default `block`. */
  readonly unknownPrice: "block" | "allow" | "flag";
  /** Shares of the amount at which a warning is given, as 0.8. */
  readonly warnAt: readonly number[];
}

/** Answers of earlier, equal calls. */
export interface ResponseCacheConfiguration {
  /** Default false. */
  readonly enabled: boolean;
  /** `redis://…` and the like go through Keyv. Default `memory`. */
  readonly store: "memory" | "store" | { readonly keyv: string };
  /** Default 300 000. */
  readonly timeToLiveMs: number;
  /** Who shares answers: the calls of one key, of one team, or of one session. Never more than one tenant. Default `team`. */
  readonly scope: "key" | "team" | "session";
}

/** What happens when a vendor fails. The defaults, each with its reason, stand in docs/failing-well.md. */
export interface FailingConfiguration {
  /** Of one target, the first included. Default 2. */
  readonly attemptsPerTarget: number;
  /** In all, over all targets. Default 6. */
  readonly attemptsMax: number;
  /** A vendor that asks to wait longer is left for the next target, or the client is told. Default 2 000. */
  readonly waitMaxMs: number;
  /** Default `first-token`. */
  readonly commit: Commit;
  /**
   * Deadlines of every attempt that has no others. Default: 5 s to a connection, 120 s to the first token of a stream and between two
   * pieces, 300 s to the head, which is the whole of an answer that is not streamed.
   */
  readonly timeouts: Timeouts;
  readonly breaker: BreakerConfiguration;
}

/** When a target is left alone for a while. */
export interface BreakerConfiguration {
  /** Failures within the window, in a row or as a share. Default 5. */
  readonly failures: number;
  /** Share of failures among calls within the window, from which it opens. Default 0.5. */
  readonly share: number;
  /** Default 60 000. */
  readonly windowMs: number;
  /** How long it stays open before one call is let through as a probe; doubled at each failed probe up to `openMsMax`. Default 10 000. */
  readonly openMs: number;
  /** Default 300 000. */
  readonly openMsMax: number;
}

/** What is kept of calls. */
export interface LedgerConfiguration {
  /** Days; undefined keeps them for good. Default 400. */
  readonly retentionDays: number | undefined;
  /** Whether prompts and answers are kept, for `route eval` and `what-if`. Default false. */
  readonly content: boolean;
}

/** What is told outside. */
export interface TelemetryConfiguration {
  /** Default `info`. */
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Default `json` where standard output is no terminal. */
  readonly logFormat: "json" | "text" | undefined;
  /** Prometheus at `/metrics`. Default true. */
  readonly metrics: boolean;
  /** OpenTelemetry spans. Default: when an SDK is registered in the process. */
  readonly traces: boolean | undefined;
}
